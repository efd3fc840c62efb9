"""Promises of the chat: it reads a pipe, answers in order, and ends at end of file."""

from __future__ import annotations

import io

import pytest

from terminal.ask import Asker
from terminal.chat import chat
from tests.terminal.fakes import FakeAnswers


class Terminal(io.StringIO):
    """Text that is typed by a person."""

    def isatty(self) -> bool:
        """Say that somebody sits here."""
        return True


def ask_all(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, first: tuple[str, ...] = ()) -> list[str]:
    answers = FakeAnswers()
    monkeypatch.setattr("sys.stdin", stdin)
    assert chat(Asker(answers, "shared", 0.5), first) == 0
    return [question for question, _ in answers.asked]


def test_pipe_is_answered_to_its_end(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Each line of a pipe is a question, blank ones aside; each answer stands under its question."""
    asked = ask_all(monkeypatch, io.StringIO("answer\n\n  closest \nexit"))
    out, err = capfd.readouterr()

    assert asked == ["answer", "closest", "exit"]
    assert [line for line in out.splitlines() if line.startswith("? ")] == ["? answer", "? closest", "? exit"]
    assert err == ""


def test_sample_question_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions that are given beforehand are answered before those that are read."""
    assert ask_all(monkeypatch, io.StringIO("closest\n"), ("answer",)) == ["answer", "closest"]


def test_refused_question_does_not_end_the_chat(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What cannot be answered is told on standard error, and the next question is taken."""
    assert ask_all(monkeypatch, io.StringIO("refuse\nanswer\n")) == ["refuse", "answer"]
    assert capfd.readouterr().err == "Not today.\n"


def test_person_is_told_how_to_leave(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """At a terminal a hint comes first, the prompt stays out of a redirected result, and `exit` leaves."""
    assert ask_all(monkeypatch, Terminal("answer\nexit\nclosest\n")) == ["answer"]
    out, err = capfd.readouterr()

    assert "`exit` or the end of file" in err
    assert out.startswith("> Ada Brook")


def test_end_of_file_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal, too, the end of file ends the chat."""
    assert ask_all(monkeypatch, Terminal("answer\n")) == ["answer"]

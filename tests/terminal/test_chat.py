"""Promises of the chat: it reads a pipe, answers in order, and ends at end of file."""

from __future__ import annotations

import io

import pytest

from qa.conversation.follow_ups import Turn
from terminal.ask import Asker
from terminal.chat import chat
from tests.terminal.fakes import TEXT, FakeAnswers


class Terminal(io.StringIO):
    """Text that is typed by a person."""

    def isatty(self) -> bool:
        """Say that somebody sits here."""
        return True


def ask_all(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, first: tuple[str, ...] = ()) -> list[str]:
    return [question for question, _ in talk(monkeypatch, stdin, first).asked]


def talk(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, first: tuple[str, ...] = ()) -> FakeAnswers:
    answers = FakeAnswers()
    monkeypatch.setattr("sys.stdin", stdin)
    assert chat(Asker(answers, "shared", 0.5), first) == 0
    return answers


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


def test_chat_remembers_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question comes after the questions before it and the first quote of each; a refused one is forgotten."""
    histories = talk(monkeypatch, io.StringIO("answer\nrefuse\nnothing\nclosest\n")).histories
    answered = (Turn("user", "answer"), Turn("assistant", TEXT))

    assert histories == [(), answered, answered, (*answered, Turn("user", "nothing"))]


def test_new_forgets_what_was_said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """At a terminal `new` is no question: what comes after it stands alone. The hint tells of it."""
    answers = talk(monkeypatch, Terminal("answer\nnew\nclosest\n"))

    assert [question for question, _ in answers.asked] == ["answer", "closest"]
    assert answers.histories == [(), ()]
    assert "`new` forgets" in capfd.readouterr().err


def test_long_chat_forgets_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a chat is, a bounded number of turns is kept, the latest ones."""
    histories = talk(monkeypatch, io.StringIO("".join(f"nothing {number}\n" for number in range(100)))).histories

    assert len(histories[-1]) == 24
    assert histories[-1][-1] == Turn("user", "nothing 98")

"""Tests of the chat: it reads a pipe, answers in order, and ends at end of file."""

from __future__ import annotations

import io

import pytest

from qa.conversation.follow_ups import Turn
from terminal.ask import Asker
from terminal.chat import chat
from tests.terminal.fakes import TEXT, FakeAnswers


class Terminal(io.StringIO):
    """Standard input of a terminal."""

    def isatty(self) -> bool:
        """Return True, as for a terminal."""
        return True


def ask_all(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, first: tuple[str, ...] = ()) -> list[str]:
    return [question for question, _ in talk(monkeypatch, stdin, first).asked]


def talk(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, first: tuple[str, ...] = ()) -> FakeAnswers:
    answers = FakeAnswers()
    monkeypatch.setattr("sys.stdin", stdin)
    assert chat(Asker(answers, "shared", 0.5), first) == 0
    return answers


def test_pipe_is_answered_to_its_end(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Each line of a pipe that is not blank is a question, printed above its answer."""
    asked = ask_all(monkeypatch, io.StringIO("answer\n\n  closest \nexit"))
    out, err = capfd.readouterr()

    assert asked == ["answer", "closest", "exit"]
    assert [line for line in out.splitlines() if line.startswith("? ")] == ["? answer", "? closest", "? exit"]
    assert err == ""


def test_sample_question_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The `first` questions are answered before those that are read."""
    assert ask_all(monkeypatch, io.StringIO("closest\n"), ("answer",)) == ["answer", "closest"]


def test_refused_question_does_not_end_the_chat(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A question that is refused is reported on standard error, and the next one is answered."""
    assert ask_all(monkeypatch, io.StringIO("refuse\nanswer\n")) == ["refuse", "answer"]
    assert capfd.readouterr().err == "Not today.\n"


def test_person_is_told_how_to_leave(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """In a terminal a hint is printed first, the prompt stays out of a redirected result, and `exit` ends the chat."""
    assert ask_all(monkeypatch, Terminal("answer\nexit\nclosest\n")) == ["answer"]
    out, err = capfd.readouterr()

    assert "`exit` or the end of file" in err
    assert out.startswith("> Ada Brook")


def test_end_of_file_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of file ends the chat in a terminal, too."""
    assert ask_all(monkeypatch, Terminal("answer\n")) == ["answer"]


def test_chat_remembers_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The history has the earlier questions with the first quote of each, without refused ones."""
    histories = talk(monkeypatch, io.StringIO("answer\nrefuse\nnothing\nclosest\n")).histories
    answered = (Turn("user", "answer"), Turn("assistant", TEXT))

    assert histories == [(), answered, answered, (*answered, Turn("user", "nothing"))]


def test_new_forgets_what_was_said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """In a terminal `new` clears the history instead of being asked. The hint mentions it."""
    answers = talk(monkeypatch, Terminal("answer\nnew\nclosest\n"))

    assert [question for question, _ in answers.asked] == ["answer", "closest"]
    assert answers.histories == [(), ()]
    assert "`new` forgets" in capfd.readouterr().err


def test_long_chat_forgets_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the latest turns are kept, however long the chat is."""
    histories = talk(monkeypatch, io.StringIO("".join(f"nothing {number}\n" for number in range(100)))).histories

    assert len(histories[-1]) == 24
    assert histories[-1][-1] == Turn("user", "nothing 98")

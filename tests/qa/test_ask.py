"""Promises of asking with a last check: only verified quotes are shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.sqlite_errors import DamagedError, damaged_library
from qa.ask import QuotesChangedError, ask_checked
from qa.outcome import Answer, Closest, Outcome
from tests.cogs.fakes import FakeAnswers
from tests.stand_in import Asked


def test_sound_quotes_pass() -> None:
    """An outcome whose quotes are all verified is returned as it is, after one attempt."""
    answers = FakeAnswers()

    outcome = ask_checked(answers, "who?", ("shared",))

    assert isinstance(outcome, Answer)
    assert len(outcome.quotes) == 3
    assert len(answers.asked) == 1


def test_three_quotes_unless_more_are_wanted() -> None:
    """Three quotes are returned unless the caller asks for more."""
    answers = FakeAnswers()

    ask_checked(answers, "who?", ("shared",))
    ask_checked(answers, "who?", ("shared",), most=9)

    assert answers.most == [3, 9]


def test_asked_again_after_a_change() -> None:
    """If a quote does not match its article any more, the question is asked once more."""
    answers = FakeAnswers()
    answers.sound = lambda _: len(answers.asked) > 1

    assert len(ask_checked(answers, "who?", ("shared",)).quotes) == 3
    assert len(answers.asked) == 2


def test_unsound_quotes_are_left_out() -> None:
    """A quote that fails twice is left out; the others are shown."""
    answers = FakeAnswers()
    answers.sound = lambda quote: "second" not in quote.text

    outcome = ask_checked(answers, "who?", ("shared",))

    assert isinstance(outcome, Answer)
    assert [quote.text[:7] for quote in outcome.quotes] == ["The lig", "A third"]


def test_without_its_best_quote_it_is_no_answer() -> None:
    """If the first quote is gone, the others are shown as closest passages with their own confidence."""
    answers = FakeAnswers()
    answers.sound = lambda quote: "lighthouse" not in quote.text

    outcome = ask_checked(answers, "who?", ("shared",))

    assert isinstance(outcome, Closest)
    assert outcome.confidence == outcome.quotes[0].confidence == 0.6


def test_nothing_sound_is_said() -> None:
    """If no quote can be verified, QuotesChangedError is raised."""
    answers = FakeAnswers()
    answers.sound = lambda _: False

    with pytest.raises(QuotesChangedError):
        ask_checked(answers, "who?", ("shared",))


def test_what_the_models_do_not_read_is_kept() -> None:
    """The language of the question is kept where the outcome is built anew without its first quote."""

    class Unread(FakeAnswers):
        def outcome(self, asked: Asked) -> Outcome:
            return replace(super().outcome(asked), unread_language="de")

    answers = Unread()
    answers.sound = lambda quote: "lighthouse" not in quote.text

    assert ask_checked(answers, "wer?", ("shared",)).unread_language == "de"


class Unreadable(FakeAnswers):
    """Answers from libraries of which some cannot be read."""

    unreadable = ("shared",)

    def outcome(self, asked: Asked) -> Outcome:
        for name in asked.library_names:
            if name in self.unreadable:
                raise damaged_library(Path("libraries") / name / "catalog.db", "it is damaged")
        return super().outcome(asked)


def test_a_library_that_cannot_be_read_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """The others are answered from; the operator finds it in the log."""
    answers = Unreadable()

    outcome = ask_checked(answers, "who?", ("guild-1", "shared"))

    assert isinstance(outcome, Answer)
    assert answers.asked[-1] == ("who?", ("guild-1",))
    assert "libraries alone: The library file shared/catalog.db cannot be read" in caplog.text


@pytest.mark.parametrize("names", [("guild-1", "shared"), ("shared",)])
def test_what_may_be_in_it_is_not_called_not_covered(names: tuple[str, ...]) -> None:
    """If the other libraries do not answer, or there are none, the error is raised."""
    with pytest.raises(DamagedError, match=r"shared/catalog\.db"):
        ask_checked(Unreadable(), "unknown thing?", names)


def test_no_library_can_be_read() -> None:
    """The error of one is raised."""
    answers = Unreadable()
    answers.unreadable = ("guild-1", "shared")

    with pytest.raises(DamagedError, match=r"/catalog\.db"):
        ask_checked(answers, "who?", ("guild-1", "shared"))

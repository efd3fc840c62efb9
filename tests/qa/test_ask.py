"""Promises of asking with a last check: only verified quotes are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from index.models import OperatorError
from qa.ask import QuotesChangedError, ask_checked, ask_readable
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


class Damaged(FakeAnswers):
    """Answers that fail with libraries that cannot be read."""

    damaged: frozenset[str] = frozenset()

    def outcome(self, asked: Asked) -> Outcome:
        """Raise OperatorError if one of the libraries is damaged."""
        if self.damaged.intersection(asked.library_names):
            raise OperatorError("catalog.db is damaged")
        return super().outcome(asked)


@pytest.mark.parametrize("damaged", ["own", "shared"])
def test_a_library_that_cannot_be_read_is_left_out(damaged: str) -> None:
    """The other one answers; whether it is not covered is not known."""
    answers = Damaged()
    answers.damaged = frozenset({damaged})

    assert isinstance(ask_checked(answers, "who?", ("own", "shared")), Answer)
    with pytest.raises(OperatorError):
        ask_checked(answers, "unknown thing", ("own", "shared"))


def test_no_library_can_be_read() -> None:
    """The operator's error is raised, for one library and for several."""
    answers = Damaged()
    answers.damaged = frozenset({"own", "shared"})

    for names in (("shared",), ("own", "shared")):
        with pytest.raises(OperatorError):
            ask_checked(answers, "who?", names)


def test_several_that_can_be_read_are_asked_together() -> None:
    """Only the damaged one of three is left out."""

    def ask(names: Sequence[str]) -> list[str]:
        if "b" in names:
            raise OperatorError("b is damaged")
        return list(names)

    found, trouble = ask_readable(["a", "b", "c"], ask)
    assert found == ["a", "c"]
    assert str(trouble) == "b is damaged"
    assert ask_readable(["a", "c"], ask) == (["a", "c"], None)

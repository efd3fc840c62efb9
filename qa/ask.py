"""Asks a question, with a last check that every quote is still verbatim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol

from index.stage_times import stage
from qa.conversation.follow_ups import Turn
from qa.outcome import ClaimSources, Closest, NotCovered, Outcome, Quote
from qa.pins.pinned import Pin


class QuotesChangedError(Exception):
    """No quote of an outcome matches the stored text any more, because the articles were replaced meanwhile."""


class Answers(Protocol):
    """Answers questions and verifies quotes, such as `qa.answerer.Answerer`; called on the worker thread only."""

    def ask(
        self,
        question: str,
        library_names: Sequence[str],
        history: Sequence[Turn] = (),
        *,
        article_id: int | None = None,
        most: int = 3,
        pins: Sequence[Pin] = (),
    ) -> Outcome:
        """Return the outcome of a question in these libraries, or in one article of them, with at most `most` quotes.

        `history` are the earlier turns, oldest first; a pin for the question comes first. Raises UserError with a
        sentence to show.
        """
        ...

    def sources(self, claim: str, library_names: Sequence[str]) -> ClaimSources:
        """Return the sentences most similar to a statement. Raises UserError with a sentence to show."""
        ...

    def without(self, hidden: Mapping[str, AbstractSet[int]]) -> Answers:
        """Return answers to which these articles do not exist; `hidden` are their ids by library name."""
        ...

    def verify(self, quote: Quote) -> bool:
        """Whether the quote's text is exactly a slice of its article as stored now."""
        ...


def ask_checked(  # noqa: PLR0913 - it takes what `ask` takes
    answers: Answers,
    question: str,
    library_names: Sequence[str],
    history: Sequence[Turn] = (),
    *,
    article_id: int | None = None,
    most: int = 3,
    pins: Sequence[Pin] = (),
) -> Outcome:
    """Ask a question and check each quote against the stored text; return the outcome.

    A quote fails if its article was replaced in between; the question is then asked once more. Quotes that fail again
    are dropped; if the first one is, the outcome is `Closest` at most.

    Raises QuotesChangedError if no quote remains.
    """
    for _ in range(2):
        outcome = answers.ask(question, library_names, history, article_id=article_id, most=most, pins=pins)
        with stage("check"):
            sound = tuple(quote for quote in outcome.quotes if answers.verify(quote))
        if len(sound) == len(outcome.quotes):
            return outcome
    if isinstance(outcome, NotCovered) or not sound:
        raise QuotesChangedError
    if sound[0] == outcome.quotes[0]:
        return replace(outcome, quotes=sound)
    closest = Closest(question, sound[0].confidence, sound, outcome.elapsed_ms, outcome.understood)
    return replace(closest, unread_language=outcome.unread_language)

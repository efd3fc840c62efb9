"""Asks a question, with a last check that every quote is still verbatim."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol, TypeVar

from index.models import OperatorError
from qa.conversation.follow_ups import Turn
from qa.outcome import ClaimSources, Closest, NotCovered, Outcome, Quote
from qa.pins.pinned import Pin

T = TypeVar("T")

_log = logging.getLogger(__name__)


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

    Libraries that cannot be read are left out. Raises OperatorError if none can be read, or if the others do not cover
    the question: one that could not be read may. Raises QuotesChangedError if no quote remains.
    """

    def ask(names: Sequence[str]) -> Outcome:
        return _ask_verified(answers, question, names, history, article_id=article_id, most=most, pins=pins)

    outcome, trouble = ask_readable(library_names, ask)
    if trouble and isinstance(outcome, NotCovered):
        raise trouble
    return outcome


def ask_readable(names: Sequence[str], ask: Callable[[Sequence[str]], T]) -> tuple[T, OperatorError | None]:
    """Ask libraries, without those that cannot be read; return the result, and why one was left out.

    Each that is left out is logged for the operator. Raises OperatorError if no library can be read.
    """
    try:
        return ask(names), None
    except OperatorError as error:
        if len(names) < 2:
            raise
        trouble = error
    found: dict[str, T] = {}
    for name in names:
        try:
            found[name] = ask([name])
        except OperatorError as error:
            trouble = error
            _log.error("Questions are answered without the library %r: %s", name, error)
    if not found:
        raise trouble
    return (next(iter(found.values())) if len(found) == 1 else ask(list(found))), trouble


def _ask_verified(  # noqa: PLR0913 - it takes what `ask` takes
    answers: Answers,
    question: str,
    library_names: Sequence[str],
    history: Sequence[Turn],
    *,
    article_id: int | None,
    most: int,
    pins: Sequence[Pin],
) -> Outcome:
    """Ask a question and check each quote, as `ask_checked` does, in libraries that can all be read."""
    for _ in range(2):
        outcome = answers.ask(question, library_names, history, article_id=article_id, most=most, pins=pins)
        sound = tuple(quote for quote in outcome.quotes if answers.verify(quote))
        if len(sound) == len(outcome.quotes):
            return outcome
    if isinstance(outcome, NotCovered) or not sound:
        raise QuotesChangedError
    if sound[0] == outcome.quotes[0]:
        return replace(outcome, quotes=sound)
    closest = Closest(question, sound[0].confidence, sound, outcome.elapsed_ms, outcome.understood)
    return replace(closest, unread_language=outcome.unread_language)

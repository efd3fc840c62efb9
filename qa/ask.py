"""Asks a question, with a last check that every quote is still verbatim."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from index.libraries.visible_part import HiddenIds
from index.sqlite_errors import StorageError
from index.stage_times import stage
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

    def without(self, hidden: Mapping[str, HiddenIds]) -> Answers:
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

    A library that cannot be read is left out, unless the others have nothing to quote: then its StorageError is raised,
    because the answer may be in it. Raises QuotesChangedError if no quote remains.
    """

    def ask(names: Sequence[str]) -> Outcome:
        return answers.ask(question, names, history, article_id=article_id, most=most, pins=pins)

    for _ in range(2):
        outcome = ask_readable(ask, library_names)
        with stage("check"):
            sound = tuple(quote for quote in outcome.quotes if answers.verify(quote))
        if len(sound) == len(outcome.quotes):
            return outcome
    if isinstance(outcome, NotCovered) or not sound:
        raise QuotesChangedError
    if sound[0] == outcome.quotes[0]:
        return replace(outcome, quotes=sound, alternatives=())
    closest = Closest(question, sound[0].confidence, sound, outcome.elapsed_ms, outcome.understood)
    return replace(closest, unread_language=outcome.unread_language)


def ask_readable(ask: Callable[[Sequence[str]], T], library_names: Sequence[str]) -> T:
    """Return the outcome of `ask` for the libraries that can be read. Raises StorageError if that is not covered."""
    try:
        return ask(library_names)
    except StorageError as error:
        others = [name for name in library_names if error.path is None or error.path.parent.name != name]
        if not others or len(others) == len(library_names):
            raise
        _log.error("A question is put to the other libraries alone: %s", error)
        outcome = ask_readable(ask, others)
        if isinstance(outcome, NotCovered):
            raise
        return outcome

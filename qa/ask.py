"""One question from the Discord side: which libraries it is put to, and the last check before quotes are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from qa.conversation.follow_ups import Turn
from qa.outcome import ClaimSources, Closest, NotCovered, Outcome, Quote
from qa.pins.pinned import Pin

SHARED: Final = "shared"


class QuotesChangedError(Exception):
    """Every quote of an outcome differs from the text that is stored now: its article was replaced meanwhile."""


class Answers(Protocol):
    """Whoever answers questions and proves quotes; both are called on the worker's thread alone."""

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
        """Return the outcome of `question` over these libraries, or over one article of them, in `most` quotes.

        `history` are the turns before it, oldest first; what is pinned to the question comes first. Raises UserError
        with a sentence to show.
        """
        ...

    def sources(self, claim: str, library_names: Sequence[str]) -> ClaimSources:
        """Return the sentences nearest to a statement; raises UserError with a sentence to show."""
        ...

    def verify(self, quote: Quote) -> bool:
        """Tell whether the quote is, letter for letter, a slice of its article as stored now."""
        ...


def libraries_of(guild_id: int | None) -> tuple[str, ...]:
    """Return the libraries of a question: the server's own and the shared one, in a direct message the latter."""
    return (SHARED,) if guild_id is None else (own_library(guild_id), SHARED)


def own_library(guild_id: int) -> str:
    """Return the name of a server's own library."""
    return f"guild-{guild_id}"


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
    """Return an outcome, of at most `most` quotes, each of which has just been checked against the stored text.

    A quote fails when its article was replaced in between; then the question is put once more. If one fails
    again, it is left out, and what remains is no longer called an answer.

    Raises QuotesChangedError when nothing remains that could be shown.
    """
    for _ in range(2):
        outcome = answers.ask(question, library_names, history, article_id=article_id, most=most, pins=pins)
        sound = tuple(quote for quote in outcome.quotes if answers.verify(quote))
        if len(sound) == len(outcome.quotes):
            return outcome
    if isinstance(outcome, NotCovered) or not sound:
        raise QuotesChangedError
    if sound[0] == outcome.quotes[0]:
        return replace(outcome, quotes=sound)
    return Closest(question, sound[0].confidence, sound, outcome.elapsed_ms, outcome.understood)

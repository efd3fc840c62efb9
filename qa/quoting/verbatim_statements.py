"""Finds where a question that is a statement stands in the passages, word for word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from qa.reading.protocol import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.quoting.quotes import Proposal
    from qa.retrieval.retriever import Candidate

_FEWEST_WORDS: Final = 5
_SCORE: Final = 1.0  # by which its reading exceeds all others


def verbatim_readings(question: str, candidates: Sequence[Candidate], readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings of the candidates' texts, with the places of the statement, if it is one, before them."""
    pattern = _pattern(question)
    if pattern is None:
        return list(readings)
    best = max((reading.score for reading in readings), default=0.0) + _SCORE
    places = [(at, pattern.search(candidate.stored.text)) for at, candidate in enumerate(candidates)]
    stated = [Reading(at, *place.span(), best, exact=False) for at, place in places if place]
    return [*stated, *readings]


def stating(question: str, proposals: Sequence[Proposal]) -> list[int]:
    """Return which proposals have the statement in them; none if the question is no statement."""
    pattern = _pattern(question)
    return [at for at, each in enumerate(proposals) if pattern.search(each.text)] if pattern else []


def _pattern(question: str) -> re.Pattern[str] | None:
    """Return a pattern of the words of a statement, whatever the white space; None for a question or a few words."""
    words = question.split()
    if len(words) < _FEWEST_WORDS or words[-1].rstrip("\"'”’»)").endswith(("?", "？", "؟")):
        return None
    return re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)

"""A baseline: dense search over chunks of at most 300 characters, without lexical search, reader or confidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.community import Place
from index.models import Span
from qa.self_calibration.heading_questions import lies_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.community import SectionQuestion
    from index.passages.embedder import Embedder

CHUNK = 300  # characters
_PARAGRAPH = re.compile(r"(?:#.*\n\s*)*\S(?:.|\n(?!\s*\n))*")  # with the Markdown headings above it


def chunks(text: str, size: int = CHUNK) -> list[Span]:
    """Return consecutive spans of at most `size` code points: as many whole paragraphs as fit, or a part of one.

    A Markdown heading begins a chunk. A longer paragraph is divided at white space, or inside a word that is longer
    than `size`.
    """
    found: list[Span] = []
    for paragraph in _PARAGRAPH.finditer(text):
        for part in _parts(text, paragraph.start(), paragraph.end(), size):
            if found and part.end - found[-1].start <= size and text[part.start] != "#":
                found[-1] = Span(found[-1].start, part.end)
            else:
                found.append(part)
    return found


def _parts(text: str, start: int, end: int, size: int) -> Iterator[Span]:
    """Yield consecutive spans of `start:end` of at most `size` code points."""
    while end - start > size:
        space = max(text.rfind(" ", start + 1, start + size), text.rfind("\n", start + 1, start + size))
        cut = space + 1 if space > 0 else start + size
        yield Span(start, cut)
        start = cut
    yield Span(start, end)


def ranked_hits(embedder: Embedder, texts: dict[str, str], questions: Sequence[SectionQuestion]) -> np.ndarray:
    """Return whether each of the three nearest chunks is right, as an array of shape (questions, 3)."""
    places = [Place(key, span) for key, text in texts.items() for span in chunks(text)]
    vectors = embedder.passages([place.span.of(texts[place.doc_id]) for place in places])
    hits = np.zeros((len(questions), 3), bool)
    for row, question in enumerate(questions):
        nearest = np.argsort(-(vectors @ embedder.query(question.text)), kind="stable")[:3]
        for rank, at in enumerate(nearest):
            hits[row, rank] = any(
                gold.doc_id == places[at].doc_id and lies_in(places[at].span, gold.span) for gold in question.gold
            )
    return hits

"""A baseline: dense search over chunks of about 300 characters, without lexical search, reader or confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.community import Place, lies_in
from index.models import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.community import SectionQuestion
    from index.passages.embedder import Embedder

CHUNK = 300  # characters


def chunks(text: str, size: int = CHUNK) -> list[Span]:
    """Return consecutive spans of at most `size` code points, divided at white space where there is any."""
    found: list[Span] = []
    start = 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            space = max(text.rfind(" ", start + 1, end), text.rfind("\n", start + 1, end))
            end = space + 1 if space > 0 else end
        if text[start:end].strip():
            found.append(Span(start, end))
        start = end
    return found


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

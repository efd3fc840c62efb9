"""From a text to what is stored of it: passages, and the vector of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.incremental import finish
from index.passages.chunker import CHUNKER_VERSION, cutting

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from index.models import Section, Span, StoredPassage
    from index.passages.embedder import Embedder

PASSAGE_TOKENS = 128  # chosen by benchmarks/candidates.py, see benchmarks/RESULTS.md
_CONTEXT_TOKENS = 48  # what title and heading may take of the embedder's window
_SPECIAL_TOKENS = 2


def chunker(embedder: Embedder) -> str:
    """Name the way texts are cut for this embedder: a part of the library's epoch."""
    return f"{CHUNKER_VERSION}/{_budget(embedder)}"


def split(text: str, sections: Sequence[Section], embedder: Embedder) -> list[tuple[Span, str]]:
    """Cut a text into passages that the embedder reads whole: (span, heading) each."""
    return finish(splitting(text, sections, embedder))


def splitting(
    text: str, sections: Sequence[Section], embedder: Embedder
) -> Generator[None, None, list[tuple[Span, str]]]:
    """Do as `split` does in pieces."""
    return cutting(text, sections, embedder.count_tokens, _budget(embedder))


def texts_of(title: str, text: str, spans: Sequence[tuple[Span, str]], embedder: Embedder) -> list[str]:
    """Return what is embedded for each passage: title and heading stand before it, and are never quoted."""
    contexts = {heading: _context(title, heading, embedder) for heading in dict.fromkeys(head for _, head in spans)}
    return [contexts[heading] + span.of(text) for span, heading in spans]


def embed(title: str, text: str, spans: Sequence[tuple[Span, str]], embedder: Embedder) -> np.ndarray:
    """Return the (n, dimension) vectors of passages."""
    return finish(embedding(title, text, spans, embedder, {}, len(spans) + 1))[0]


def embedding(
    title: str,
    text: str,
    spans: Sequence[tuple[Span, str]],
    embedder: Embedder,
    known: dict[str, np.ndarray],
    at_once: int,
) -> Generator[None, None, tuple[np.ndarray, int]]:
    """Compute the (n, dimension) vectors of passages in pieces of `at_once`; return them, and how many were computed.

    `known` are vectors by what was embedded for them; only the others are computed, and put there.
    """
    texts = texts_of(title, text, spans, embedder)
    new = [text for text in dict.fromkeys(texts) if text not in known]
    for at in range(0, len(new), at_once):
        yield
        piece = new[at : at + at_once]
        known.update(zip(piece, embedder.passages(piece), strict=True))
    rows = [known[text] for text in texts]
    return np.stack(rows) if rows else np.empty((0, embedder.dimension), np.float32), len(new)


def embedded(stored: Iterable[StoredPassage], embedder: Embedder) -> dict[str, np.ndarray]:
    """Return the vectors of stored passages of this embedder by what was embedded for them."""
    contexts: dict[tuple[str, str], str] = {}
    found: dict[str, np.ndarray] = {}
    for row in stored:
        place = row.title, row.passage.heading
        if place not in contexts:
            contexts[place] = _context(*place, embedder)
        found[contexts[place] + row.text] = row.vector
    return found


def _budget(embedder: Embedder) -> int:
    return max(16, min(PASSAGE_TOKENS, embedder.max_tokens - _CONTEXT_TOKENS - _SPECIAL_TOKENS))


def _context(title: str, heading: str, embedder: Embedder) -> str:
    """Put title and heading before a passage, shortened until they leave it its room."""
    room = min(_CONTEXT_TOKENS, embedder.max_tokens // 4)
    context = "\n".join(part for part in (title, heading if heading != title else "") if part)
    while context and embedder.count_tokens([context])[0] > room:
        context = context[: len(context) * 3 // 4]
    return f"{context}\n" if context else ""

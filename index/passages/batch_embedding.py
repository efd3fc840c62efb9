"""Splits an article into passages and embeds them, in steps if needed; vectors that are known are reused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.incremental import finish
from index.passages.chunker import CHUNKER_VERSION, chunk_in_steps

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from index.models import Section, Span, StoredPassage
    from index.passages.embedder import Embedder

PASSAGE_TOKENS = 128  # chosen by benchmarks/candidates.py, see benchmarks/RESULTS.md
_CONTEXT_TOKENS = 48  # of the embedder's window, at most, for title and heading
_SPECIAL_TOKENS = 2


def chunker_name(embedder: Embedder) -> str:
    """Name how texts are split for this embedder: part of the index version."""
    return f"{CHUNKER_VERSION}/{_token_budget(embedder)}"


def split(text: str, sections: Sequence[Section], embedder: Embedder) -> list[tuple[Span, str]]:
    """Split a text into passages, (span, heading) each, that fit the embedder's window without being truncated."""
    return finish(split_in_steps(text, sections, embedder))


def split_in_steps(
    text: str, sections: Sequence[Section], embedder: Embedder
) -> Generator[None, None, list[tuple[Span, str]]]:
    """Do the same as `split` in steps of some 40 ms."""
    return chunk_in_steps(text, sections, embedder.count_tokens, _token_budget(embedder))


def embedding_inputs(title: str, text: str, spans: Sequence[tuple[Span, str]], embedder: Embedder) -> list[str]:
    """Return the text embedded for each passage: title and heading, which are never quoted, then the passage."""
    contexts = {
        heading: _context_prefix(title, heading, embedder) for heading in dict.fromkeys(head for _, head in spans)
    }
    return [contexts[heading] + span.of(text) for span, heading in spans]


def embed(title: str, text: str, spans: Sequence[tuple[Span, str]], embedder: Embedder) -> np.ndarray:
    """Return the (n, dimension) float32 vectors of passages, with unit rows."""
    return finish(embed_in_steps(title, text, spans, embedder, {}, len(spans) + 1))[0]


def embed_in_steps(
    title: str,
    text: str,
    spans: Sequence[tuple[Span, str]],
    embedder: Embedder,
    known: dict[str, np.ndarray],
    batch_size: int,
) -> Generator[None, None, tuple[np.ndarray, int]]:
    """Embed passages, at most `batch_size` a step; return the (n, dimension) vectors and how many were computed.

    `known` maps embedded texts to their vectors: only missing ones are computed, and they are added to it.
    """
    texts = embedding_inputs(title, text, spans, embedder)
    new = [text for text in dict.fromkeys(texts) if text not in known]
    for start in range(0, len(new), batch_size):
        yield
        batch = new[start : start + batch_size]
        known.update(zip(batch, embedder.passages(batch), strict=True))
    rows = [known[text] for text in texts]
    return np.stack(rows) if rows else np.empty((0, embedder.dimension), np.float32), len(new)


def vectors_by_input(stored: Iterable[StoredPassage], embedder: Embedder) -> dict[str, np.ndarray]:
    """Return the vectors of stored passages by the text that this embedder made them from."""
    contexts: dict[tuple[str, str], str] = {}
    found: dict[str, np.ndarray] = {}
    for row in stored:
        key = row.title, row.passage.heading
        if key not in contexts:
            contexts[key] = _context_prefix(*key, embedder)
        found[contexts[key] + row.text] = row.vector
    return found


def _token_budget(embedder: Embedder) -> int:
    return max(16, min(PASSAGE_TOKENS, embedder.max_tokens - _CONTEXT_TOKENS - _SPECIAL_TOKENS))


def _context_prefix(title: str, heading: str, embedder: Embedder) -> str:
    """Return the title and heading that precede a passage, shortened to leave room for it."""
    available = min(_CONTEXT_TOKENS, embedder.max_tokens // 4)
    context = "\n".join(part for part in (title, heading if heading != title else "") if part)
    while context and embedder.count_tokens([context])[0] > available:
        context = context[: len(context) * 3 // 4]
    return f"{context}\n" if context else ""

"""Splits an article into passages and embeds them, in steps if needed; vectors that are known are reused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.incremental import finish
from index.passages.chunker import CHUNKER_VERSION, chunk_in_steps
from index.passages.context import INTRODUCTION_TOKENS, NAME_TOKENS, fit_context

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from index.models import Chunk, Section, StoredPassage
    from index.passages.embedder import Embedder

PASSAGE_TOKENS = 128  # chosen by benchmarks/candidates.py, see benchmarks/RESULTS.md
_CONTEXT_TOKENS = 48  # of a small embedder's window, for title, headings and introduction
_SPECIAL_TOKENS = 2
_STEP_PASSAGES = 100  # whose contexts are shortened in one step: some 40 ms


def chunker_name(embedder: Embedder) -> str:
    """Name how texts are split for this embedder: part of the index version."""
    return f"{CHUNKER_VERSION}/{_token_budget(embedder)}"


def split(text: str, sections: Sequence[Section], embedder: Embedder, language: str | None = None) -> list[Chunk]:
    """Split a text into passages that fit the embedder's window without being truncated."""
    return finish(split_in_steps(text, sections, embedder, language))


def split_in_steps(
    text: str, sections: Sequence[Section], embedder: Embedder, language: str | None = None
) -> Generator[None, None, list[Chunk]]:
    """Do the same as `split` in steps of some 40 ms."""
    return chunk_in_steps(text, sections, embedder.count_tokens, _token_budget(embedder), language)


def embed(title: str, text: str, chunks: Sequence[Chunk], embedder: Embedder) -> np.ndarray:
    """Return the (n, dimension) float32 vectors of passages, with unit rows."""
    return finish(embed_in_steps(title, text, chunks, embedder, {}, len(chunks) + 1))[0]


def embed_in_steps(
    title: str,
    text: str,
    chunks: Sequence[Chunk],
    embedder: Embedder,
    known: dict[str, np.ndarray],
    batch_size: int,
) -> Generator[None, None, tuple[np.ndarray, int]]:
    """Embed passages, at most `batch_size` a step; return the (n, dimension) vectors and how many were computed.

    `known` maps embedded texts to their vectors: only missing ones are computed, and they are added to it.
    """
    texts = yield from inputs_in_steps(title, text, chunks, embedder)
    count = yield from embed_inputs_in_steps(texts, embedder, known, batch_size)
    return stacked(texts, known, embedder), count


def embed_inputs_in_steps(
    texts: Iterable[str], embedder: Embedder, known: dict[str, np.ndarray], batch_size: int
) -> Generator[None, None, int]:
    """Embed the texts that `known` has not, at most `batch_size` a step, and add them to it; return how many.

    Texts of similar length are embedded together: within a batch, the model pads all to the longest.
    """
    new = sorted((text for text in dict.fromkeys(texts) if text not in known), key=len)
    for start in range(0, len(new), batch_size):
        yield
        batch = new[start : start + batch_size]
        known.update(zip(batch, embedder.passages(batch), strict=True))
    return len(new)


def stacked(texts: Sequence[str], known: Mapping[str, np.ndarray], embedder: Embedder) -> np.ndarray:
    """Return the (n, dimension) vectors of texts, all of which are known."""
    return np.stack([known[text] for text in texts]) if texts else np.empty((0, embedder.dimension), np.float32)


def inputs_in_steps(
    title: str, text: str, chunks: Sequence[Chunk], embedder: Embedder
) -> Generator[None, None, list[str]]:
    """Return the text embedded for each passage: its context, which is never quoted, then the passage."""
    prefixes = _Prefixes(embedder)
    texts: list[str] = []
    for start in range(0, len(chunks), _STEP_PASSAGES):
        if start:
            yield
        batch = chunks[start : start + _STEP_PASSAGES]
        texts += [prefixes.of(title, one.heading, one.introduction(text)) + one.span.of(text) for one in batch]
    return texts


def vectors_by_input(
    stored: Iterable[StoredPassage], vectors: Mapping[int, np.ndarray], embedder: Embedder
) -> dict[str, np.ndarray]:
    """Return the vectors of stored passages by the text that this embedder and chunker made them from.

    `vectors` are those of the passages by their ids.
    """
    prefixes = _Prefixes(embedder)
    return {
        prefixes.of(row.title, row.passage.heading, row.introduction) + row.text: vectors[row.passage.id]
        for row in stored
        if row.passage.id in vectors
    }


def _token_budget(embedder: Embedder) -> int:
    return max(16, min(PASSAGE_TOKENS, embedder.max_tokens - _CONTEXT_TOKENS - _SPECIAL_TOKENS))


class _Prefixes:
    """The contexts of passages as text to embed, shortened to leave room for the passage; each is made once."""

    def __init__(self, embedder: Embedder) -> None:
        self._count = embedder.count_tokens
        available = embedder.max_tokens - _token_budget(embedder) - _SPECIAL_TOKENS
        self._name_tokens = max(0, min(NAME_TOKENS, available * 2 // 3))
        self._introduction_tokens = max(0, min(INTRODUCTION_TOKENS, available - self._name_tokens))
        self._made: dict[tuple[str, str, str], str] = {}

    def of(self, title: str, heading: str, introduction: str) -> str:
        key = title, heading, introduction
        if key not in self._made:
            limits = self._name_tokens, self._introduction_tokens
            self._made[key] = fit_context(*key, self._count, *limits).prefix
        return self._made[key]

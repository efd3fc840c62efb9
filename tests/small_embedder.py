"""A small fixed embedder without a model: for tests of what is stored, and for processes that must start at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np


class SmallEmbedder:
    """Embeds a text as the sum of pseudo-random vectors of its words: texts that share words are close."""

    def __init__(self, name: str = "small", dimension: int = 32) -> None:
        """Vectors of embedders with different names cannot be compared."""
        self.name = name
        self.revision = "1"
        self.dimension = dimension
        self.max_tokens = 256

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words."""
        return [len(_words(text)) for text in texts]

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, dimension) float32 with unit rows."""
        return np.stack([self.query(text) for text in texts]) if texts else np.empty((0, self.dimension), np.float32)

    def query(self, text: str) -> np.ndarray:
        """Return (dimension,) float32 of unit length."""
        total = np.ones(self.dimension) * 1e-3
        for word in _words(text):
            total += np.random.default_rng(crc32(f"{self.name} {word}".encode())).normal(size=self.dimension)
        vector: np.ndarray = (total / np.linalg.norm(total)).astype(np.float32)
        return vector


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())

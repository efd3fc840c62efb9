"""Vectors for texts that are not embedded yet: a linear map of their words, with a residual as real texts have it.

They stand in for real vectors where embedding a million texts is not to be waited for, and for generated texts in
tests. The map is fitted by ridge regression on texts whose vectors are known.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEATURES = 2048  # of words, by a hash
_RIDGE = 0.3
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Approximation:
    """`weights` (2049, d) maps words and a constant to a vector; `residuals` (n, d) are those of the fitted texts."""

    weights: np.ndarray
    residuals: np.ndarray

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: np.ndarray) -> Self:
        """Fit the map to n texts and their (n, d) unit vectors."""
        gram = np.identity(_FEATURES + 1) * _RIDGE
        target = np.zeros((_FEATURES + 1, vectors.shape[1]))
        for start in range(0, len(texts), 2048):
            rows = np.zeros((len(texts[start : start + 2048]), _FEATURES + 1), np.float32)
            for row, text in zip(rows, texts[start : start + 2048], strict=True):
                places, weight = _features(text)
                np.add.at(row, places, weight)
            gram += rows.T @ rows
            target += rows.T @ vectors[start : start + 2048]
        weights = np.linalg.solve(gram, target).astype(np.float32)
        fitted = cls(weights, np.zeros((1, vectors.shape[1]), np.float32))
        guessed = np.stack([fitted.guess(text) for text in texts])
        return cls(weights, np.asarray(vectors - guessed, np.float32))

    def guess(self, text: str) -> np.ndarray:
        """Return the (d,) vector that the words of a text let expect, not of unit length."""
        places, weight = _features(text)
        summed: np.ndarray = self.weights[places].sum(0) * weight
        return summed

    def of(self, text: str) -> np.ndarray:
        """Return a (d,) float32 unit vector: the expected one and the residual of another text, chosen by a hash."""
        number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
        row = self.guess(text) + self.residuals[number % len(self.residuals)]
        unit: np.ndarray = (row / np.linalg.norm(row)).astype(np.float32)
        return unit


def _features(text: str) -> tuple[np.ndarray, float]:
    """Return the features of a text's words with a constant one, and the weight of each."""
    words = [crc32(word.encode()) % _FEATURES for word in _WORD.findall(text.lower())]
    return np.array([*words, _FEATURES]), (len(words) + 1) ** -0.5

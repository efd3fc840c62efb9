"""Calibration: the probability that a quote answers, from the scores of retrieval and reader.

Logistic regression (Platt scaling with several features; Platt 1999), fitted on articles that were not used in
training. A fit is valid for one pair of embedder and reader; another pair is uncalibrated until
`python -m training.fit_calibration` has fitted it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

SHIPPED = Path(__file__).with_name("calibration.json")
LOCAL = "calibration.json"  # in the data folder: fitted by the operator, preferred to the shipped one
FEATURES = ("reading", "cosine", "coverage")
_UNCALIBRATED = (0.0, 4.0, 1.0), -3.5  # weights and bias: a rough guess from cosine and coverage, to rank by


def features(measures: Sequence[tuple[float, float, float]]) -> np.ndarray:
    """Return the features of n quotes, (n, 3) float64: reader's score, cosine and coverage."""
    return np.array(measures, np.float64).reshape(-1, len(FEATURES))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the features, and a bias. `fitted` is false for a pair of models that is not calibrated."""

    weights: tuple[float, ...]
    bias: float
    fitted: bool

    def confidence(self, rows: np.ndarray) -> np.ndarray:
        """Return (n,) probabilities for (n, 3) features."""
        logits = np.clip(rows @ np.array(self.weights) + self.bias, -30, 30)
        probabilities: np.ndarray = 1 / (1 + np.exp(-logits))
        return probabilities


def pair_name(embedder: str, reader: str) -> str:
    """Return the key of a pair of models in calibration files."""
    return f"{embedder} + {reader}"


def load(embedder: str, reader: str, data_dir: Path | None = None) -> Calibration:
    """Return the calibration of a pair of models: the operator's, else the shipped one, else a rough guess."""
    for path in (data_dir and data_dir / LOCAL, SHIPPED):
        found = _read(path).get(pair_name(embedder, reader)) if path and path.exists() else None
        if found and found["features"] == list(FEATURES):
            return Calibration(tuple(found["weights"]), found["bias"], fitted=True)
    return Calibration(*_UNCALIBRATED, fitted=False)


def save(path: Path, embedder: str, reader: str, weights: Sequence[float], bias: float) -> None:
    """Write a fit to a calibration file, keeping those of other pairs."""
    entry = {"features": list(FEATURES), "weights": [round(float(w), 5) for w in weights], "bias": round(bias, 5)}
    everything = (_read(path) if path.exists() else {}) | {pair_name(embedder, reader): entry}
    path.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found

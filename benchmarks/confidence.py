"""Fits the confidence on judged trials, by article, with scikit-learn.

Logistic regression on the first quote of each question, labelled by whether it holds the answer. What comes first
depends on the fit, so it is fitted more than once, from the reader's own order on.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.harness import Kinds
from qa.reading import calibration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.pipeline_trial import Judged, Trial

# What answerable questions, near misses and off-topic ones count in each set; chosen in RESULTS.md.
_SHARES = (1.0, 0.5, 0.5)
_ROUNDS = 3
_FOLDS = 5


def fit(sets: Sequence[Kinds]) -> tuple[np.ndarray, float]:
    """Return weights and bias."""
    weights, bias = np.array([1.0, *[0.0] * (len(calibration.FEATURES) - 1)]), 0.0
    for _ in range(_ROUNDS):
        rows, hits, shares = _examples(sets, weights)
        model = LogisticRegression(C=10.0, max_iter=1000)
        model.fit(rows, hits, sample_weight=shares / shares.mean())
        weights, bias = model.coef_[0], float(model.intercept_[0])
    return weights, bias


def cross_validated(sets: Sequence[Kinds]) -> Callable[[Trial], Judged]:
    """Return a judge of these trials: each by a calibration that was fitted on the trials of other articles."""
    fits = []
    for fold in range(_FOLDS):
        others = [Kinds(*([t for t in trials if _fold(t) != fold] for trials in kinds)) for kinds in sets]
        weights, bias = fit(others)
        fits.append(calibration.Calibration(tuple(weights.tolist()), bias, fitted=True))
    return lambda trial: trial.judged(fits[_fold(trial)])


def _fold(trial: Trial) -> int:
    return hashlib.blake2b(trial.question.title.encode(), digest_size=1).digest()[0] % _FOLDS


def _examples(sets: Sequence[Kinds], weights: np.ndarray) -> tuple[np.ndarray, list[bool], np.ndarray]:
    """Return each question's first quote by these weights: (n, f) features, whether it answers, what it counts."""
    rows: list[np.ndarray] = []
    hits: list[bool] = []
    shares: list[float] = []
    for kinds in sets:
        for trials, share in zip(kinds, _SHARES, strict=True):
            best = [(trial, int(np.argmax(trial.rows @ weights))) for trial in trials if len(trial.hits)]
            rows += [trial.rows[at] for trial, at in best]
            hits += [bool(trial.hits[at]) for trial, at in best]
            shares += [share / max(1, len(best))] * len(best)
    return np.stack(rows), hits, np.array(shares)

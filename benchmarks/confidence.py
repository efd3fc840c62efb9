"""Fit the confidence of quotes on trials whose hits are known, with scikit-learn.

The method is logistic regression with one example for each question: its first quote, labelled by whether it holds the
answer. Which quote is first depends on the fit, so the fit is repeated, beginning with the reader's own ranking.
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

# Weights of the answerable, near-miss and off-topic questions of each set; RESULTS.md says why these.
_SHARES = (1.0, 0.5, 0.5)
_ROUNDS = 3
_FOLDS = 5


def fit(sets: Sequence[Kinds]) -> tuple[np.ndarray, float]:
    """Return the weights (f,) of `qa.reading.calibration.FEATURES` and the bias."""
    weights, bias = np.array([1.0, *[0.0] * (len(calibration.FEATURES) - 1)]), 0.0
    for _ in range(_ROUNDS):
        rows, hits, shares = _examples(sets, weights)
        model = LogisticRegression(C=10.0, max_iter=1000)
        model.fit(rows, hits, sample_weight=shares / shares.mean())
        weights, bias = model.coef_[0], float(model.intercept_[0])
    return weights, bias


def cross_validated(sets: Sequence[Kinds]) -> Callable[[Trial], Judged]:
    """Return a function that judges one of these trials with a calibration fitted on others' trials.

    The others are of other articles or, where a set is split by repositories, of other repositories.
    """
    fits = []
    for fold in range(_FOLDS):
        others = [Kinds(*([t for t in trials if _fold(t) != fold] for trials in kinds)) for kinds in sets]
        weights, bias = fit(others)
        fits.append(calibration.Calibration(tuple(weights.tolist()), bias, fitted=True))
    return lambda trial: trial.judged(fits[_fold(trial)])


def _fold(trial: Trial) -> int:
    return hashlib.blake2b(trial.question.group.encode(), digest_size=1).digest()[0] % _FOLDS


def _examples(sets: Sequence[Kinds], weights: np.ndarray) -> tuple[np.ndarray, list[bool], np.ndarray]:
    """Return the first quote of each question under `weights`: features (n, f), hits, and sample weights (n,)."""
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

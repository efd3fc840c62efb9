"""Evaluation metrics: AUROC, calibration error, shares above a threshold and bootstrap intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the area under the ROC curve: how often a positive scores above a negative, ties counted half."""
    if not len(positive) or not len(negative):
        return float("nan")
    ranked = np.sort(np.asarray(negative, float))
    below = np.searchsorted(ranked, positive, side="left")
    level = np.searchsorted(ranked, positive, side="right") - below
    return float((below + level / 2).mean() / len(ranked))


def calibration_error(confidence: Sequence[float], correct: Sequence[bool], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width (Guo et al. 2017)."""
    p, y = np.asarray(confidence, float), np.asarray(correct, float)
    place = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(p[place == b].mean() - y[place == b].mean()) * (place == b).mean() for b in set(place.tolist())]
    return float(sum(gaps))


def share_above(values: Sequence[float], threshold: float) -> float:
    """Return the share of values at or above a threshold."""
    return float((np.asarray(values, float) >= threshold).mean()) if len(values) else float("nan")


def threshold_for(values: Sequence[float], share: float) -> float:
    """Return the threshold that a share of the values reaches."""
    return float(np.quantile(np.asarray(values, float), 1 - share))


def interval(
    groups: Sequence[str], figure: Callable[[np.ndarray], float], draws: int = 300, seed: int = 0
) -> tuple[float, float]:
    """Return a 95 % bootstrap interval of `figure(row indices)`; groups (articles) are resampled as a whole."""
    generator = np.random.default_rng(seed)
    members: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    blocks = [np.array(rows) for rows in members.values()]
    drawn = [
        figure(np.concatenate([blocks[i] for i in generator.integers(0, len(blocks), len(blocks))]))
        for _ in range(draws)
    ]
    return float(np.nanquantile(drawn, 0.025)), float(np.nanquantile(drawn, 0.975))

"""Evaluation metrics: AUROC, calibration error, shares above a threshold and bootstrap intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qa.reading.metrics import calibration_error, interval

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["auroc", "calibration_error", "interval", "share_above", "threshold_for"]


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the area under the ROC curve: how often a positive scores above a negative, ties counted half."""
    if not len(positive) or not len(negative):
        return float("nan")
    ranked = np.sort(np.asarray(negative, float))
    below = np.searchsorted(ranked, positive, side="left")
    level = np.searchsorted(ranked, positive, side="right") - below
    return float((below + level / 2).mean() / len(ranked))


def share_above(values: Sequence[float], threshold: float) -> float:
    """Return the share of values at or above a threshold."""
    return float((np.asarray(values, float) >= threshold).mean()) if len(values) else float("nan")


def threshold_for(values: Sequence[float], share: float) -> float:
    """Return the threshold that a share of the values reaches."""
    return float(np.quantile(np.asarray(values, float), 1 - share))

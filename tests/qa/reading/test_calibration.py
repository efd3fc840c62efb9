"""Promises of calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qa.reading import calibration
from qa.reading.calibration import Calibration

if TYPE_CHECKING:
    from pathlib import Path

_FEATURES, _SHARED = ("cosine", "coverage"), ("size",)


def _saved(path: Path, models: str, order: tuple[float, ...]) -> None:
    fit = Calibration(order, (1.0, 0.5, -0.25), -1.0, fitted=True)
    calibration.save(path, "embedder@1", models, _FEATURES, _SHARED, fit)


def test_a_fit_is_found_for_its_own_models_only(tmp_path: Path) -> None:
    """A calibration is never used for other models; those of several are kept in one file."""
    path = tmp_path / calibration.LOCAL
    _saved(path, "reader@1", (1, 2))
    _saved(path, "reader@2", (5, 6))

    found = calibration.load("embedder@1", "reader@2", _FEATURES, _SHARED, tmp_path)

    assert found == Calibration((5, 6), (1.0, 0.5, -0.25), -1.0, fitted=True)
    assert calibration.load("embedder@1", "reader@1", _FEATURES, _SHARED, tmp_path).fitted
    assert not calibration.load("embedder@2", "reader@1", _FEATURES, _SHARED, tmp_path).fitted


def test_a_fit_of_other_features_is_passed_over(tmp_path: Path) -> None:
    """Weights are never applied to features that they were not fitted on, also where their number is the same."""
    _saved(tmp_path / calibration.LOCAL, "reader@1", (1, 2))

    assert not calibration.load("embedder@1", "reader@1", ("coverage", "cosine"), _SHARED, tmp_path).fitted
    assert not calibration.load("embedder@1", "reader@1", _FEATURES, ("words",), tmp_path).fitted


def test_confidence_is_the_logistic_of_score_lead_and_what_is_shared() -> None:
    """The probability follows the score of a proposal, its lead over the best other one, and the shared features."""
    fit = Calibration((2.0, 1.0), (0.5, 1.0, 3.0), -1.0, fitted=True)
    rows = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 0.0]])  # scores 2, 1.5 and 0

    found = fit.confidence(rows, np.array([0.25]))

    logits = np.array([0.5 * 2 + 0.5, 0.5 * 1.5 - 0.5, 0.5 * 0 - 2]) + 3 * 0.25 - 1
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-logits)))


def test_confidence_keeps_the_order_of_the_scores_and_stays_a_probability() -> None:
    """Extreme features give no overflow, and a single proposal has a lead, too."""
    fit = Calibration((1.0,), (1.0, 1.0), 0.0, fitted=True)

    found = fit.confidence(np.array([[1e9], [2.0], [1.0], [-1e9]]), np.zeros(0))
    alone = fit.confidence(np.array([[1.0]]), np.zeros(0))

    assert (np.diff(found) < 0).all()
    assert found[-1] > 0
    assert found[0] < 1
    assert found[2] < alone[0] < 1

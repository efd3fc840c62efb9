"""Promises of calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qa.reading import calibration

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fit_is_found_for_its_own_pair_of_models_only(tmp_path: Path) -> None:
    """A calibration is never used for another pair of models."""
    path = tmp_path / calibration.LOCAL
    calibration.save(path, "embedder@1", "reader@1", [1, 2, 3], -1)
    calibration.save(path, "embedder@1", "reader@2", [5, 6, 7], -2)

    assert calibration.load("embedder@1", "reader@2", tmp_path).weights == (5, 6, 7)
    assert calibration.load("embedder@1", "reader@1", tmp_path).fitted
    assert not calibration.load("embedder@2", "reader@1", tmp_path).fitted


def test_confidence_is_the_logistic_of_the_weighted_features() -> None:
    """The probability is between 0 and 1 and follows the features continuously."""
    fit = calibration.Calibration((2.0, 0.0, 1.0), -1.0, fitted=True)
    rows = np.array([[0.5, 9, 0], [1.5, 0, 0], [1e9, 0, 0], [-1e9, 0, 0]])
    found = fit.confidence(rows)

    np.testing.assert_allclose(found[:2], [0.5, 1 / (1 + np.exp(-2))])
    assert 0 < found[3] < found[0] < found[1] < found[2] < 1

"""Tests of the metrics, against an independent implementation or by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from benchmarks.metrics import auroc, calibration_error, interval, share_above, threshold_for

SCORES = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=30)


@given(SCORES, SCORES)
def test_auroc_agrees_with_scikit_learn(positive: list[float], negative: list[float]) -> None:
    """The area under the ROC curve is that of scikit-learn, ties included."""
    truth = [1] * len(positive) + [0] * len(negative)

    assert auroc(positive, negative) == pytest.approx(roc_auc_score(truth, positive + negative))


def test_calibration_error_is_the_mean_gap() -> None:
    """The error is 0 if half of the answers at confidence 0.5 are right, and 1 if none at confidence 1 is."""
    assert calibration_error([0.5, 0.5], [True, False]) == 0
    assert calibration_error([1.0, 1.0], [False, False]) == 1
    assert calibration_error([0.05, 0.95], [True, True]) == pytest.approx((0.95 + 0.05) / 2)


def test_threshold_lets_the_asked_share_pass() -> None:
    """95 % of the values pass the threshold for 95 %."""
    values = np.random.default_rng(0).random(1000)

    assert share_above(values, threshold_for(values, 0.95)) == pytest.approx(0.95, abs=0.002)


def test_interval_holds_the_value_and_widens_when_articles_agree_within() -> None:
    """Resampling whole articles gives a wider interval if questions of one article have equal results."""
    values = np.array([0.0] * 50 + [1.0] * 50)
    lone = interval([str(i) for i in range(100)], lambda rows: float(values[rows].mean()))
    grouped = interval([str(i // 25) for i in range(100)], lambda rows: float(values[rows].mean()))

    assert lone[0] < 0.5 < lone[1]
    assert grouped[1] - grouped[0] > lone[1] - lone[0]

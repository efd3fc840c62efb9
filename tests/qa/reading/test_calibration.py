"""Promises of calibration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.models import SettingsError
from qa.reading import calibration
from qa.reading.calibration import Calibration

if TYPE_CHECKING:
    from pathlib import Path

_FEATURES, _SHARED = ("cosine", "coverage"), ("size",)


def _saved(path: Path, models: str, order: tuple[float, ...]) -> None:
    fit = Calibration(order, (1.0, 0.5, 0.0, -0.25), -1.0, fitted=True)
    calibration.save(path, "embedder@1", models, _FEATURES, _SHARED, fit)


def test_a_fit_is_found_for_its_own_models_only(tmp_path: Path) -> None:
    """A calibration is never used for other models; those of several are kept in one file."""
    path = tmp_path / calibration.LOCAL
    _saved(path, "reader@1", (1, 2))
    _saved(path, "reader@2", (5, 6))

    found = calibration.load("embedder@1", "reader@2", _FEATURES, _SHARED, tmp_path)

    assert found == Calibration((5, 6), (1.0, 0.5, 0.0, -0.25), -1.0, fitted=True)
    assert calibration.load("embedder@1", "reader@1", _FEATURES, _SHARED, tmp_path).fitted
    assert not calibration.load("embedder@2", "reader@1", _FEATURES, _SHARED, tmp_path).fitted


def test_a_fit_of_other_features_is_passed_over(tmp_path: Path) -> None:
    """Weights are never applied to features that they were not fitted on, also where their number is the same."""
    _saved(tmp_path / calibration.LOCAL, "reader@1", (1, 2))

    assert not calibration.load("embedder@1", "reader@1", ("coverage", "cosine"), _SHARED, tmp_path).fitted
    assert not calibration.load("embedder@1", "reader@1", _FEATURES, ("words",), tmp_path).fitted


def test_confidence_is_the_logistic_of_score_leads_and_what_is_shared() -> None:
    """The probability follows the score, its lead over other passages, and the shared features."""
    fit = Calibration((2.0, 1.0), (0.5, 1.0, 0.25, 3.0), -1.0, fitted=True)
    rows = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 0.5]])  # scores 2, 1.5 and 0.5

    found = fit.confidence(rows, np.array([0, 1, 2]), np.array([0.25]))

    logits = np.array([0.5 * 2 + 0.5, 0.5 * 1.5 - 0.5, 0.5 * 0.5 - 1.5]) + 0.25 * 1.5 + 3 * 0.25 - 1
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-logits)))


def test_a_sentence_of_the_same_passage_is_no_rival() -> None:
    """A quote leads over other passages, so that a second sentence of its own passage does not lower its confidence."""
    fit = Calibration((1.0,), (1.0, 1.0, 0.0), 0.0, fitted=True)
    rows = np.array([[2.0], [1.9], [0.0]])

    same = fit.confidence(rows, np.array([7, 7, 8]), np.zeros(0))
    other = fit.confidence(rows, np.array([7, 9, 8]), np.zeros(0))

    assert same[0] > other[0]


def test_confidence_keeps_the_order_of_the_scores_and_stays_a_probability() -> None:
    """Extreme features give no overflow, a single proposal has a lead, and a lead never turns the order round."""
    fit = Calibration((1.0,), (1.0, 1.0, 0.0), 0.0, fitted=True)

    extreme = fit.confidence(np.array([[1e9], [2.0], [1.0], [-1e9]]), np.arange(4), np.zeros(0))
    alone = fit.confidence(np.array([[1.0]]), np.zeros(1), np.zeros(0))
    mixed = fit.confidence(np.array([[5.0], [4.0], [3.9]]), np.array([1, 2, 1]), np.zeros(0))

    assert (np.diff(extreme) < 0).all()
    assert extreme[-1] > 0
    assert extreme[0] < 1
    assert extreme[2] < alone[0] < 1
    assert (np.diff(mixed) <= 0).all()
    assert fit.confidence(np.zeros((0, 1)), np.zeros(0), np.zeros(0)).shape == (0,)


def test_entries_of_earlier_versions_are_passed_over_and_kept_out(tmp_path: Path) -> None:
    """A fit of three features, as versions before this one wrote, is no error: its models are uncalibrated."""
    old = {"embedder@1 + reader@1": {"features": ["reading"], "weights": [0.5], "bias": -1.0}}
    (tmp_path / calibration.LOCAL).write_text(json.dumps(old), encoding="utf-8")

    assert not calibration.load("embedder@1", "reader@1", _FEATURES, _SHARED, tmp_path).fitted
    _saved(tmp_path / calibration.LOCAL, "reader@1", (1, 2))
    assert calibration.load("embedder@1", "reader@1", _FEATURES, _SHARED, tmp_path).fitted


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{half",
        b"[]",
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a + b": 1}',
        b'{"a + b": {}}',
        b'{"a + b": {"order": [1], "gate": {}, "bias": 0}}',
        b'{"a + b": {"order": {}, "gate": {"score": "1"}, "bias": 0}}',
        b'{"a + b": {"order": {}, "gate": {}, "bias": NaN}}',
        b'{"a + b": {"order": {}, "gate": {}, "bias": 1e999}}',
        b'{"a + b": {"order": {}, "gate": {}, "bias": 1' + b"0" * 400 + b"}}",
    ],
)
def test_damaged_file_is_named_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    """Whatever is in the file, the error names it and says what to do, and saving leaves it as it is."""
    path = tmp_path / calibration.LOCAL
    path.write_bytes(content)

    for attempt in (
        lambda: calibration.load("embedder@1", "reader@1", _FEATURES, _SHARED, tmp_path),
        lambda: calibration.check(path),
        lambda: _saved(path, "reader@1", (1, 2)),
    ):
        with pytest.raises(SettingsError, match="is damaged; delete it") as caught:
            attempt()
        assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_file_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    """Most data folders have no calibration of their own."""
    calibration.check(tmp_path / calibration.LOCAL)

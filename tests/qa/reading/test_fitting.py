"""Promises of the fit of order and confidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qa.reading.fitting import Example, fit


def _examples(draw: np.random.Generator, count: int, noise: float = 0.3) -> list[Example]:
    """Return questions whose right proposal has the largest sum of the first two of three features, but for noise.

    The shared feature is 1 where one is right, and 0 where none is.
    """
    made = []
    for number in range(count):
        rows = draw.normal(size=(6, 3))
        hits = np.zeros(6, bool)
        answered = number % 3 > 0
        if answered:
            hits[np.argmax(rows[:, 0] + rows[:, 1] + noise * draw.normal(size=6))] = True
        made.append(Example(rows, np.arange(6), np.array([float(answered)]), hits))
    return made


def test_what_tells_right_from_wrong_decides_the_order() -> None:
    """The fitted order finds the right proposal of other questions, and ignores the feature that says nothing."""
    draw = np.random.default_rng(0)
    fitted = fit(_examples(draw, 400))
    others = [one for one in _examples(draw, 200) if one.hits.any()]

    right = [one.hits[np.argmax(fitted.scores(one.rows))] for one in others]

    assert np.mean(right) > 0.8
    assert abs(fitted.order[2]) < 0.2 * min(fitted.order[:2])


def test_confidence_is_as_high_as_the_share_of_right_first_proposals() -> None:
    """Of other questions, those with a confidence around a value are answered about as often."""
    draw = np.random.default_rng(1)
    fitted = fit(_examples(draw, 3000, noise=1.5))
    others = _examples(draw, 3000, noise=1.5)
    confidences = [fitted.confidence(one.rows, one.passages, one.shared) for one in others]
    best = np.array([row.max() for row in confidences])
    right = np.array([one.hits[row.argmax()] for one, row in zip(others, confidences, strict=True)])

    for low in (0.2, 0.4, 0.6):
        inside = (best >= low) & (best < low + 0.2)
        assert abs(best[inside].mean() - right[inside].mean()) < 0.12
    assert best[[one.shared[0] == 0 for one in others]].max() < 0.2


def test_weights_of_examples_count_as_often_as_they_say() -> None:
    """An example of weight 2 is worth two of weight 1."""
    examples = _examples(np.random.default_rng(2), 60)
    doubled = [replace(one, weight=2.0 if at < 20 else 1.0) for at, one in enumerate(examples)]

    np.testing.assert_allclose(fit(doubled).order, fit([*examples, *examples[:20]]).order, rtol=1e-2)


def test_questions_without_a_choice_cannot_be_fitted() -> None:
    """If each question has right proposals only, or wrong ones only, there is no order to learn."""
    rows = np.ones((2, 3))
    made = [Example(rows, np.arange(2), np.zeros(1), np.full(2, right)) for right in (True, False)]
    with pytest.raises(ValueError, match="no question has both"):
        fit(made)

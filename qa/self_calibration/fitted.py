"""Fits a calibration on the questions asked, and measures how far it can be trusted on questions of other articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from index.models import UserError
from qa.quoting.features import FEATURES, SHARED
from qa.reading import calibration, fitting
from qa.reading.metrics import calibration_error, interval
from qa.self_calibration.asking import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from index.passages.embedder import Embedder
    from qa.reading.calibration import Calibration
    from qa.reading.protocol import ReadingModels
    from qa.self_calibration.asking import Asked

_FOLDS: Final = 5
# Penalty times the number of questions, so that a few of them give small weights. On 90 questions of 16 pages, 2.0
# raised the calibration error from 0.08 to 0.09, and 16.0 to 0.12.
_STRENGTH: Final = 0.5


@dataclass(frozen=True, slots=True)
class Figures:
    """How a calibration does on questions. All are shares from 0 to 1; NaN if there is nothing to count.

    Attributes:
        first: How often the first quote is right, of the questions with an answer.
        first_with_headings: The same where articles have their headings.
        first_without_headings: The same where they have not.
        error: The expected calibration error over ten bins of equal width.
        answered: How many of the questions with an answer get one.
        answered_wrongly: How many of the questions without an answer get one.
        right: How many answers are right, of all that are given.
        right_interval: The 95 % interval of `right`, resampled by articles.
    """

    first: float
    first_with_headings: float
    first_without_headings: float
    error: float
    answered: float
    answered_wrongly: float
    right: float
    right_interval: tuple[float, float]


def fit(asked: Sequence[Asked]) -> Calibration:
    """Return the calibration that fits these questions. Raises UserError if they do not tell right from wrong."""
    found = list(examples(asked))
    try:
        return fitting.fit(found, max(fitting.PENALTY, _STRENGTH / max(1, len(found))))
    except ValueError as error:
        raise UserError(
            "The confidence cannot be fitted on this library: search finds the right section for none of its headings,"
            " or nothing but right ones; add more articles with headings, and run the command again."
        ) from error


def cross_validated(asked: Sequence[Asked], answer_from: float) -> Figures:
    """Return the figures of fits that are judged on other articles than they were fitted on, in five folds.

    `answer_from` is the least confidence of an answer. Raises UserError as `fit` does.
    """
    fits = [fit([one for one in asked if one.article % _FOLDS != fold]) for fold in range(_FOLDS)]
    return _figures(asked, lambda one: fits[one.article % _FOLDS], answer_from)


def figures_of_shipped(
    asked: Sequence[Asked], embedder: Embedder, models: ReadingModels, answer_from: float
) -> Figures | None:
    """Return the figures of the calibration that ships for these models; None if there is none."""
    shipped = calibration.load(*calibration.identities(embedder, models), FEATURES, SHARED)
    return _figures(asked, lambda _: shipped, answer_from) if shipped.fitted else None


def _figures(asked: Sequence[Asked], fit_for: Callable[[Asked], Calibration], answer_from: float) -> Figures:
    judged = [_judged(one, fit_for(one)) for one in asked]
    confidence = np.array([confidence for confidence, _ in judged])
    right = np.array([right for _, right in judged], bool)
    answerable = np.array([one.answerable for one in asked], bool)
    headings = np.array([one.headings for one in asked], bool)
    answered = confidence >= answer_from

    def right_answers(rows: np.ndarray) -> float:
        return _share(right[rows], answered[rows])

    return Figures(
        _share(right, answerable),
        _share(right, answerable & headings),
        _share(right, answerable & ~headings),
        calibration_error(confidence.tolist(), right.tolist()),
        _share(answered, answerable),
        _share(answered, ~answerable),
        _share(right, answered),
        interval([one.article for one in asked], right_answers),
    )


def _judged(asked: Asked, fitted: Calibration) -> tuple[float, bool]:
    """Return the confidence of the first quote, and whether it is right."""
    if not len(asked.hits):
        return 0.0, False
    confidences = fitted.confidence(asked.rows, asked.passages, asked.shared)
    best = int(np.argmax(confidences))
    return float(confidences[best]), bool(asked.hits[best])


def _share(chosen: np.ndarray, among: np.ndarray) -> float:
    return float(chosen[among].mean()) if among.any() else float("nan")

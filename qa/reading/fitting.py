"""Fits what chooses the first quote, and how sure that is, on questions whose right quotes are known.

The order is a linear score, fitted listwise: of a question's proposals, a right one should come first (ListNet's
top-one loss, Cao et al. 2007). The confidence is logistic regression (Platt 1999) on the score of a proposal, its lead
over the others, and what is known of the question as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from qa.reading.calibration import Calibration, gate_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

PENALTY: Final = 0.002  # of squared weights of standardised features, relative to the loss of one question
UNANSWERABLE: Final = 0.5  # weight of all questions without an answer together; of those with one it is 1
# Of the inputs of the confidence: score and leads, so that the order stays, and the first shared feature.
_NEVER_NEGATIVE: Final = 4
_LATER_QUOTES: Final = 0.15  # weight of the second and third proposal of a question in the fit of the confidence


@dataclass(frozen=True, slots=True)
class Example:
    """The n proposals for a question: `rows` (n, f), `passages` (n,), `shared` (g,) and `hits` (n,) bool.

    These are the inputs of `Calibration.confidence`, and which proposals answer. An example counts `weight` times.
    """

    rows: np.ndarray
    passages: np.ndarray
    shared: np.ndarray
    hits: np.ndarray
    weight: float = 1.0


def fit(examples: Sequence[Example], penalty: float = PENALTY) -> Calibration:
    """Return the order and the confidence that fit the examples best.

    The larger the `penalty` (above 0), the smaller the weights: a few examples need a larger one than thousands.
    Raises ValueError if no example has both a proposal that answers and one that does not.
    """
    used = [one for one in examples if len(one.hits)]
    order = _fit_order([one for one in used if one.hits.any() and not one.hits.all()], penalty)
    rows, hits, weights = _gate_examples(used, order)
    gate, bias = _fit_gate(rows, hits, weights, penalty)
    return Calibration(tuple(order.tolist()), tuple(gate.tolist()), bias, fitted=True)


def _fit_order(examples: Sequence[Example], penalty: float) -> np.ndarray:
    """Return the weights (f,) of the features."""
    from scipy.optimize import minimize

    if not examples:
        raise ValueError("no question has both a quote that answers and one that does not")
    rows = np.concatenate([one.rows for one in examples])
    scale = np.maximum(rows.std(0), 1e-6)
    rows, hits = rows / scale, np.concatenate([one.hits for one in examples])
    starts = np.cumsum([0, *(len(one.hits) for one in examples[:-1])])
    weights = np.array([one.weight for one in examples])
    weights = weights / weights.sum()
    owner = np.repeat(np.arange(len(examples)), [len(one.hits) for one in examples])

    def loss(order: np.ndarray) -> tuple[float, np.ndarray]:
        scores = rows @ order
        scores -= np.maximum.reduceat(scores, starts)[owner]
        every = np.exp(scores)
        right = every * hits
        total, found = np.add.reduceat(every, starts), np.maximum(np.add.reduceat(right, starts), 1e-30)
        slope = (every / total[owner] - right / found[owner]) * weights[owner]
        value = float(weights @ (np.log(total) - np.log(found))) + penalty * float(order @ order)
        return value, rows.T @ slope + 2 * penalty * order

    best = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return np.asarray(best.x / scale)


def _gate_examples(examples: Sequence[Example], order: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the inputs of the confidence (m, 3 + g), whether each answers (m,), and the weights (m,)."""
    rows, hits, weights = [], [], []
    for one in examples:
        scores = one.rows @ order
        inputs = gate_rows(scores, one.passages, one.shared)
        for rank, at in enumerate(np.argsort(-scores, kind="stable")[:3]):
            rows.append(inputs[at])
            hits.append(bool(one.hits[at]))
            weights.append(one.weight * (_LATER_QUOTES if rank else 1.0))
    return np.array(rows), np.array(hits), np.array(weights)


def _fit_gate(rows: np.ndarray, hits: np.ndarray, weights: np.ndarray, penalty: float) -> tuple[np.ndarray, float]:
    """Return the weights (3 + g,) and the bias; the first `_NEVER_NEGATIVE` weights are at least 0."""
    from scipy.optimize import minimize

    center, scale = rows.mean(0), np.maximum(rows.std(0), 1e-6)
    inputs = (rows - center) / scale
    weights = weights / weights.sum()

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        gate, bias = values[:-1], values[-1]
        logits = inputs @ gate + bias
        slope = (1 / (1 + np.exp(-logits)) - hits) * weights
        value = float(weights @ (np.logaddexp(0, logits) - hits * logits)) + penalty * float(gate @ gate)
        return value, np.append(inputs.T @ slope + 2 * penalty * gate, slope.sum())

    bounds = [(0.0, None)] * _NEVER_NEGATIVE + [(None, None)] * (rows.shape[1] + 1 - _NEVER_NEGATIVE)
    best = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    gate = best[:-1] / scale
    return np.asarray(gate), float(best[-1] - gate @ center)

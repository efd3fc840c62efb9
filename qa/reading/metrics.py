"""How well confidence and truth agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence


def calibration_error(confidence: Sequence[float], correct: Sequence[bool], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width (Guo et al. 2017)."""
    p, y = np.asarray(confidence, float), np.asarray(correct, float)
    place = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(p[place == b].mean() - y[place == b].mean()) * (place == b).mean() for b in set(place.tolist())]
    return float(sum(gaps))


def interval(
    groups: Sequence[Hashable], figure: Callable[[np.ndarray], float], draws: int = 300, seed: int = 0
) -> tuple[float, float]:
    """Return a 95 % bootstrap interval of `figure(row indices)`; groups (articles) are resampled as a whole.

    A draw for which the figure is NaN does not count; both ends are NaN if that is true of all.
    """
    generator = np.random.default_rng(seed)
    members: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    blocks = [np.array(rows) for rows in members.values()]
    drawn = np.array(
        [
            figure(np.concatenate([blocks[i] for i in generator.integers(0, len(blocks), len(blocks))]))
            for _ in range(draws)
        ]
    )
    drawn = drawn[~np.isnan(drawn)]
    return (float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))) if len(drawn) else (np.nan, np.nan)

"""Fits order and confidence (`qa.reading.fitting`) on the trials of several sets, whose hits are known."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Kinds
from qa.reading import fitting
from qa.reading.fitting import UNANSWERABLE, Example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.pipeline_trial import Judged, Trial
    from qa.reading.calibration import Calibration

# Weights of the answerable, near-miss and off-topic questions of each set; RESULTS.md says why these.
_SHARES: Final = (1.0, UNANSWERABLE, UNANSWERABLE)
_FOLDS: Final = 5


def fit(sets: Sequence[Kinds]) -> Calibration:
    """Return the order and the confidence that fit measured trials best; each set counts alike.

    Raises ValueError if no question has both a quote that answers and one that does not.
    """
    return fitting.fit(list(_examples(sets)))


def cross_validated(sets: Sequence[Kinds]) -> Callable[[Trial], Judged]:
    """Return a function that judges one of these trials with a calibration fitted on others' trials.

    The others are of other articles or, where a set is split by repositories, of other repositories.
    """
    fits = [
        fit([Kinds(*([t for t in trials if _fold(t) != fold] for trials in kinds)) for kinds in sets])
        for fold in range(_FOLDS)
    ]
    return lambda trial: trial.judged(fits[_fold(trial)])


def _fold(trial: Trial) -> int:
    return hashlib.blake2b(trial.question.group.encode(), digest_size=1).digest()[0] % _FOLDS


def _examples(sets: Sequence[Kinds]) -> Iterator[Example]:
    """Yield an example for each trial with a proposal."""
    for kinds in sets:
        for trials, share in zip(kinds, _SHARES, strict=True):
            useful = [trial for trial in trials if len(trial.hits)]
            for trial in useful:
                if trial.measured is None:
                    raise ValueError("only measured trials can be fitted")
                found = trial.measured
                yield Example(found.rows, found.passages, found.shared, trial.hits, share / len(useful))

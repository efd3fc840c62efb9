"""The metrics of benchmarks.quality: shares with intervals over articles, calibration errors, and their tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.harness import Kinds
from benchmarks.metrics import auroc, calibration_error, interval, share_above, threshold_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.pipeline_trial import Judged, Trial

    Judge = Callable[[Trial], Judged]

SHORT = 350
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
Figure = float | tuple[float, float, float]
Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class SetTrials:
    """The trials of one set, its ceilings with quotes of at most 500 and 350 characters, and a baseline.

    `dense` (n, 3) says whether the three best chunks of plain dense search are right; None if it was not measured.
    `invented` are the trials of questions that no library answers (`benchmarks.off_topic`).
    """

    kinds: Kinds
    ceilings: tuple[float, float]
    dense: np.ndarray | None = None
    invented: Sequence[Trial] = ()


def figures(measured: SetTrials, judge: Judge, answer_from: float) -> Figures:
    """Return the metrics of one set. A triple is a value with its 95 % interval over articles."""
    kinds = measured.kinds
    real, near, off = ([judge(trial) for trial in trials] for trials in kinds)
    titles, near_titles, off_titles = ([trial.question.title for trial in trials] for trials in kinds)
    at_95 = threshold_for([j.confidence for j in real], 0.95)
    answered = [j.confidence >= answer_from for j in real]
    right = [j.first for j in real]
    return {
        "questions": float(len(real)),
        "first quote holds the answer": _share(right, titles),
        f"the same, in at most {SHORT} characters": _share([j.first and j.length <= SHORT for j in real], titles),
        "one of three holds it": _share([j.any_of_three for j in real], titles),
        "any quote of the passages read holds it": _share([bool(t.hits.any()) for t in kinds.answerable], titles),
        "ceiling": measured.ceilings[0],
        f"ceiling in at most {SHORT} characters": measured.ceilings[1],
        "plain dense search, first chunk": _dense(measured.dense, titles, 1),
        "plain dense search, one of three": _dense(measured.dense, titles, 3),
        "median length of the first quote": float(np.median([j.length for j in real])),
        "answerable that get an answer": _share(answered, titles),
        "of these right": _share(right, titles, answered),
        "unanswerable questions": float(len(near)),
        "unanswerable that get an answer": _share([j.confidence >= answer_from for j in near], near_titles),
        "off-topic that get an answer": _share([j.confidence >= answer_from for j in off], off_titles),
        "off-topic answered while 95 % are": share_above([j.confidence for j in off], at_95),
        "off-topic AUROC": auroc([j.confidence for j in real], [j.confidence for j in off]),
        "unanswerable AUROC": auroc([j.confidence for j in real], [j.confidence for j in near]),
        "calibration error, answerable": _calibration(real, titles),
        "calibration error, all kinds": _calibration([*real, *near, *off], [*titles, *near_titles, *off_titles]),
        "median ms": float(np.median([trial.elapsed_ms for trial in kinds.answerable])),
    } | invented_figures(measured.invented, judge, answer_from)


def invented_figures(trials: Sequence[Trial], judge: Judge, answer_from: float) -> Figures:
    """Return the metrics of questions that no library answers, with intervals over the subjects that they ask about."""
    judged = [judge(trial) for trial in trials]
    return {
        "invented questions": float(len(trials)),
        "invented that get an answer": _share(
            [j.confidence >= answer_from for j in judged], [trial.question.title for trial in trials]
        ),
    }


def _share(values: Sequence[bool], titles: Sequence[str], among: Sequence[bool] | None = None) -> Figure:
    """Return the share of true values, with its interval; with `among`, only of the rows where that is true."""
    good, counted = np.array(values, float), np.ones(len(values)) if among is None else np.array(among, float)

    def share(rows: np.ndarray) -> float:
        total = counted[rows].sum()
        return float((good * counted)[rows].sum() / total) if total else float("nan")

    return _with_interval(share, titles)


def _calibration(judged: Sequence[Judged], titles: Sequence[str]) -> Figure:
    confidence, right = np.array([j.confidence for j in judged]), np.array([j.first for j in judged])
    return _with_interval(lambda rows: calibration_error(confidence[rows], right[rows]), titles)


def _with_interval(figure: Callable[[np.ndarray], float], titles: Sequence[str]) -> Figure:
    if not titles:
        return float("nan")
    return figure(np.arange(len(titles))), *interval(titles, figure)


def _dense(hits: np.ndarray | None, titles: Sequence[str], first: int) -> Figure:
    return float("nan") if hits is None else _share([any(row[:first]) for row in hits], titles)


def thresholds(kinds: Kinds, judge: Judge) -> str:
    """Return a Markdown table of the outcomes for some values of ANSWER_CONFIDENCE."""
    real, near, off = ([judge(trial) for trial in trials] for trials in kinds)
    lines = [
        "| from | answerable answered | of these right | off-topic answered | unanswerable answered |",
        "|---" * 5 + "|",
    ]
    for at in THRESHOLDS:
        answered = [j.first for j in real if j.confidence >= at]
        shares = [len(answered) / max(1, len(real)), sum(answered) / max(1, len(answered))]
        shares += [share_above([j.confidence for j in judged], at) for judged in (off, near)]
        lines.append(f"| {at} | " + " | ".join(_show(share) for share in shares) + " |")
    return "\n".join(lines)


def table(results: dict[str, Figures]) -> str:
    """Return the metrics as a Markdown table with a column per set, "-" where a set has no such metric."""
    lines = ["| | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    for name in dict.fromkeys(name for result in results.values() for name in result):
        cells = (_show(result.get(name, float("nan"))) for result in results.values())
        lines += [f"| {name} | " + " | ".join(cells) + " |"]
    return "\n".join(lines)


def _show(value: Figure) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:.3f} ({value[1]:.3f}-{value[2]:.3f})"
    return "-" if value != value else f"{value:.0f}" if value >= 2 else f"{value:.3f}"  # noqa: PLR0124 - NaN

"""How often the first quote contains the answer, how often unanswerable questions are refused, and the latency.

    python -m benchmarks.quality FOLDER [--json FILE]

FOLDER has `NAME.docs.jsonl[.gz]` and `NAME.qa.jsonl[.gz]`. Only articles of the `report` split are used
(`benchmarks.splits`), on which nothing was trained or fitted. Off-topic questions are those of the other sets.
To choose a reader, use other articles: `--split calibration --cross-validate --reader-model FOLDER_OF_WEIGHTS`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.confidence import cross_validated
from benchmarks.harness import Bench, Kinds, add_options
from benchmarks.metrics import auroc, calibration_error, interval, share_above, threshold_for
from benchmarks.pipeline_trial import ceiling
from qa.reading import calibration

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.data import QASet
    from benchmarks.pipeline_trial import Judged, Trial

    Judge = Callable[[Trial], Judged]

_SHORT = 350
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
Figures = dict[str, float | tuple[float, float, float]]


def figures(part: QASet, kinds: Kinds, judge: Judge, answer_from: float) -> Figures:
    """Return the metrics of one set. A triple is a value with its 95 % interval over articles."""
    judged = [[judge(trial) for trial in trials] for trials in kinds]
    real, near, off = judged
    asked_of = [trial.question for trial in kinds.answerable]
    titles = [question.title for question in asked_of]
    at_95 = threshold_for([j.confidence for j in real], 0.95)
    asked = real + near + off
    return {
        "questions": float(len(real)),
        "first quote holds the answer": _share(real, titles, lambda j: j.first),
        f"the same, in at most {_SHORT} characters": _share(real, titles, lambda j: j.first and j.length <= _SHORT),
        "one of three holds it": _share(real, titles, lambda j: j.any_of_three),
        "ceiling": ceiling(part.documents, asked_of),
        f"ceiling in at most {_SHORT} characters": ceiling(part.documents, asked_of, _SHORT),
        "median length of the first quote": float(np.median([j.length for j in real])),
        "answerable that get an answer": share_above([j.confidence for j in real], answer_from),
        "off-topic that get an answer": share_above([j.confidence for j in off], answer_from),
        "near misses that get an answer": share_above([j.confidence for j in near], answer_from),
        "off-topic answered while 95 % are": share_above([j.confidence for j in off], at_95),
        "off-topic AUROC": auroc([j.confidence for j in real], [j.confidence for j in off]),
        "near-miss AUROC": auroc([j.confidence for j in real], [j.confidence for j in near]),
        "calibration error, answerable": calibration_error([j.confidence for j in real], [j.first for j in real]),
        "calibration error, all kinds": calibration_error([j.confidence for j in asked], [j.first for j in asked]),
        "median ms": float(np.median([trial.elapsed_ms for trial in kinds.answerable])),
    }


def _share(judged: list[Judged], titles: list[str], good: Callable[[Judged], bool]) -> tuple[float, float, float]:
    values = np.array([good(j) for j in judged], float)
    return float(values.mean()), *interval(titles, lambda rows: float(values[rows].mean()))


def thresholds(kinds: Kinds, judge: Judge) -> str:
    """Return a Markdown table of the outcomes for some values of ANSWER_CONFIDENCE."""
    real, near, off = ([judge(trial) for trial in trials] for trials in kinds)
    lines = [
        "| from | answerable answered | of these right | off-topic answered | near misses answered |",
        "|---" * 5 + "|",
    ]
    for at in THRESHOLDS:
        answered = [j.first for j in real if j.confidence >= at]
        shares = [len(answered) / max(1, len(real)), sum(answered) / max(1, len(answered))]
        shares += [share_above([j.confidence for j in judged], at) for judged in (off, near)]
        lines.append(f"| {at} | " + " | ".join(_show(share) for share in shares) + " |")
    return "\n".join(lines)


def table(results: dict[str, Figures]) -> str:
    """Return the metrics as a Markdown table with a column per set."""
    lines = ["| | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    for name in next(iter(results.values())):
        lines += [f"| {name} | " + " | ".join(_show(result[name]) for result in results.values()) + " |"]
    return "\n".join(lines)


def _show(value: float | tuple[float, float, float]) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:.3f} ({value[1]:.3f}-{value[2]:.3f})"
    return "-" if value != value else f"{value:.0f}" if value >= 2 else f"{value:.3f}"  # noqa: PLR0124 - NaN


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--split", choices=["calibration", "report"], default="report")
    parser.add_argument("--cross-validate", action="store_true", help="fit the confidence anew, by article")
    parser.add_argument("--answer-from", type=float, default=0.3, help="ANSWER_CONFIDENCE")
    options = parser.parse_args()
    with Bench(options) as bench:
        fitted = calibration.load(*bench.identities, options.data_dir)
        parts = {part.name: part for part in bench.sets(options.split)}
        trials = bench.trials(options.split)
    judge = cross_validated(list(trials.values())) if options.cross_validate else lambda t: t.judged(fitted)
    results = {name: figures(parts[name], kinds, judge, options.answer_from) for name, kinds in trials.items()}
    print(table(results))
    for name, kinds in trials.items():
        print(f"\n{name}\n\n{thresholds(kinds, judge)}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

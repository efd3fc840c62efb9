"""How often the first quote contains the answer, how often unanswerable questions are refused, and the latency.

    python -m benchmarks.quality FOLDER [--sets NAME...] [--json FILE]

FOLDER has `NAME.docs.jsonl[.gz]` and `NAME.qa.jsonl[.gz]`. Only articles of the `report` split are used
(`benchmarks.splits`), on which nothing was trained or fitted. Off-topic questions are those of the other sets; of the
community set none are taken. `community`, `community-headings` and `community-keywords` are three variants of one set
(`benchmarks.community`); `--repositories all` asks all of it in one library.
To choose a reader, use other articles: `--split calibration --cross-validate --reader-model FOLDER_OF_WEIGHTS`.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import community
from benchmarks.confidence import cross_validated
from benchmarks.harness import Bench, Kinds, add_options
from benchmarks.metrics import auroc, calibration_error, interval, share_above, threshold_for
from benchmarks.pipeline_trial import LONGEST, ceiling
from benchmarks.plain_dense import ranked_hits
from qa.reading import calibration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.data import QASet
    from benchmarks.pipeline_trial import Judged, Trial

    Judge = Callable[[Trial], Judged]

_SHORT = 350
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
Figure = float | tuple[float, float, float]
Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Measured:
    """The trials of one set, its ceilings with quotes of at most 500 and 350 characters, and a baseline.

    `dense` (n, 3) says whether the three best chunks of plain dense search are right; None if it was not measured.
    """

    kinds: Kinds
    ceilings: tuple[float, float]
    dense: np.ndarray | None = None


def figures(measured: Measured, judge: Judge, answer_from: float) -> Figures:
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
        f"the same, in at most {_SHORT} characters": _share([j.first and j.length <= _SHORT for j in real], titles),
        "one of three holds it": _share([j.any_of_three for j in real], titles),
        "any quote of the passages read holds it": _share([bool(t.hits.any()) for t in kinds.answerable], titles),
        "ceiling": measured.ceilings[0],
        f"ceiling in at most {_SHORT} characters": measured.ceilings[1],
        "plain dense search, first chunk": _dense(measured.dense, titles, 1),
        "plain dense search, one of three": _dense(measured.dense, titles, 3),
        "median length of the first quote": float(np.median([j.length for j in real])),
        "answerable that get an answer": _share(answered, titles),
        "of these right": _share(right, titles, answered),
        "unanswerable questions": float(len(near)),
        "unanswerable that get an answer": _share([j.confidence >= answer_from for j in near], near_titles),
        "off-topic that get an answer": share_above([j.confidence for j in off], answer_from),
        "off-topic answered while 95 % are": share_above([j.confidence for j in off], at_95),
        "off-topic AUROC": auroc([j.confidence for j in real], [j.confidence for j in off]),
        "unanswerable AUROC": auroc([j.confidence for j in real], [j.confidence for j in near]),
        "calibration error, answerable": _calibration(real, titles),
        "calibration error, all kinds": _calibration([*real, *near, *off], [*titles, *near_titles, *off_titles]),
        "median ms": float(np.median([trial.elapsed_ms for trial in kinds.answerable])),
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
    """Return the metrics as a Markdown table with a column per set."""
    lines = ["| | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    for name in next(iter(results.values())):
        lines += [f"| {name} | " + " | ".join(_show(result[name]) for result in results.values()) + " |"]
    return "\n".join(lines)


def _show(value: Figure) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:.3f} ({value[1]:.3f}-{value[2]:.3f})"
    return "-" if value != value else f"{value:.0f}" if value >= 2 else f"{value:.3f}"  # noqa: PLR0124 - NaN


def _measure(bench: Bench, options: argparse.Namespace) -> dict[str, Measured]:
    """Ask every chosen set; return what was measured, by the name of the set."""
    parts = {part.name: part for part in bench.sets(options.split)}
    found = {}
    for name, kinds in bench.trials(options.split).items():
        asked = [trial.question for trial in kinds.answerable]
        ceilings = [ceiling(parts[name].documents, asked, longest) for longest in (LONGEST, _SHORT)]
        found[name] = Measured(kinds, (ceilings[0], ceilings[1]))
    for name in options.variants:
        found[name] = _measure_variant(bench, name, list(parts.values()), options)
    return found


def _measure_variant(bench: Bench, name: str, others: Sequence[QASet], options: argparse.Namespace) -> Measured:
    """Ask one variant of the community set."""
    split = options.repositories or options.split
    asked = community.SectionBench(bench, community.read(options.folder, name, split, options.questions), split)
    texts = asked.texts()
    kinds = asked.trials(bench.off_topic(name, set(), others))
    ceilings = [community.ceiling(texts, asked.answerable, longest) for longest in (LONGEST, _SHORT)]
    return Measured(kinds, (ceilings[0], ceilings[1]), ranked_hits(bench.embedder, texts, asked.answerable))


def _options() -> argparse.Namespace:
    """Return the options; `variants` are those of the community set, `sets` the others, None for every one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--split", choices=["calibration", "report"], default="report")
    parser.add_argument(
        "--repositories",
        choices=["train", "calibration", "report", "all"],
        help="the part of the community set's repositories (default: that of --split)",
    )
    parser.add_argument("--cross-validate", action="store_true", help="fit the confidence anew, by article")
    parser.add_argument("--answer-from", type=float, default=0.3, help="ANSWER_CONFIDENCE")
    options = parser.parse_args()
    options.variants = [name for name in community.VARIANTS if options.sets is None or name in options.sets]
    if options.sets is None:
        options.variants = options.variants if community.is_present(options.folder) else []
    else:
        options.sets = [name for name in options.sets if name not in community.VARIANTS]
    return options


def main() -> None:
    """Measure and print the tables."""
    options = _options()
    with Bench(options) as bench:
        fitted = calibration.load(*bench.identities, options.data_dir)
        measured = _measure(bench, options)
    everything = [one.kinds for one in measured.values()]
    judge = cross_validated(everything) if options.cross_validate else lambda t: t.judged(fitted)
    results = {name: figures(one, judge, options.answer_from) for name, one in measured.items()}
    print(table(results))
    for name, one in measured.items():
        print(f"\n{name}\n\n{thresholds(one.kinds, judge)}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The figures of `benchmarks.scale` as Markdown tables, compared with what is promised, and as plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.scale_plots import Line, plot
from benchmarks.scale_stages import STAGES

if TYPE_CHECKING:
    from pathlib import Path

Results = Mapping[str, Mapping[str, Any]]  # figures by size


class Reach(NamedTuple):
    """A promise: its name, the figure at a size from all results, and the limit that it must not pass."""

    name: str
    figure: Callable[[Results, str], float]
    limit: float
    is_least: bool = False

    def verdict(self, results: Results, size: str) -> str:
        """Return the figure and whether it keeps the promise."""
        value = self.figure(results, size)
        if value != value:  # noqa: PLR0124 - NaN: not measured
            return "-"
        kept = value >= self.limit if self.is_least else value <= self.limit
        return f"{value:.3g} {'yes' if kept else '**no**'}"


def _of(name: str) -> Callable[[Results, str], float]:
    return lambda results, size: float(results[size].get(name, float("nan")))


def _times(name: str) -> Callable[[Results, str], float]:
    """Return the figure as a multiple of that of the smallest library."""
    return lambda results, size: float(results[size][name]) / float(results[min(results, key=int)][name])


def _beyond(name: str) -> Callable[[Results, str], float]:
    """Return by how much a figure is above that of the smallest library.

    Models take more memory while they read passages of many lengths, the same with each library.
    """
    return lambda results, size: float(results[size][name]) - float(results[min(results, key=int)][name])


def _fall(results: Results, size: str) -> float:
    """Return by how much right answers have fallen since the next smaller library; 0 for the smallest."""
    smaller = [one for one in results if int(one) < int(size)]
    before = max(smaller, key=int) if smaller else size
    return float(results[before]["first quote right"]) - float(results[size]["first quote right"])


REACH: Sequence[Reach] = (
    Reach("recall@10 of dense search, at least 0.98", _of("recall"), 0.98, is_least=True),
    Reach("median answer, times that of the smallest, at most 1.5", _times("median ms"), 1.5),
    Reach("the same by time of the processor", _times("median ms of processor"), 1.5),
    Reach("p95 answer, the same, at most 2.5", _times("p95 ms"), 2.5),
    Reach("the same by time of the processor", _times("p95 ms of processor"), 2.5),
    Reach("first quote right: fall since the next smaller, at most 0.05", _fall, 0.05),
    Reach("off-topic answered, at most 0.02", _of("off-topic answered"), 0.02),
    Reach("start to first answer, files on disk: at most 12 s", _of("start to answer, files on disk s"), 12),
    Reach("anonymous memory beyond that with the smallest, at most 1500 MB", _beyond("anonymous MB"), 1500),
    Reach("mapped memory, the same", _beyond("mapped MB"), 1500),
    Reach("added article answers, at most 1 s", _of("added and answered s"), 1),
    Reach("next question after a change, times the usual, at most 1.5", _of("next question, times the usual"), 1.5),
    Reach("`check`, at most 300 s", _of("check s"), 300),
)
_ROWS = (
    "passages", "storing", "indexing", "open s", "start to answer, files cached s", "start to answer, files on disk s",
    "start to answer, files on disk s of processor", "median ms", "p95 ms", "median ms of processor",
    "p95 ms of processor", "first quote right", "answered", "off-topic answered", "recall", "anonymous MB", "mapped MB",
    "added and answered s", "removed and asked s", "added answers, removed is gone", "next question, times the usual",
    "slowest next question, times the usual", "check s", "check s of processor", "check sound",
)  # fmt: skip


def tables(results: Results) -> str:
    """Return the tables: promises, all figures, times by stage, and questions with a slip."""
    sizes = sorted(results, key=int)
    slips = ("total median", "total p95", "typo median", "typo p95")
    stages = [(name, [_pair(results[size], name) for size in sizes]) for name in STAGES]
    return "\n\n".join(
        [
            _table("at least, at most", sizes, [(one.name, [one.verdict(results, s) for s in sizes]) for one in REACH]),
            _table("figure", sizes, [(name, [_show(results[size].get(name)) for size in sizes]) for name in _ROWS]),
            _table("milliseconds: median, p95", sizes, stages),
            _table(
                "questions with a slip, ms",
                sizes,
                [(name, [_show(results[size].get("typo ms", {}).get(name)) for size in sizes]) for name in slips],
            ),
        ]
    )


def write(results: Results, folder: Path) -> None:
    """Write `scale-tables.md` and the plots `scale-*.svg` to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale-tables.md").write_text(tables(results) + "\n", encoding="utf-8")
    sizes = sorted(results, key=int)
    across = [int(size) for size in sizes]

    def line(label: str, name: str) -> Line:
        return Line(label, [float(results[size].get(name, float("nan"))) for size in sizes])

    plots = {
        "latency": ("Time of an answer, ms", [line("median", "median ms"), line("p95", "p95 ms")]),
        "stages": (
            "Median time by stage, ms",
            [Line(name, [float(results[size]["stages median ms"][name]) for size in sizes]) for name in STAGES],
        ),
        "quality": (
            "Shares",
            [
                line("recall@10", "recall"),
                line("first quote right", "first quote right"),
                line("off-topic answered", "off-topic answered"),
            ],
        ),
        "memory": ("Memory beyond the models, MB", [line("anonymous", "anonymous MB"), line("mapped", "mapped MB")]),
        "building": (
            "Seconds",
            [
                line("storing, vectors known", "storing"),
                line("building the indexes", "indexing"),
                line("start to first answer", "start to answer, files on disk s"),
                line("check", "check s"),
            ],
        ),
    }
    for name, (title, lines) in plots.items():
        logarithmic = name in {"building", "memory"}
        drawn = plot(title, across, lines, logarithmic=logarithmic)
        (folder / f"scale-{name}.svg").write_text(drawn, encoding="utf-8")


def _table(head: str, sizes: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    lines = [f"| {head} | " + " | ".join(f"{int(size):,}" for size in sizes) + " |", "|---" * (len(sizes) + 1) + "|"]
    return "\n".join([*lines, *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows)])


def _pair(figures: Mapping[str, Any], stage: str) -> str:
    return f"{figures['stages median ms'][stage]:.1f}, {figures['stages p95 ms'][stage]:.1f}"


def _show(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, float):
        return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
    return "-" if value is None else f"{value:,}"

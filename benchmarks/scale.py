"""Answers, recall, memory and changes of libraries from a thousand to a million passages around the same questions.

    python -m benchmarks.scale FOLDER --cache DIR --work DIR [--sizes 1000 10000 100000 1000000] [--approximate]

FOLDER has the question sets and `load-en.jsonl[.gz]` (README.md in this folder). Vectors are kept in the cache, which
`python -m benchmarks.scale_vectors FOLDER CACHE` fills; those that are missing are embedded now or, with
`--approximate`, approximated (`benchmarks.scale_approximation`) and counted. Libraries are kept in the work folder, so
that a stopped run goes on where it was; figures are written to `results.json` there, tables and plots to `--report`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import data, scale_library, scale_process, scale_report, scale_units
from benchmarks.harness import say
from benchmarks.scale_vectors import KeptVectors, embedded_texts
from index.passages.embedder import load_embedder

if TYPE_CHECKING:
    from index.libraries.library import Library

_FIRST_QUESTION = "When was the building opened?"
_CHECK_LIMIT = 1800.0  # seconds


def _build(options: argparse.Namespace) -> dict[int, dict[str, Any]]:
    """Build the libraries; return what building took, by size."""
    wanted = scale_library.asked(options.folder, options.questions)
    kept = KeptVectors(options.cache, load_embedder())
    if options.approximate:
        fitted_to = embedded_texts(scale_units.units(scale_units.rows(options.folder)[: options.fit]), kept)
        kept.fit(fitted_to)
    around = scale_library.surroundings(options.folder, wanted.titles)

    def fill(library: Library) -> None:
        with kept.computing():  # what answers must have its real vectors
            data.fill(library, wanted.documents)

    builder = scale_library.Builder(options.work, fill, around, kept)
    found = {}
    for size in sorted(options.sizes):
        built = builder.build(size)
        found[size] = built._asdict()
        say(f"{size:,}: {built}")
    return found


def _measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one library in processes of its own."""
    figures = folder / "figures.json"
    command = [sys.executable, "-m", "benchmarks.scale_measure", str(folder), str(options.folder)]
    command += ["--questions", str(options.questions), "--json", str(figures)]
    command += ["--processor"] if options.processor else []
    subprocess.run(command, check=True, cwd=scale_process.ROOT)  # noqa: S603 - fixed
    found: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8"))
    for name in ("cached", "on disk"):
        if name == "on disk":
            scale_process.evict(folder)
        first = scale_process.start_to_answer(folder, _FIRST_QUESTION)
        found[f"start to answer, files {name} s"] = first.seconds
        found[f"start to answer, files {name} s of processor"] = first.processor
    checked = scale_process.run(folder, "check", limit=_CHECK_LIMIT)
    found |= {"check s": checked.seconds, "check s of processor": checked.processor}
    found["check sound"] = checked.status == 0
    if checked.status > 0:
        say(checked.output[-2000:])
    return found


def main() -> None:
    """Build, measure, and write tables and plots."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder of kept vectors")
    parser.add_argument("--work", type=Path, required=True, help="folder of the libraries and results")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--approximate", action="store_true", help="do not embed what is missing in the cache")
    parser.add_argument("--fit", type=int, default=3000, help="rows of the file that the approximation is fitted to")
    parser.add_argument(
        "--processor", action="store_true", help="times by stage are of the processor: other programs run meanwhile"
    )
    parser.add_argument("--build-only", action="store_true")
    parser.add_argument("--report", type=Path, help="folder for plots and the tables, scale-*.svg and scale-tables.md")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    results = options.work / "results.json"
    found = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    built = _build(options)
    for size in sorted(options.sizes) if not options.build_only else ():
        say(f"{size:,}: measuring")
        found[str(size)] = {**built[size], **_measure(options.work / str(size), options)}
        results.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(scale_report.tables(found))
    if options.report:
        scale_report.write(found, options.report)


if __name__ == "__main__":
    main()

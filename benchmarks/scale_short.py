"""The short form of `benchmarks.scale`: the set that ships, among passages made of this repository's documentation.

    python -m benchmarks.scale_short [--sizes 1000 10000]

It needs no other data, and little time: most vectors are approximated (`benchmarks.scale_approximation`).
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import off_topic, scale_report, scale_units, shipped_set
from benchmarks.scale_library import Builder
from benchmarks.scale_measure import Case, Figures, Subject, measure
from benchmarks.scale_process import ROOT
from benchmarks.scale_vectors import KeptVectors, embedded_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.scale_units import Unit
    from benchmarks.shipped_set import TypedQuestion
    from index.libraries.library import Library
    from index.passages.embedder import Embedder
    from qa.outcome import Quote
    from qa.reading.protocol import ReadingModels

_FITTED = 400  # texts that are embedded
_INVENTED = 20  # questions that no library answers
_SECTION = re.compile(r"^#+ (.+)\n", re.MULTILINE)


def documentation() -> list[tuple[str, str, str]]:
    """Return (id, title, text) of the sections of this repository's documentation that are not short."""
    found = []
    for path in sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md"), *ROOT.glob("*.md")]):
        parts = _SECTION.split(path.read_text(encoding="utf-8"))
        pairs = zip(parts[1::2], parts[2::2], strict=True)
        found += [
            (f"{path.relative_to(ROOT)}#{n}", title, text.strip())
            for n, (title, text) in enumerate(pairs)
            if len(text) > 200
        ]
    return found


def around() -> Iterator[Unit]:
    """Yield articles of one- and two-sentence passages without end: sections, then altered copies of them."""
    rows = documentation()
    texts = chain(rows, chain.from_iterable(scale_units.copies(rows, number) for number in count(1)))
    seen: set[str] = set()
    for unit in scale_units.units(texts):
        if unit.draft.text not in seen:  # a text is stored once
            seen.add(unit.draft.text)
            yield unit


def cases() -> list[Case]:
    """Return the questions of the set that ships which its articles answer."""

    def judge(question: TypedQuestion) -> Callable[[Quote], bool]:
        return lambda quote: question.is_answered_by(shipped_set.shown(quote))

    return [Case(question.text, judge(question)) for question in shipped_set.read() if question.alternatives]


def run(
    work: Path, sizes: Sequence[int], embedder: Embedder, models: ReadingModels | None = None
) -> dict[str, Figures]:
    """Build and measure libraries of these sizes; return the figures by size."""
    kept = KeptVectors(work / "vectors", embedder)
    fitted = list(islice(embedded_texts(around(), embedder), _FITTED))
    kept.passages(fitted)
    kept.fit(fitted)

    def fill(library: Library) -> None:
        with kept.computing():  # what answers must have its real vectors
            shipped_set.fill(library)

    builder = Builder(work, fill, around(), kept)
    invented = [question.text for question in off_topic.read()[:_INVENTED]]
    found: dict[str, Figures] = {}
    for size in sorted(sizes):
        built = builder.build(size)
        subject = Subject(work / str(size), embedder=embedder, models=models)
        figures = measure(subject, cases(), invented, changed=2, slips=5, now=time.process_time)
        found[str(size)] = built._asdict() | figures
        started = time.perf_counter()
        found[str(size)]["check sound"] = not subject.library.check()
        found[str(size)]["check s"] = time.perf_counter() - started
        subject.libraries.close()
    return found


def main() -> None:
    """Measure and print the tables."""
    from index.passages.embedder import load_embedder

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        print(scale_report.tables(run(Path(work), options.sizes, load_embedder())))


if __name__ == "__main__":
    main()

"""Follow-up questions: the right passage, the answer in a quote, the likeness to rewrites by people, and new subjects.

    python -m benchmarks.conversation FOLDER --part development

FOLDER holds `doc2dial`, `coqar`, `trec-cast-rewrites` and `squad-train` (README.md beside this file). Documents and
conversations are halved by a hash: rules and constants were chosen on `development`, `report` only reports.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import data
from benchmarks.harness import Bench, add_options, in_split, say
from benchmarks.query_rewrites import Row, in_part, rewritten, turns
from qa.answerer import Answerer, Thresholds
from qa.conversation.follow_ups import Turn
from qa.retrieval.search import find

if TYPE_CHECKING:
    from benchmarks.splits import Split
    from index.models import Passage
    from qa.outcome import Quote

DEPTHS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn of a conversation on a document: the question, the turns before it, and where the answer stands."""

    question: str
    history: tuple[Turn, ...]
    article_id: int
    start: int
    end: int

    def in_passage(self, passage: Passage) -> bool:
        """Whether a passage overlaps the answer."""
        return passage.article_id == self.article_id and passage.start < self.end and self.start < passage.end

    def in_quote(self, quote: Quote) -> bool:
        """Whether quote and answer share at least half of the shorter of the two."""
        shared = min(quote.end, self.end) - max(quote.start, self.start)
        return quote.article_id == self.article_id and 2 * shared >= min(quote.end - quote.start, self.end - self.start)


WAYS: dict[str, Callable[[Asked], tuple[str, tuple[Turn, ...]]]] = {
    "no history": lambda asked: (asked.question, ()),
    "all earlier words appended": lambda asked: (
        " ".join([asked.question, *(turn.text for turn in reversed(asked.history))]),  # the newest first
        (),
    ),
    "ours": lambda asked: (asked.question, asked.history),
}


class Measure:
    """The pipeline, and libraries to ask."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._answerer = Answerer(
            bench.libraries, lambda: bench.embedder, lambda: bench.reader, Thresholds(0.0, 0.0), None
        )

    def documents(self, part: data.QASet, split: str) -> tuple[str, dict[str, int]]:
        """Return the library of a part of a set, and under which id each of its documents is stored."""
        name = self._bench.library(part, split)
        listed = self._bench.libraries.open(name).articles()
        return name, {source: row.id for row in listed for source in row.source.split(", ")}

    def quotes(self, question: str, history: Sequence[Turn], name: str) -> tuple[Quote, ...]:
        """Return the best three quotes, however unsure."""
        return self._answerer.ask(question, [name], history).quotes

    def rank(self, asked: Asked, question: str, history: Sequence[Turn], name: str) -> tuple[float, float]:
        """Return the rank of the first passage with the answer, infinite beyond the tenth, and milliseconds."""
        started = time.perf_counter()
        library = self._bench.libraries.open(name)
        found = find(question[:1000], history, self._bench.embedder, [library]).candidates
        elapsed = (time.perf_counter() - started) * 1000
        right = [place for place, one in enumerate(found, 1) if asked.in_passage(one.stored.passage)]
        return (right[0] if right else float("inf")), elapsed

    def lines(self, asked: Sequence[Asked], name: str) -> list[str]:
        """Return a line of the table for each way to ask."""
        lines = []
        for way, put in WAYS.items():
            say(f"{name}: {way}")
            ranks, hits = [], []
            for one in asked:
                question, history = put(one)
                ranks.append(self.rank(one, question, history, name))
                hits.append([one.in_quote(quote) for quote in self.quotes(question, history, name)])
            places, times = np.array(ranks).T
            first = np.mean([any(found[:1]) for found in hits])
            figures = [*((places <= depth).mean() for depth in DEPTHS), first, np.mean([any(found) for found in hits])]
            lines.append(f"| {way} | {' | '.join(f'{figure:.3f}' for figure in figures)} | {np.median(times):.0f} |")
        return lines

    def foreign(self, asked: Sequence[tuple[Asked, tuple[Turn, ...]]], name: str) -> str:
        """Return what unrelated turns before a question do to its quotes."""
        equal = lost = won = 0
        for one, history in asked:
            plain, after = self.quotes(one.question, (), name), self.quotes(one.question, history, name)
            equal += plain == after
            hit = [any(one.in_quote(quote) for quote in quotes) for quotes in (plain, after)]
            lost, won = lost + (hit[0] and not hit[1]), won + (hit[1] and not hit[0])
        count = len(asked)
        return f"{count} | {equal / count:.3f} | {lost / count:.3f} | {won / count:.3f}"


def doc2dial(measure: Measure, folder: Path, part: str, limit: int) -> tuple[list[str], str]:
    """Measure turns with history, and first turns after another conversation; all documents are in the library."""
    whole = data.read(folder, "doc2dial")
    name, ids = measure.documents(whole, "all")
    rows = [row for row in data.rows(folder / "doc2dial.qa.jsonl.gz") if in_part(row["doc_id"], part)]
    random.Random(0).shuffle(rows)
    asked = [_asked(row, turns(row), ids) for row in rows]
    later = [one for one in asked if one.history]
    first = [one for one in asked if not one.history][:limit]
    after = [
        (one, next(other.history for other in later[at:] if other.article_id != one.article_id))
        for at, one in enumerate(first)
    ]
    return measure.lines(later[:limit], name), measure.foreign(after, name)


def _asked(row: Row, history: tuple[Turn, ...], ids: dict[str, int]) -> Asked:
    answer = row["answers"][0]
    return Asked(row["question"], history, ids[row["doc_id"]], answer["start"], answer["start"] + len(answer["text"]))


def squad(measure: Measure, folder: Path, part: str, limit: int) -> str:
    """Ask questions after two questions, with the paragraphs' beginnings, on an article of another title."""
    split: Split = "calibration" if part == "development" else "report"
    chosen = data.read(folder, "squad-train").part(in_split("squad-train", split))
    name, ids = measure.documents(chosen, split)
    texts = {doc.doc_id: doc.text for doc in chosen.documents}
    rows = [row for row in data.rows(folder / "squad-train.qa.jsonl.gz") if row["doc_id"] in texts]
    random.Random(0).shuffle(rows)
    pairs: list[tuple[Asked, tuple[Turn, ...]]] = []
    for row in rows[:limit]:
        other = next(one for one in rows[len(pairs) :] if one["title"] != row["title"])
        earlier = [one for one in rows if one["title"] == other["title"]][:2]
        history = [
            turn
            for one in earlier
            for turn in (Turn("user", one["question"]), Turn("assistant", texts[one["doc_id"]][:200]))
        ]
        pairs.append((_asked(row, (), ids), tuple(history)))
    return measure.foreign(pairs, name)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--part", choices=("development", "report"), default="report")
    options = parser.parse_args()
    folder, part, limit = options.folder, options.part, options.questions
    print(rewritten(folder, part))
    with Bench(options) as bench:
        measure = Measure(bench)
        table, first = doc2dial(measure, folder, part, limit)
        unrelated = squad(measure, folder, part, limit)
    print(
        "\n| doc2dial | " + " | ".join(f"@{depth}" for depth in DEPTHS) + " | first quote | one of three | search, ms |"
    )
    print("|---" * (len(DEPTHS) + 4) + "|", *table, sep="\n")
    print("\n| after unrelated turns | questions | same quotes | answer lost | answer won |\n|---|---|---|---|---|")
    print(f"| doc2dial, first turns | {first} |\n| squad-train | {unrelated} |")


if __name__ == "__main__":
    main()

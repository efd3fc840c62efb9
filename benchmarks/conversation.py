"""Follow-up questions: recall of the passage and of the answer, similarity to human rewrites, and changes of subject.

    python -m benchmarks.conversation FOLDER --part development

FOLDER has `doc2dial`, `coqar`, `trec-cast-rewrites` and `squad-train` (see README.md in this folder). A hash divides
documents and conversations into two halves: rules and constants were chosen on `development`, and `report` is held out.
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
from benchmarks.query_rewrites import Row, in_part, rewrite_tables, turns
from qa.answerer import Answerer, Thresholds
from qa.conversation.follow_ups import Turn
from qa.retrieval.search import search

if TYPE_CHECKING:
    from benchmarks.splits import Split
    from index.models import Passage
    from qa.outcome import Quote

DEPTHS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question about a document with the turns before it and the place of its answer, `start:end` of the article."""

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


STRATEGIES: dict[str, Callable[[LabelledQuestion], tuple[str, tuple[Turn, ...]]]] = {
    "no history": lambda asked: (asked.question, ()),
    "all earlier words appended": lambda asked: (
        " ".join([asked.question, *(turn.text for turn in reversed(asked.history))]),  # the newest first
        (),
    ),
    "ours": lambda asked: (asked.question, asked.history),
}


class ConversationBenchmark:
    """The pipeline without confidence thresholds, and libraries to ask."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._answerer = Answerer(
            bench.libraries, lambda: bench.embedder, lambda: bench.models, Thresholds(0.0, 0.0), None
        )

    def documents(self, part: data.QASet, split: str) -> tuple[str, dict[str, int]]:
        """Return the name of the library of a part of a set, and the article id of each of its documents."""
        name = self._bench.library(part, split)
        listed = self._bench.libraries.open(name).articles()
        return name, {source: row.id for row in listed for source in row.source.split(", ")}

    def quotes(self, question: str, history: Sequence[Turn], name: str) -> tuple[Quote, ...]:
        """Return the best three quotes, whatever their confidence."""
        return self._answerer.ask(question, [name], history).quotes

    def rank(self, asked: LabelledQuestion, question: str, history: Sequence[Turn], name: str) -> tuple[float, float]:
        """Return the rank of the first passage with the answer, infinite if not found, and the milliseconds taken."""
        started = time.perf_counter()
        library = self._bench.libraries.open(name)
        found = search(question[:1000], history, self._bench.embedder, [library]).candidates
        elapsed = (time.perf_counter() - started) * 1000
        right = [place for place, one in enumerate(found, 1) if asked.in_passage(one.stored.passage)]
        return (right[0] if right else float("inf")), elapsed

    def lines(self, asked: Sequence[LabelledQuestion], name: str) -> list[str]:
        """Return one table row per strategy."""
        lines = []
        for way, prepare in STRATEGIES.items():
            say(f"{name}: {way}")
            ranks, hits = [], []
            for one in asked:
                question, history = prepare(one)
                ranks.append(self.rank(one, question, history, name))
                hits.append([one.in_quote(quote) for quote in self.quotes(question, history, name)])
            places, times = np.array(ranks).T
            first = np.mean([any(found[:1]) for found in hits])
            figures = [*((places <= depth).mean() for depth in DEPTHS), first, np.mean([any(found) for found in hits])]
            lines.append(f"| {way} | {' | '.join(f'{figure:.3f}' for figure in figures)} | {np.median(times):.0f} |")
        return lines

    def unrelated_history(self, asked: Sequence[tuple[LabelledQuestion, tuple[Turn, ...]]], name: str) -> str:
        """Return a table row on unrelated earlier turns: the shares of equal quotes, answers lost and answers won."""
        equal = lost = won = 0
        for one, history in asked:
            plain, after = self.quotes(one.question, (), name), self.quotes(one.question, history, name)
            equal += plain == after
            hit = [any(one.in_quote(quote) for quote in quotes) for quotes in (plain, after)]
            lost, won = lost + (hit[0] and not hit[1]), won + (hit[1] and not hit[0])
        count = len(asked)
        return f"{count} | {equal / count:.3f} | {lost / count:.3f} | {won / count:.3f}"


def doc2dial(benchmark: ConversationBenchmark, folder: Path, part: str, limit: int) -> tuple[list[str], str]:
    """Measure turns with history, and first turns after the history of another conversation, on all documents."""
    whole = data.read(folder, "doc2dial")
    name, ids = benchmark.documents(whole, "all")
    rows = [row for row in data.rows(folder / "doc2dial.qa.jsonl.gz") if in_part(row["doc_id"], part)]
    random.Random(0).shuffle(rows)
    asked = [_labelled(row, turns(row), ids) for row in rows]
    later = [one for one in asked if one.history]
    first = [one for one in asked if not one.history][:limit]
    after = [
        (one, next(other.history for other in later[at:] if other.article_id != one.article_id))
        for at, one in enumerate(first)
    ]
    return benchmark.lines(later[:limit], name), benchmark.unrelated_history(after, name)


def _labelled(row: Row, history: tuple[Turn, ...], ids: dict[str, int]) -> LabelledQuestion:
    answer = row["answers"][0]
    return LabelledQuestion(
        row["question"], history, ids[row["doc_id"]], answer["start"], answer["start"] + len(answer["text"])
    )


def squad(benchmark: ConversationBenchmark, folder: Path, part: str, limit: int) -> str:
    """Measure questions after two questions about another article, each answered with the start of its paragraph."""
    split: Split = "calibration" if part == "development" else "report"
    chosen = data.read(folder, "squad-train").part(in_split("squad-train", split))
    name, ids = benchmark.documents(chosen, split)
    texts = {doc.doc_id: doc.text for doc in chosen.documents}
    rows = [row for row in data.rows(folder / "squad-train.qa.jsonl.gz") if row["doc_id"] in texts]
    random.Random(0).shuffle(rows)
    pairs: list[tuple[LabelledQuestion, tuple[Turn, ...]]] = []
    for row in rows[:limit]:
        other = next(one for one in rows[len(pairs) :] if one["title"] != row["title"])
        earlier = [one for one in rows if one["title"] == other["title"]][:2]
        history = [
            turn
            for one in earlier
            for turn in (Turn("user", one["question"]), Turn("assistant", texts[one["doc_id"]][:200]))
        ]
        pairs.append((_labelled(row, (), ids), tuple(history)))
    return benchmark.unrelated_history(pairs, name)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--part", choices=("development", "report"), default="report")
    options = parser.parse_args()
    folder, part, limit = options.folder, options.part, options.questions
    print(rewrite_tables(folder, part))
    with Bench(options) as bench:
        benchmark = ConversationBenchmark(bench)
        table, first = doc2dial(benchmark, folder, part, limit)
        unrelated = squad(benchmark, folder, part, limit)
    print(
        "\n| doc2dial | " + " | ".join(f"@{depth}" for depth in DEPTHS) + " | first quote | one of three | search, ms |"
    )
    print("|---" * (len(DEPTHS) + 4) + "|", *table, sep="\n")
    print("\n| after unrelated turns | questions | same quotes | answer lost | answer won |\n|---|---|---|---|---|")
    print(f"| doc2dial, first turns | {first} |\n| squad-train | {unrelated} |")


if __name__ == "__main__":
    main()

"""Answers from a small collection of a large library, compared with a library that holds its articles alone.

    python -m benchmarks.collections FOLDER --sets squad-train --work DIR

A collection of about 1 % of the documents is chosen, by whole articles. Questions on them, and as many on others, are
put to the collection and to a library of its documents. Printed are the shares of questions with the same outcome, the
same first quote and the same confidence, and the time of an answer; that of the whole library is for comparison.
"""

from __future__ import annotations

import argparse
import random
import time
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import data
from benchmarks.harness import Bench, add_options, say
from index.libraries.visible_part import AllBut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.data import QASet, Question
    from index.libraries.library import Library
    from qa.answerer import Answerer
    from qa.outcome import Outcome

_SHARE = 0.01
_NAME = "The collection"


def chosen_titles(part: QASet) -> set[str]:
    """Return articles that have together about a hundredth of the documents."""
    titles = sorted({doc.title for doc in part.documents})
    random.Random(0).shuffle(titles)
    found: set[str] = set()
    for title in titles:
        if sum(doc.title in found for doc in part.documents) >= _SHARE * len(part.documents):
            break
        found.add(title)
    return found


def ask(answerer: Answerer, library: str, questions: Sequence[Question]) -> tuple[list[Outcome], float]:
    """Return the outcomes of questions, and the median of the milliseconds that each took, everything included."""
    found, seconds = [], []
    for question in questions:
        started = time.perf_counter()
        found.append(answerer.ask(question.text, [library]))
        seconds.append(time.perf_counter() - started)
    return found, 1000 * median(seconds)


def compare(restricted: Sequence[Outcome], alone: Sequence[Outcome]) -> str:
    """Return the shares of pairs of outcomes that are alike."""
    pairs = list(zip(restricted, alone, strict=True))
    first = [tuple((q.title, q.start, q.end, q.text) for q in (one.quotes[:1])) for one in restricted]
    other = [tuple((q.title, q.start, q.end, q.text) for q in (one.quotes[:1])) for one in alone]
    figures = {
        "outcome": [type(one) is type(two) for one, two in pairs],
        "first quote": [one == two for one, two in zip(first, other, strict=True)],
        "confidence": [abs(one.confidence - two.confidence) < 1e-6 for one, two in pairs],
    }
    return ", ".join(f"same {name} {sum(same)} of {len(same)}" for name, same in figures.items())


def tagged(library: Library, titles: set[str]) -> frozenset[int]:
    """Put the articles with these titles into the collection, unless they are; return their ids."""
    catalog = library.catalog
    assert catalog is not None
    if not catalog.tags.collections():
        for row in library.articles():
            if row.title in titles:
                library.set_tags(row.id, [_NAME])
    return catalog.tags.articles_in([_NAME])


def main() -> None:
    """Run the comparison for each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args()
    with Bench(options) as bench:
        for name in options.sets or data.names(options.folder):
            _compare_set(bench, data.read(options.folder, name), options.questions)


def _compare_set(bench: Bench, whole: QASet, most: int) -> None:
    titles = chosen_titles(whole)
    inside = whole.part(titles.__contains__, most)
    outside = whole.part(lambda title: title not in titles, most)
    big, small = bench.library(whole, "whole"), bench.library(inside, "collection")
    shown = tagged(bench.libraries.open(big), titles)
    counts = [bench.libraries.open(each).catalog.counts() for each in (big, small)]  # type: ignore[union-attr]
    print(f"{whole.name}: {counts[0][1]} passages, of which {counts[1][1]} in the collection ({len(shown)} articles)")
    limited = bench.answerer.without({big: AllBut(shown)})
    for kind, part in (("on it", inside), ("on others", outside)):
        questions = [question for question in part.questions if question.answers]
        say(f"{len(questions)} questions {kind}")
        restricted, with_limit = ask(limited, big, questions)
        alone, on_its_own = ask(bench.answerer, small, questions)
        _, everything = ask(bench.answerer, big, questions)
        print(f"{kind}: {compare(restricted, alone)}")
        print(
            f"  ms: {with_limit:.0f} in the collection, {on_its_own:.0f} alone, {everything:.0f} in the whole library"
        )


if __name__ == "__main__":
    main()

"""Answers from a small collection of a large library, compared with a library that holds its articles alone.

    python -m benchmarks.collections FOLDER --sets squad-train --work DIR

The library has at least 20,000 passages of `load-en`, and articles of the set with about 1 % as many paragraphs, which
are the collection. Questions on them, and as many on other articles, are put to the collection and to a library of its
articles. Printed are the numbers of questions with the same outcome and first quote, how far confidences are apart, and
the CPU time of an answer; that of the whole library is for comparison.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import data, off_topic
from benchmarks.harness import Bench, add_options, say
from index.libraries.visible_part import AllBut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.data import Document, QASet, Question
    from index.libraries.library import Library
    from qa.answerer import Answerer
    from qa.outcome import Outcome

_SIZE = 20_000  # passages of other articles
_PARAGRAPHS = _SIZE // 100  # of the collection
_NAME = "The collection"


def chosen_titles(whole: QASet) -> set[str]:
    """Return articles that have together at least `_PARAGRAPHS` documents."""
    sizes = Counter(doc.title for doc in whole.documents)
    titles = sorted(sizes)
    random.Random(0).shuffle(titles)
    found: set[str] = set()
    while sum(sizes[title] for title in found) < _PARAGRAPHS:
        found.add(titles.pop())
    return found


def ask(answerer: Answerer, library: str, questions: Sequence[Question]) -> tuple[list[Outcome], float]:
    """Return the outcomes of questions, and the median of the milliseconds of CPU time that each took."""
    found, seconds = [], []
    for question in questions:
        started = time.process_time()
        found.append(answerer.ask(question.text, [library]))
        seconds.append(time.process_time() - started)
    return found, 1000 * median(seconds)


def compare(restricted: Sequence[Outcome], alone: Sequence[Outcome]) -> str:
    """Return the numbers of pairs of outcomes that are alike, and the largest difference of their confidences."""
    pairs = list(zip(restricted, alone, strict=True))
    outcomes = sum(type(one) is type(other) for one, other in pairs)
    quotes = sum(_first_quote(one) == _first_quote(other) for one, other in pairs)
    apart = max(abs(one.confidence - other.confidence) for one, other in pairs)
    return f"same outcome {outcomes}, same first quote {quotes}, confidences at most {apart:.3f} apart"


def _first_quote(outcome: Outcome) -> list[tuple[str, int, int, str]]:
    return [(quote.title, quote.start, quote.end, quote.text) for quote in outcome.quotes[:1]]


def collected(library: Library, documents: Sequence[Document]) -> frozenset[int]:
    """Add documents to a library and to the collection; return the ids of their articles."""
    data.fill(library, documents)
    catalog = library.catalog
    assert catalog is not None
    for doc in documents:
        article = library.article_of_source(doc.doc_id)
        if article is not None and not catalog.tags.of_article(article.id):
            library.set_tags(article.id, [_NAME])
    return catalog.tags.articles_in([_NAME])


def main() -> None:
    """Run the comparison for each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args()
    with Bench(options) as bench:
        pages = off_topic.pages(options.folder)
        for name in options.sets or data.names(options.folder):
            library = bench.libraries.open(f"{off_topic.PAGES}-{_SIZE}-{name}")
            off_topic.fill_to(library, pages, _SIZE)
            _compare_set(bench, library, data.read(options.folder, name), options.questions)


def _compare_set(bench: Bench, library: Library, whole: QASet, most: int) -> None:
    titles = chosen_titles(whole)
    inside = whole.part(titles.__contains__, most)
    outside = whole.part(lambda title: title not in titles, most)
    shown, small = collected(library, inside.documents), bench.library(inside, "collection")
    own = library.passage_ids_of(shown)
    everything = library.catalog.counts()[1] if library.catalog else 0
    print(f"{whole.name}: {everything:,} passages, of which {len(own)} in the collection ({len(shown)} articles)")
    limited = bench.answerer.without({library.name: AllBut(shown)})
    for kind, part in (("on it", inside), ("on others", outside)):
        questions = [question for question in part.questions if question.answers]
        say(f"{len(questions)} questions {kind}")
        restricted, with_limit = ask(limited, library.name, questions)
        alone, on_its_own = ask(bench.answerer, small, questions)
        _, in_whole = ask(bench.answerer, library.name, questions)
        print(f"{len(questions)} questions {kind}: {compare(restricted, alone)}")
        print(f"  ms of CPU: {with_limit:.0f} in the collection, {on_its_own:.0f} alone, {in_whole:.0f} in the library")


if __name__ == "__main__":
    main()

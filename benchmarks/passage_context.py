"""Recall of a passage of the answering section, by what is embedded before each passage.

    python -m benchmarks.passage_context FOLDER --repositories train

Asks the answerable questions of the community set, without and with headings (`benchmarks.community`). A passage is
right if half of it, or half of an answering section, is in both. Candidates are ordered as in `qa.retrieval`, and by
cosine alone (weight 0).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import community
from benchmarks.harness import Bench, add_options
from index.models import Span
from index.passages import batch_embedding
from index.passages.context import Context, fit_context
from qa.retrieval.retriever import retrieve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.community import SectionBench
    from index.models import Passage
    from index.passages.context import CountTokens

    Fit = Callable[[str, str, str, CountTokens, int, int], Context]

DEPTHS = (1, 3, 8, 20)


def _with_sentence(title: str, heading: str, introduction: str, count: CountTokens, names: int, lines: int) -> Context:
    found = fit_context(title, heading, introduction, count, names, lines)
    return Context(found.title, "\n".join(part for part in (found.heading, found.introduction) if part), "")


VARIANTS: dict[str, Fit] = {
    "title, headings, head of the table": fit_context,
    "the same, with the announcing sentence": _with_sentence,
    "title, headings": lambda t, h, _i, *rest: fit_context(t, h, "", *rest),
    "headings, or the title where there is none": lambda t, h, _i, *rest: fit_context("" if h else t, h, "", *rest),
    "the deepest heading, or the title": lambda t, h, _i, *rest: fit_context(
        "" if h else t, h.rpartition(" > ")[2], "", *rest
    ),
    "title": lambda t, _h, _i, *rest: fit_context(t, "", "", *rest),
    "nothing": lambda _t, _h, _i, *_rest: Context("", "", ""),
}


def ranks(asked: SectionBench, bench: Bench, weight: float | None) -> np.ndarray:
    """Return the ranks of the first right passage, from 1, for each question that any passage can answer.

    `weight` is that of coverage; None keeps the order of `retrieve`.
    """
    found: list[float] = []
    for question in asked.answerable:
        candidates = retrieve(question.text, bench.embedder.query(question.text), bench.libraries.open(asked.name))
        if weight is not None:
            candidates = sorted(candidates, key=lambda one: -(one.cosine + weight * one.coverage))
        gold = [(asked.article_id(place.doc_id), place.span) for place in question.gold]
        right = [is_right(one.stored.passage, gold) for one in candidates]
        found.append(1 + right.index(True) if any(right) else np.inf)
    return np.array(found)


def is_right(passage: Passage, gold: Sequence[tuple[int | None, Span]]) -> bool:
    """Return whether a passage and a section that answers, given by article and span, have half of either in common."""
    own = Span(passage.start, passage.end)
    places = [span for article_id, span in gold if article_id == passage.article_id]
    return any(_share(own, span) >= min(own.end - own.start, span.end - span.start) for span in places)


def _share(one: Span, other: Span) -> int:
    """Return twice the length of what two spans have in common."""
    return 2 * (min(one.end, other.end) - max(one.start, other.start))


def row(cells: Sequence[str], found: np.ndarray) -> str:
    """Return one row of the table: recall at each depth, and the mean reciprocal rank."""
    figures = [*((found <= depth).mean() for depth in DEPTHS), (1 / found).mean()]
    return f"| {' | '.join([*cells, *(f'{figure:.3f}' for figure in figures)])} |"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--repositories", choices=["train", "calibration"], default="train")
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    options = parser.parse_args()
    print("| set | embedded before the passage | order | " + " | ".join(f"@{depth}" for depth in DEPTHS) + " | MRR |")
    print("|---" * (len(DEPTHS) + 4) + "|")
    for name in options.sets or ("community", "community-headings"):
        part = community.read(options.folder, name, options.repositories, options.questions)
        for variant in options.variants:
            vars(batch_embedding)["fit_context"] = VARIANTS[variant]
            with TemporaryDirectory() as folder:
                options.work = Path(folder)
                with Bench(options) as bench:
                    asked = community.SectionBench(bench, part, options.repositories)
                    for order, weight in (("cosine", 0.0), ("search", None)):
                        print(row([name, variant, order], ranks(asked, bench, weight)), flush=True)


if __name__ == "__main__":
    main()

"""Rules that decide whether two questions ask the same: by key words and by cosine similarity.

    python -m benchmarks.question_equivalence FOLDER

Different questions are any two about one article of `squad-train` without a common answer, and a question and its
near miss (`near_miss.swap`). Equivalent questions are a question and its typed variants (`typos.KINDS`), and rewrites
of one question by several people (`coqar`).
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks import data
from benchmarks.near_miss import Entities, swap
from benchmarks.splits import split_of
from benchmarks.typos import KINDS
from index.passages.embedder import load_embedder
from index.text.analyzer import folded_words, key_terms
from qa.pins.question_equivalence import asks_the_same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.data import QASet, Question
    from index.passages.embedder import Embedder

Pair = tuple[str, str]


class Rule(NamedTuple):
    """Decides by two questions and their cosine similarity."""

    name: str
    same: Callable[[str, str, float], bool]


def rules(vocabulary: set[str]) -> list[Rule]:
    """Return the rules to compare; the last is the one in use."""

    def keys(one: str, two: str) -> bool:
        return frozenset(key_terms(one)) == frozenset(key_terms(two))

    return [
        Rule("cosine 0.90", lambda _one, _two, cosine: cosine >= 0.90),
        Rule("cosine 0.95", lambda _one, _two, cosine: cosine >= 0.95),
        Rule("cosine 0.98", lambda _one, _two, cosine: cosine >= 0.98),
        Rule("key words", lambda one, two, _: keys(one, two)),
        Rule("key words, 0.90", lambda one, two, cosine: cosine >= 0.90 and keys(one, two)),
        Rule("key words, 0.95", lambda one, two, cosine: cosine >= 0.95 and keys(one, two)),
        # The first question is the pinned one, the second that of a member.
        Rule(
            "`qa.pins.question_equivalence`",
            lambda one, two, _: asks_the_same(two, one, is_known=vocabulary.__contains__),
        ),
    ]


def _different(part: QASet) -> Iterable[Pair]:
    """Yield pairs of questions about one article without a common answer."""
    asked: defaultdict[str, list[Question]] = defaultdict(list)
    for question in {question.text: question for question in part.questions}.values():
        asked[question.title].append(question)
    for questions in asked.values():
        for one, two in itertools.combinations(questions, 2):
            if not set(one.answers) & set(two.answers):
                yield one.text, two.text


def _changed(part: QASet, most: int) -> Iterable[Pair]:
    """Yield questions with their near misses."""
    texts = {doc.doc_id: doc.text for doc in part.documents}
    of_title: defaultdict[str, list[str]] = defaultdict(list)
    for doc in part.documents:
        of_title[doc.title].append(doc.text)
    entities = {title: Entities(parts) for title, parts in of_title.items()}
    rng = random.Random("changed")
    for question in part.questions[:most]:
        new = swap(question.text, question.answers[0], entities[question.title], texts[question.doc_id], rng)
        if new:
            yield question.text, new


def _typed(part: QASet, kind: str, most: int) -> list[Pair]:
    rng = random.Random(kind)
    pairs = ((question.text, KINDS[kind](question.text, rng)) for question in part.questions)
    return list(itertools.islice((pair for pair in pairs if pair[0] != pair[1]), most))


def _reworded(folder: Path) -> list[Pair]:
    turns = (list(dict.fromkeys(row.get("rewrites") or ())) for row in data.rows(data.path_of(folder, "coqar", "qa")))
    return [pair for rewrites in turns for pair in itertools.combinations(rewrites, 2)]


class _Vectors:
    """Embeds questions, each once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, np.ndarray] = {}

    def cosines(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Return the cosine similarity of each pair, (n,) float32."""
        for text in dict.fromkeys(itertools.chain(*pairs)):
            if text not in self._known:
                self._known[text] = self._embedder.query(text)
        one, two = (np.stack([self._known[pair[at]] for pair in pairs]) for at in (0, 1))
        return np.asarray(np.einsum("ij,ij->i", one, two))


def _row(kind: str, pairs: Sequence[Pair], compared: Sequence[Rule], vectors: _Vectors, *, count: bool) -> str:
    found = np.zeros(len(compared), int)
    for at in range(0, len(pairs), 20_000):
        piece = pairs[at : at + 20_000]
        for (one, two), cosine in zip(piece, vectors.cosines(piece).tolist(), strict=True):
            found += [rule.same(one, two, cosine) for rule in compared]
    cells = [f"{number}" if count else f"{number / max(1, len(pairs)):.3f}" for number in found.tolist()]
    return f"| {kind} | {len(pairs)} | {' | '.join(cells)} |"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of NAME.docs.jsonl[.gz] and NAME.qa.jsonl[.gz]")
    parser.add_argument("--split", choices=("calibration", "report"), default="report")
    parser.add_argument("--most", type=int, default=1500, help="at most so many questions of each kind")
    options = parser.parse_args()
    name = "squad-train"
    part = data.read(options.folder, name).part(lambda title: split_of(name, title) == options.split)
    compared = rules({word for doc in part.documents for word in folded_words(doc.text)})
    vectors = _Vectors(load_embedder())
    print(
        f"| | pairs | {' | '.join(rule.name for rule in compared)} |", f"|---{'|---' * (len(compared) + 1)}|", sep="\n"
    )
    for kind, pairs in (
        ("different: two of one article", list(_different(part))),
        ("different: one thing exchanged", list(_changed(part, options.most))),
    ):
        print(_row(kind, pairs, compared, vectors, count=True), flush=True)
    for kind, pairs in (
        *((f"same: {kind}", _typed(part, kind, options.most)) for kind in KINDS),
        ("same: reworded by people (coqar)", _reworded(options.folder)),
    ):
        print(_row(kind, pairs, compared, vectors, count=False), flush=True)


if __name__ == "__main__":
    main()

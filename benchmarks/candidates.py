"""Recall of the passage with the answer among the first k candidates, to choose passage size and fusion weight.

    python -m benchmarks.candidates FOLDER --tokens 64 96 128 --weights 0 0.25 0.5 1

Uses the articles of the `calibration` split. The weight is that of coverage relative to the cosine; 0 is dense
retrieval alone. Recall@k and MRR are over answerable questions; a hit is a passage of the right article that
contains an answer.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import data
from benchmarks.harness import add_options, in_split, say
from index.libraries.registry import Libraries
from index.passages import batch_embedding
from index.passages.embedder import load_embedder
from qa.retrieval.retriever import retrieve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.data import QASet, Question
    from index.libraries.library import Library
    from index.passages.embedder import Embedder
    from qa.retrieval.retriever import Candidate

DEPTHS = (1, 3, 5, 8, 10, 12, 16, 20, 40)


def ranks(library: Library, embedder: Embedder, questions: Sequence[Question], weights: Sequence[float]) -> np.ndarray:
    """Return the (weights, questions) ranks of the first passage with an answer, from 1; infinite if none is found."""
    found = np.full((len(weights), len(questions)), np.inf)
    for column, question in enumerate(questions):
        candidates = retrieve(question.text, embedder.query(question.text), library)
        right = np.array([_has_answer(candidate, question) for candidate in candidates], bool)
        for row, weight in enumerate(weights):
            order = np.argsort([-(c.cosine + weight * c.coverage) for c in candidates], kind="stable")
            if right.any():
                found[row, column] = 1 + int(np.argmax(right[order]))
    return found


def _has_answer(candidate: Candidate, question: Question) -> bool:
    stored = candidate.stored
    return stored.title == question.title and any(answer in stored.text for answer in question.answers)


def measure(part: QASet, tokens: int, weights: Sequence[float], embedder: Embedder, work: Path) -> list[str]:
    """Return the table rows of one set and one passage size in tokens."""
    batch_embedding.PASSAGE_TOKENS = tokens
    library = Libraries(work / f"{part.name}-{tokens}", lambda: embedder).open("part")
    started = time.perf_counter()
    data.fill(library, part.documents)
    say(f"{part.name}, {tokens} tokens: filled in {time.perf_counter() - started:.0f} s")
    questions = [question for question in part.questions if question.answers]
    found = ranks(library, embedder, questions, weights)
    library.close()
    return [
        f"| {part.name} | {tokens} | {weight:g} | "
        + " | ".join(f"{(row <= depth).mean():.3f}" for depth in DEPTHS)
        + f" | {(1 / row).mean():.3f} |"
        for weight, row in zip(weights, found, strict=True)
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--tokens", type=int, nargs="+", default=[64, 96, 128])
    parser.add_argument("--weights", type=float, nargs="+", default=[0, 0.25, 0.5, 0.75, 1])
    options = parser.parse_args()
    embedder = load_embedder(options.embedding_model)
    print("| set | tokens | weight | " + " | ".join(f"@{depth}" for depth in DEPTHS) + " | MRR |")
    print("|---" * (len(DEPTHS) + 4) + "|")
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.sets or data.names(options.folder):
            part = data.read(options.folder, name).part(in_split(name, "calibration"), options.questions)
            for tokens in options.tokens if part.questions else ():
                print(*measure(part, tokens, options.weights, embedder, options.work or Path(temporary)), sep="\n")


if __name__ == "__main__":
    main()

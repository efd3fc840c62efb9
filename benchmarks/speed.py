"""Speed of embedding and of answering.

    python -m benchmarks.speed FOLDER --sets squad-train
    GOMP_SPINCOUNT=300000 python -m benchmarks.speed FOLDER --sets squad-train --busy 2

Bulk embedding is compared with one `SentenceTransformer.encode(all_texts, batch_size=32)` of the same model in
float32, in the same run and on the same texts, so the ratio does not depend on the machine. Recall@5 of both is over
the set's answerable questions. `--batches` compares batch sizes; `--busy N` keeps N cores busy with other processes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
from sentence_transformers import SentenceTransformer

from benchmarks import data
from benchmarks.harness import Bench, add_options, in_split
from index.passages import embedder
from index.passages.embedder import BUNDLED, bundled_model
from qa.quoting.ranker import STAGES
from qa.reading.protocol import read_passage
from qa.retrieval.retriever import retrieve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.data import QASet


def timed(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """Return the result of `work` and the seconds it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def recall_at_5(vectors: np.ndarray, queries: np.ndarray, texts: Sequence[str], part: QASet) -> float:
    """Return the share of answerable questions with an answer string in one of the five nearest texts."""
    asked = [question for question in part.questions if question.answers]
    nearest = np.argsort(-(queries @ vectors.T), axis=1)[:, :5]
    hits = [
        any(answer in texts[at] for at in row for answer in q.answers) for row, q in zip(nearest, asked, strict=True)
    ]
    return float(np.mean(hits))


def embedding(bench: Bench, part: QASet, model: str, batches: Sequence[int]) -> None:
    """Print the ratio of speeds for each batch size, and recall@5 of both sides with the last size."""
    texts = [doc.text for doc in part.documents]
    asked = [question.text for question in part.questions if question.answers]
    plain = SentenceTransformer(str(bundled_model()) if model == BUNDLED else model)
    plain.encode(texts[:32]), bench.embedder.passages(texts[:32])  # warm-up
    reference, slow = timed(lambda: plain.encode(texts, batch_size=32))
    print(f"{len(texts)} paragraphs: plain {len(texts) / slow:.0f} a second")
    for size in batches:
        embedder.BATCH = size
        ours, fast = timed(lambda: bench.embedder.passages(texts))
        print(f"ours, {size} texts at once: {len(texts) / fast:.0f} a second, ratio {slow / fast:.2f}")
    print(f"recall@5 plain {recall_at_5(reference, plain.encode(asked), texts, part):.3f}, ", end="")
    print(f"ours {recall_at_5(ours, np.stack([bench.embedder.query(q) for q in asked]), texts, part):.3f}")


def answering(bench: Bench, part: QASet) -> None:
    """Print the median time of a question, in total and by stage."""
    name = bench.library(part, "speed")
    library = bench.libraries.open(name)
    stages: dict[str, list[float]] = {"embed the question": [], "retrieve": [], "read": [], "whole answer": []}
    bench.answerer.ask("warm", [name])
    for question in part.questions:
        marks = [time.perf_counter()]
        vector = bench.embedder.query(question.text)
        marks.append(time.perf_counter())
        found = retrieve(question.text, vector, library)[: STAGES[1]]
        marks.append(time.perf_counter())
        bench.models.read(question.text, [read_passage(c.stored) for c in found])
        marks.append(time.perf_counter())
        outcome = bench.answerer.ask(question.text, [name])
        for stage, milliseconds in zip(stages, [*(np.diff(marks) * 1000), outcome.elapsed_ms], strict=True):
            stages[stage].append(float(milliseconds))
    indexes = library.indexes()
    print(f"{indexes.passages if indexes else 0} passages, {len(part.questions)} questions, median milliseconds:")
    print(*(f"  {stage}: {np.median(values):.0f}" for stage, values in stages.items()), sep="\n")


def main() -> None:
    """Measure and print the results of each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument(
        "--batches", type=int, nargs="+", default=[embedder.BATCH], help="texts that are embedded at once"
    )
    parser.add_argument("--busy", type=int, default=0, help="cores that other programs use meanwhile")
    options = parser.parse_args()
    with Bench(options) as bench, ExitStack() as others:
        for _ in range(options.busy):
            spinning = others.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            others.callback(spinning.kill)
        for name in options.sets or data.names(options.folder):
            part = data.read(options.folder, name).part(in_split(name, "report"), options.questions)
            if part.questions:
                print(f"## {name}")
                embedding(bench, part, options.embedding_model, options.batches)
                answering(bench, part)


if __name__ == "__main__":
    main()

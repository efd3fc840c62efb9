"""Verbatim beside txtai, LangChain with FAISS and Haystack: the same passages, vectors, model and questions.

    python -m benchmarks.peers FOLDER --work DIR --python PEERS_PYTHON --sizes 10000 100000

FOLDER and the work folder are those of `benchmarks.scale`, which has built the libraries. PEERS_PYTHON is the Python of
an environment with `sentence-transformers`, `faiss-cpu`, `txtai`, `langchain-community` and `haystack-ai`. All get the
vectors that the library has stored, so that `load` is the time of storing and indexing without embedding. A question
is embedded and searched for by all; Verbatim reads and quotes, too: `whole answer`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import scale_library
from benchmarks.harness import say
from benchmarks.scale_measure import Subject, cases
from benchmarks.scale_process import memory
from index.passages.embedder import bundled_model, fast_dtype
from qa.retrieval.retriever import retrieve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.data import Question

SYSTEMS = ("txtai", "langchain", "haystack")
Figures = dict[str, Any]


def export(subject: Subject, questions: Sequence[Question], folder: Path) -> None:
    """Write what the other libraries get: passages, their vectors, the questions, and where the model is."""
    catalog = subject.library.catalog
    assert catalog is not None
    ids = catalog.passage_ids()
    held = catalog.vectors(ids, subject.embedder.dimension)
    order = np.argsort(held.ids)
    np.save(folder / "vectors.npy", held.vectors[order])
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as file:
        for row in catalog.passages(held.ids[order].tolist()):
            file.write(json.dumps({"title": row.title, "text": row.text}) + "\n")
    asked = [{"text": q.text, "title": q.title, "answers": q.answers} for q in questions]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    model = {"path": str(bundled_model()), "dtype": fast_dtype()}
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")


def verbatim(subject: Subject, questions: Sequence[Question], folder: Path) -> Figures:
    """Measure Verbatim: search alone, as the others, and whole answers."""
    found: Figures = {"load s": _loading(folder)}
    before = memory()
    library, times, right = subject.library, [], []
    subject.wait()
    for question in questions[:20]:
        subject.ask(question.text)
    for question in questions:
        started = time.perf_counter()
        first = retrieve(question.text, subject.embedder.query(question.text), library)[0].stored
        times.append(1000 * (time.perf_counter() - started))
        right.append(first.title == question.title and any(answer in first.text for answer in question.answers))
    used = memory().beyond(before)
    whole, quoted = [], []
    for case in cases(questions):
        started = time.perf_counter()
        quotes = subject.ask(case.text).quotes
        whole.append(1000 * (time.perf_counter() - started))
        quoted.append(bool(quotes) and case.is_right(quotes[0]))
    return found | {
        "median ms": float(np.median(times)),
        "p95 ms": float(np.percentile(times, 95)),
        "memory MB": used.anonymous + used.mapped,
        "first passage right": float(np.mean(right)),
        "whole answer: median ms": float(np.median(whole)),
        "whole answer: p95 ms": float(np.percentile(whole, 95)),
        "first quote right": float(np.mean(quoted)),
    }


def _loading(folder: Path) -> float:
    """Return the seconds in which the library was stored and indexed, the smaller ones that it began as included."""
    notes = [json.loads(path.read_text(encoding="utf-8")) for path in folder.parent.glob("*/built.json")]
    own = json.loads((folder / "built.json").read_text(encoding="utf-8"))
    storing = sum(float(note["storing"]) for note in notes if note["passages"] <= own["passages"])
    return storing + float(own["indexing"])


def _table(found: dict[str, Figures]) -> str:
    names = list(dict.fromkeys(name for figures in found.values() for name in figures))
    lines = ["| | " + " | ".join(found) + " |", "|---" * (len(found) + 1) + "|"]
    for name in names:
        cells = (f"{figures[name]:.3g}" if name in figures else "-" for figures in found.values())
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure all of them at each size, and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True, help="of the environment that has the others")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--questions", type=int, default=400)
    options = parser.parse_args()
    questions = scale_library.asked(options.folder, options.questions).questions
    for size in options.sizes:
        folder = options.work / str(size)
        subject = Subject(folder)
        found = {"Verbatim": verbatim(subject, questions, folder)}
        with tempfile.TemporaryDirectory(dir=options.work) as given:
            export(subject, questions, Path(given))
            subject.libraries.close()
            for name in SYSTEMS:
                say(f"{size:,}: {name}")
                script = Path(__file__).parent / "peers_systems.py"
                command = [options.python, "-P", script, name, given]  # -P: this folder has a `collections`, too
                done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - fixed
                found[name] = json.loads(done.stdout.splitlines()[-1])
        print(f"{size:,} passages\n\n{_table(found)}\n", flush=True)


if __name__ == "__main__":
    main()

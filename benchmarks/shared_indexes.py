"""Whether the indexes on Milvus propose the same passages as those in files, and what they cost.

    python -m benchmarks.shared_indexes FOLDER --questions 250

Three libraries are stored twice, in SQLite and FAISS, and in PostgreSQL and Milvus Lite, which the benchmark starts on
loopback ports; the three share one collection. Each question is asked of its own library on both sides. "Read" are the
first 12 candidates, which are all that the reader reads; "proposed" are all candidates. Texts are embedded once.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import data
from benchmarks.harness import say
from index.passages.embedder import load_embedder
from qa.quoting.ranker import STAGES
from qa.retrieval.search import search
from settings import Settings
from storage.stores import Stores, prepare
from tests.milvus_server import running_milvus
from tests.postgres_server import running_postgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.data import Document, Question
    from index.libraries.library import Library
    from index.passages.embedder import Embedder

_READ = STAGES[-1]
_SETS = {"afriqa-en": 1500, "community": 53, "squad2-calibration": 646}  # documents of each


@dataclass(slots=True)
class RememberingEmbedder:
    """Embeds each text once."""

    model: Embedder
    known: dict[tuple[str, bool], np.ndarray] = field(default_factory=dict)

    def __getattr__(self, name: str) -> object:
        return getattr(self.model, name)

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, d) unit rows."""
        new = [text for text in dict.fromkeys(texts) if (text, False) not in self.known]
        if new:
            self.known |= {(text, False): row for text, row in zip(new, self.model.passages(new), strict=True)}
        rows = [self.known[text, False] for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.model.dimension), np.float32)

    def query(self, text: str) -> np.ndarray:
        """Return a (d,) unit vector."""
        if (text, True) not in self.known:
            self.known[text, True] = self.model.query(text)
        return self.known[text, True]


@dataclass(slots=True)
class Side:
    """The libraries on one pair of stores, and what was measured."""

    name: str
    libraries: dict[str, Library]
    stored: float = 0.0  # seconds for the catalogue
    indexed: float = 0.0  # seconds for the indexes
    seconds: list[float] = field(default_factory=list)  # for each question
    found: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)  # candidates by question

    def fill(self, documents: dict[str, tuple[Document, ...]]) -> None:
        """Store the documents, and fill the indexes."""
        started = time.perf_counter()
        for name, library in self.libraries.items():
            data.fill(library, documents[name], markdown=name == "community")
        self.stored = time.perf_counter() - started
        started = time.perf_counter()
        for library in self.libraries.values():
            library.finish_indexing()
        self.indexed = time.perf_counter() - started

    def ask(self, name: str, question: Question, embedder: Embedder) -> None:
        """Look for the candidates of a question."""
        library = self.libraries[name]
        started = time.perf_counter()
        result = search(question.text, [], embedder, [library])
        self.seconds.append(time.perf_counter() - started)
        self.found[question.id] = [
            (one.stored.title, one.stored.passage.heading, one.stored.passage.start) for one in result.candidates
        ]


def report(one: Side, other: Side, questions: Sequence[Question]) -> list[str]:
    """Return the rows of the table."""
    asked = [question.id for question in questions]
    read = [one.found[key][:_READ] == other.found[key][:_READ] for key in asked]
    sets = [set(one.found[key][:_READ]) == set(other.found[key][:_READ]) for key in asked]
    proposed = [set(one.found[key]) == set(other.found[key]) for key in asked]
    shared = [
        len(set(one.found[key]) & set(other.found[key])) / max(1, len(set(one.found[key]) | set(other.found[key])))
        for key in asked
    ]
    passages = sum(indexes.passages for library in one.libraries.values() if (indexes := library.indexes()))
    times = [statistics.median(side.seconds) for side in (one, other)]
    return [
        f"| questions, passages | {len(asked)}, {passages} |",
        f"| the same {_READ} candidates read, in the same order | {np.mean(read):.3f} |",
        f"| the same {_READ} candidates read, in any order | {np.mean(sets):.3f} |",
        f"| the same candidates proposed, all of them | {np.mean(proposed):.3f} |",
        f"| candidates in common, mean | {np.mean(shared):.4f} |",
        f"| median time of the search, {other.name} to {one.name} | {times[1] / times[0]:.1f} |",
        f"| filling the catalogue, {other.name} to {one.name} | {other.stored / one.stored:.1f} |",
        f"| filling the indexes, {other.name} to {one.name} | {other.indexed / one.indexed:.1f} |",
        f"| passages indexed a second, {other.name} | {passages / other.indexed:.0f} |",
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=250, help="of each of two sets")
    options = parser.parse_args()
    sets = {name: data.read(options.folder, name) for name in _SETS}
    documents = {name: part.documents[: _SETS[name]] for name, part in sets.items()}
    asked: dict[str, list[Question]] = {}
    for name in ("afriqa-en", "community"):
        held = {doc.doc_id for doc in documents[name]}
        part = sets[name].part(lambda _: True)
        asked[name] = [question for question in part.questions if question.doc_id in held][: options.questions]
    embedder = RememberingEmbedder(load_embedder(Settings(_env_file=None).embedding_model))
    with running_postgres() as postgres, running_milvus() as milvus, tempfile.TemporaryDirectory() as temporary:
        database = postgres.create_database()
        prepare(database.owner_url, database.bot_url)
        both = [
            Stores(Path(temporary) / "scratch"),
            Stores(Path(temporary) / "files"),
            Stores(Path(temporary) / "shared", database.bot_url, milvus.url),
        ]
        opened = [stores.libraries(lambda: embedder) for stores in both]
        names = ["scratch", "SQLite and FAISS", "PostgreSQL and Milvus Lite"]
        sides = [
            Side(name, {key: libraries.open(key) for key in sets})
            for name, libraries in zip(names, opened, strict=True)
        ]
        for side in sides:
            side.fill(documents)
            say(f"{side.name}: stored in {side.stored:.0f} s, indexed in {side.indexed:.0f} s")
        milvus.flush()
        for number, (name, question) in enumerate((name, one) for name, part in asked.items() for one in part):
            for side in sides[1:]:
                side.ask(name, question, embedder)
            if number % 50 == 49:
                say(f"{number + 1} questions")
        print("| | |\n|---|---|", *report(*sides[1:], [one for part in asked.values() for one in part]), sep="\n")
        for libraries in opened:
            libraries.close()


if __name__ == "__main__":
    main()

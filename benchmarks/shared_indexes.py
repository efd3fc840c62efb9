"""Whether the indexes on Milvus propose the same passages as those in files, and what they cost.

    python -m benchmarks.shared_indexes QUESTIONS DATA_DIR --questions 250

QUESTIONS is a folder of question-answering sets, DATA_DIR a data folder whose libraries hold documents of them, as
`benchmarks.scale` and `benchmarks.many_libraries` build some. Its libraries are copied, and stored a second time in
PostgreSQL and Milvus Lite, which the benchmark starts on loopback ports; they share one collection there. At most so
many questions are asked of each library on both sides. "Read" are the first 12 candidates, which are all that the
reader ever reads; "proposed" are all candidates.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import data
from benchmarks.harness import say
from benchmarks.scale_library import SETS
from index.catalog.schema import schema
from index.passages.embedder import load_embedder
from qa.quoting.ranker import STAGES
from qa.retrieval.search import search
from storage.moving.copier import Writer, synchronise
from storage.moving.rows import tables_in_order
from storage.stores import Stores, prepare
from tests.milvus_server import running_milvus
from tests.postgres_server import running_postgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.data import Question
    from index.libraries.library import Library
    from index.passages.embedder import Embedder

_READ = STAGES[-1]


@dataclass(slots=True)
class Side:
    """The libraries on one pair of stores, and what was measured."""

    name: str
    stores: Stores
    embedder: Embedder
    libraries: dict[str, Library] = field(default_factory=dict)
    indexing: float = 0.0  # seconds for the indexes
    seconds: list[float] = field(default_factory=list)  # for each question
    found: list[list[int]] = field(default_factory=list)  # ids of passages, for each question

    def open(self, names: Sequence[str]) -> int:
        """Open the libraries and fill their indexes; return the number of passages."""
        libraries = self.stores.libraries(lambda: self.embedder)
        self.libraries = {name: libraries.open(name) for name in names}
        started = time.perf_counter()
        for library in self.libraries.values():
            library.finish_indexing()
        self.indexing = time.perf_counter() - started
        return sum(indexes.passages for library in self.libraries.values() if (indexes := library.indexes()))

    def ask(self, library: str, question: Question) -> None:
        """Look for the candidates of a question, once to fill caches, and once to measure."""
        for _ in range(2):
            started = time.perf_counter()
            result = search(question.text, [], self.embedder, [self.libraries[library]])
            seconds = time.perf_counter() - started
        self.seconds.append(seconds)
        self.found.append([one.stored.passage.id for one in result.candidates])


def questions_of(library: Library, folder: Path, most: int) -> list[Question]:
    """Return at most so many questions whose documents a library holds."""
    held = {row.title for row in library.articles()}
    found: list[Question] = []
    for name in SETS:
        part = data.read(folder, name)
        texts = {doc.doc_id: doc.text for doc in part.documents if doc.title in held}
        found += [question for question in part.questions if question.answers and question.doc_id in texts]
    random.Random(1).shuffle(found)
    return found[:most]


def copy_to_postgres(source: Stores, target: Stores, name: str) -> None:
    """Copy the catalogue of a library."""
    there, here = target.catalogs().open(name), source.catalogs().open(name)
    with here.engine.connect() as db, Writer(there.engine) as writer:
        synchronise(db, writer, tables_in_order(schema))
    here.close()


def report(one: Side, other: Side, passages: int) -> list[str]:
    """Return the rows of the table."""
    pairs = list(zip(one.found, other.found, strict=True))
    read = [first[:_READ] == second[:_READ] for first, second in pairs]
    sets = [set(first[:_READ]) == set(second[:_READ]) for first, second in pairs]
    proposed = [set(first) == set(second) for first, second in pairs]
    shared = [len(set(first) & set(second)) / max(1, len(set(first) | set(second))) for first, second in pairs]
    times = [statistics.median(side.seconds) for side in (one, other)]
    return [
        f"| questions, passages, libraries | {len(pairs)}, {passages}, {len(one.libraries)} |",
        f"| the same {_READ} candidates read, in the same order | {np.mean(read):.3f} |",
        f"| the same {_READ} candidates read, in any order | {np.mean(sets):.3f} |",
        f"| the same candidates proposed, all of them | {np.mean(proposed):.3f} |",
        f"| candidates in common, mean | {np.mean(shared):.4f} |",
        f"| median time of a search, {other.name} to {one.name} | {times[1] / times[0]:.1f} |",
        f"| filling the indexes, {other.name} to {one.name} | {other.indexing / one.indexing:.1f} |",
        f"| passages indexed a second, {other.name} | {passages / other.indexing:.0f} |",
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="question-answering sets")
    parser.add_argument("built", type=Path, help="data folder with libraries")
    parser.add_argument("--questions", type=int, default=250, help="of each library")
    options = parser.parse_args()
    embedder = load_embedder()
    with running_postgres() as postgres, running_milvus() as milvus, tempfile.TemporaryDirectory() as temporary:
        work, database = Path(temporary), postgres.create_database()
        prepare(database.owner_url, database.bot_url)
        files = Side("SQLite and FAISS", Stores(work / "files"), embedder)
        servers = Side("PostgreSQL and Milvus Lite", Stores(work / "servers", database.bot_url, milvus.url), embedder)
        for folder in sorted((options.built / "libraries").iterdir()):
            (work / "files" / "libraries" / folder.name).mkdir(parents=True)
            shutil.copy(folder / "catalog.db", work / "files" / "libraries" / folder.name)
        names = files.stores.catalogs().names()
        for name in names:
            copy_to_postgres(files.stores, servers.stores, name)
            say(f"{name}: copied to PostgreSQL")
        for side in (files, servers):
            passages = side.open(names)
            say(f"{side.name}: {passages} passages indexed in {side.indexing:.0f} s")
        milvus.flush()
        for name in names:
            for number, question in enumerate(questions_of(files.libraries[name], options.folder, options.questions)):
                for side in (files, servers):
                    side.ask(name, question)
                if number % 50 == 49:
                    say(f"{name}: {number + 1} questions")
                    say("\n".join(report(files, servers, passages)))
        print("| | |\n|---|---|", *report(files, servers, passages), sep="\n")


if __name__ == "__main__":
    main()

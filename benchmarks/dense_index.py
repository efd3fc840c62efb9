"""Measures the dense index at several sizes: recall against exact search, time, memory, and what a change costs.

    python -m benchmarks.dense_index --vectors VECTORS.npy --questions QUESTIONS.npy [--sizes 10000 100000 1000000]

Both files hold (n, d) float32 rows of unit length, passages and questions of one embedding model; the first rows of the
former are indexed. Vectors are read from SQLite, as from a catalogue. Times are of one thread: in processor time, and
as they passed on the clock, which is more while other programs run. With `--kinds`, kinds of FAISS indexes are compared
instead.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.catalog.passage_queries import StoredVectors
from index.indexes.background_saving import SAVER
from index.indexes.faiss_store import FaissStore
from index.indexes.position import CatalogPosition
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Sequence

_WANTED: Final = 10  # nearest passages of which the recall is measured
_POOL: Final = 40  # passages that an answer asks for
_AT_ONCE: Final = 50_000
_CHANGED: Final = 10  # passages of an article


class Timed(NamedTuple):
    """Seconds of one call: of the processor and of the clock."""

    busy: float
    passed: float


def timed(work: Callable[[], object]) -> Timed:
    """Return how long a call takes, in this thread alone by the processor's measure."""
    passed, busy = time.perf_counter(), time.thread_time()
    work()
    return Timed(time.thread_time() - busy, time.perf_counter() - passed)


def exact_nearest(vectors: np.ndarray, questions: np.ndarray, wanted: int) -> np.ndarray:
    """Return the (m, wanted) rows nearest to each question."""
    ids, scores = np.empty((len(questions), 0), np.int64), np.empty((len(questions), 0), np.float32)
    for start in range(0, len(vectors), _AT_ONCE):
        found = questions @ np.asarray(vectors[start : start + _AT_ONCE]).T
        best = np.argpartition(-found, wanted, axis=1)[:, :wanted]
        ids = np.hstack([ids, best + start])
        scores = np.hstack([scores, np.take_along_axis(found, best, 1)])
        order = np.argsort(-scores, axis=1)[:, :wanted]
        ids, scores = np.take_along_axis(ids, order, 1), np.take_along_axis(scores, order, 1)
    return ids


class VectorTable:
    """A file of SQLite with the vectors of a catalogue."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fill(self, vectors: np.ndarray) -> None:
        """Store rows under the ids 1 to n."""
        with sqlite3.connect(self._path) as db:
            db.execute("CREATE TABLE vectors(passage_id INTEGER PRIMARY KEY, vector BLOB NOT NULL)")
            for start in range(0, len(vectors), _AT_ONCE):
                rows = enumerate(np.asarray(vectors[start : start + _AT_ONCE]), start + 1)
                db.executemany("INSERT INTO vectors VALUES(?, ?)", ((key, row.tobytes()) for key, row in rows))
        db.close()

    def read(self, ids: np.ndarray) -> StoredVectors:
        """Return the vectors of ids."""
        db = sqlite3.connect(self._path)
        marks = ",".join("?" * len(ids))
        rows = db.execute(
            f"SELECT passage_id, vector FROM vectors WHERE passage_id IN ({marks})", ids.tolist()
        ).fetchall()
        db.close()
        vectors = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
        return StoredVectors(np.array([key for key, _ in rows], np.int64), vectors.reshape(len(rows), -1))


def _memory() -> tuple[float, float]:
    """Return the anonymous and the mapped resident megabytes of this process; zeros where the system does not tell."""
    status = Path("/proc/self/status")
    text = status.read_text() if status.exists() else ""
    return tuple(
        int(found[1]) / 1024 if (found := re.search(rf"{name}:\s+(\d+) kB", text)) else 0.0
        for name in ("RssAnon", "RssFile")
    )  # type: ignore[return-value]


def _marks(ids: np.ndarray) -> Fingerprints:
    return Fingerprints(ids, ids.astype(np.uint64))


def _build(folder: Path, table: VectorTable, count: int, dimension: int) -> None:
    store = FaissStore(folder, "measured", dimension, table.read)
    store.fill(_marks(np.arange(1, count + 1)))
    first = time.perf_counter()
    start = time.perf_counter(), time.process_time()
    print(f"  memory before {_memory()[0]:.0f} MB anonymous", flush=True)
    probe = np.ones(dimension, np.float32) / np.sqrt(dimension)
    while not len(store.search(probe.astype(np.float32), 1)[0]):
        time.sleep(0.01)
    first = time.perf_counter() - first
    most = _memory()[0]
    while store.is_building:
        store.search(probe, 1)
        most = max(most, _memory()[0])
        time.sleep(0.05)
    passed, busy = time.perf_counter() - start[0], time.process_time() - start[1]
    print(
        f"  built in {passed:.1f} s ({busy:.1f} s busy), first results after {first:.1f} s, most {most:.0f} MB anonymous"
    )
    store.position = CatalogPosition(1, b"first")
    store.close()
    took = timed(store.save)
    size = sum(path.stat().st_size for path in folder.glob("vectors-*"))
    print(f"  saved in {took.passed:.2f} s, {size / 1e6:.0f} MB", flush=True)


def _search(folder: Path, table: VectorTable, questions: np.ndarray, exact: np.ndarray) -> None:
    before = _memory()
    opened = list[FaissStore]()
    took = timed(lambda: opened.append(FaissStore(folder, "measured", questions.shape[1], table.read)))
    store = opened[0]
    after = _memory()
    print(
        f"  opened in {took.passed:.2f} s, {after[0] - before[0]:.0f} MB anonymous, {after[1] - before[1]:.0f} MB mapped"
    )
    shared = sum(
        len(set(exact[at]) & set((store.search(question, _POOL)[0][:_WANTED] - 1).tolist()))
        for at, question in enumerate(questions)
    )
    print(f"  recall@{_WANTED} {shared / _WANTED / len(questions):.4f}")
    _report("search", store, questions)
    rng, count = np.random.default_rng(0), len(store)
    for share in (0.0005, 0.001, 0.005, 0.05, 0.5):
        shown = np.sort(rng.choice(count, int(share * count), replace=False) + 1)
        _report(f"only {len(shown):,} shown", store.only(shown), questions)
    _report("100 hidden", store.without(set(range(1, 101))), questions)
    _change(store, table, questions)


def _change(store: FaissStore, table: VectorTable, questions: np.ndarray) -> None:
    ids = np.arange(1, _CHANGED + 1)
    taken, put, after = list[Timed](), list[Timed](), list[Timed]()
    for number, question in enumerate(questions[:50]):
        vectors = table.read(ids).vectors
        taken.append(timed(lambda: store.remove(ids)))
        put.append(timed(lambda: store.put(_marks(ids), vectors)))
        store.position = CatalogPosition(2 + number, b"next")
        after.append(timed(lambda: store.search(question, _POOL)))
    for name, times in (("remove an article", taken), ("put an article", put), ("search after it", after)):
        _print(name, times)
    store.close()
    _print("save after it", [timed(store.save)])


def _report(name: str, store: FaissStore, questions: np.ndarray) -> None:
    store.search(questions[0], _POOL)
    _print(name, [timed(lambda: store.search(question, _POOL)) for question in questions[:200]])


def _print(name: str, times: Sequence[Timed]) -> None:
    busy, passed = (1000 * np.percentile([one[at] for one in times], [50, 95]) for at in (0, 1))
    print(
        f"  {name:<24} {busy[0]:7.2f} ms busy (p95 {busy[1]:.2f}), {passed[0]:7.2f} ms (p95 {passed[1]:.2f})",
        flush=True,
    )


def main() -> None:
    """Run the measurements, each size and step in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    chosen = parser.parse_args()
    vectors, questions = np.load(chosen.vectors, mmap_mode="r"), np.load(chosen.questions)
    for size in chosen.sizes:
        print(f"{size:,} passages, {len(questions):,} questions", flush=True)
        with tempfile.TemporaryDirectory() as name:
            folder, part = Path(name), vectors[:size]
            table = VectorTable(folder / "catalog.db")
            table.fill(part)
            _alone(_build, folder, table, len(part), part.shape[1])
            _alone(_search, folder, table, questions, exact_nearest(part, questions, _WANTED))


def _alone(work: Callable[..., None], *arguments: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    SAVER.wait()


if __name__ == "__main__":
    main()

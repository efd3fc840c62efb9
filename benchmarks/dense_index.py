"""Measures the dense index at several sizes: recall against exact search, time, memory, and what a change costs.

    python -m benchmarks.dense_index --vectors VECTORS.npy --questions QUESTIONS.npy [--sizes 10000 100000 1000000]

Both files hold (n, d) float32 rows of unit length, passages and questions of one embedding model; the first rows of the
former are indexed. Vectors are read from SQLite, as from a catalogue. Times are of one thread: in processor time, and
as they passed on the clock, which is more while other programs run. With `--kinds`, kinds of FAISS indexes are compared
instead, at the last size and with every eighth question.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.indexes.background_saving import SAVER
from index.indexes.faiss_store import FaissStore
from index.indexes.vectors import Fingerprints
from index.libraries.catalog_file import CATALOG, open_catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.catalog.passage_queries import StoredVectors

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


def _fill(folder: Path, vectors: np.ndarray) -> None:
    """Create a catalogue that has these vectors, under the ids 1 to n, and nothing else."""
    open_catalog(folder).close()
    db = sqlite3.connect(folder / CATALOG)
    for start in range(0, len(vectors), _AT_ONCE):
        rows = enumerate(np.asarray(vectors[start : start + _AT_ONCE]), start + 1)
        db.executemany("INSERT INTO vectors VALUES(?, ?)", ((key, row.tobytes()) for key, row in rows))
        db.commit()
    db.close()


def _open(folder: Path, dimension: int) -> FaissStore:
    return FaissStore(folder, "measured", dimension, partial(open_catalog(folder).vectors, dimension=dimension))


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


def _build(folder: Path, count: int, dimension: int) -> None:
    store = _open(folder, dimension)
    store.fill(_marks(np.arange(1, count + 1)))
    first = time.perf_counter()
    start = time.perf_counter(), time.process_time()
    before = _memory()[0]
    probe = np.ones(dimension, np.float32) / np.sqrt(dimension)
    while not len(store.search(probe.astype(np.float32), 1)[0]):
        time.sleep(0.01)
    first = time.perf_counter() - first
    most = _memory()[0]
    slowest = 0.0
    while store.is_building:
        slowest = max(slowest, timed(partial(store.search, probe, 1)).busy)
        most = max(most, _memory()[0])
        time.sleep(0.05)
    passed, busy = time.perf_counter() - start[0], time.process_time() - start[1]
    print(f"  built in {passed:.1f} s ({busy:.1f} s busy), first results after {first:.1f} s", end=", ")
    print(f"slowest search meanwhile {1000 * slowest:.0f} ms busy, at most {most - before:.0f} MB anonymous")
    SAVER.wait()
    store.search(probe, 1)
    print(f"  {_memory()[0] - before:.0f} MB anonymous when it was saved", flush=True)
    store.close()
    took = timed(store.save)  # what was not saved meanwhile
    size = sum(path.stat().st_size for path in folder.glob("vectors-*"))
    print(f"  saved in {took.passed:.2f} s, {size / 1e6:.0f} MB", flush=True)


def _search(folder: Path, questions: np.ndarray, exact: np.ndarray) -> None:
    before = _memory()
    opened = list[FaissStore]()
    took = timed(lambda: opened.append(_open(folder, questions.shape[1])))
    store = opened[0]
    after = _memory()
    print(f"  opened in {took.passed:.2f} s ({took.busy:.2f} s busy)", end=", ")
    print(f"{after[0] - before[0]:.0f} MB anonymous, {after[1] - before[1]:.0f} MB mapped")
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
    _change(store, open_catalog(folder).vectors(range(1, _CHANGED + 1)), questions)


def _change(store: FaissStore, article: StoredVectors, questions: np.ndarray) -> None:
    ids, vectors = article
    taken, put, after = list[Timed](), list[Timed](), list[Timed]()
    for question in questions[:50]:
        taken.append(timed(partial(store.remove, ids)))
        put.append(timed(partial(store.put, _marks(ids), vectors)))
        after.append(timed(partial(store.search, question, _POOL)))
    for name, times in (("remove an article", taken), ("put an article", put), ("search after it", after)):
        _print(name, times)
    store.close()
    _print("save after it", [timed(store.save)])


def _report(name: str, store: FaissStore, questions: np.ndarray) -> None:
    store.search(questions[0], _POOL)
    _print(name, [timed(partial(store.search, question, _POOL)) for question in questions[:200]])


def _print(name: str, times: Sequence[Timed]) -> None:
    busy, passed = (1000 * np.percentile([one[at] for one in times], [50, 95]) for at in (0, 1))
    print(
        f"  {name:<24} {busy[0]:7.2f} ms busy (p95 {busy[1]:.2f}), {passed[0]:7.2f} ms (p95 {passed[1]:.2f})",
        flush=True,
    )


def _compare_kinds(vectors: np.ndarray, questions: np.ndarray) -> None:
    """Print the recall of kinds of FAISS indexes if what they find is compared exactly, and the time of a search."""
    import faiss

    faiss.omp_set_num_threads(1)
    dimension, product = vectors.shape[1], faiss.METRIC_INNER_PRODUCT
    exact = exact_nearest(vectors, questions, _WANTED)
    sample = np.ascontiguousarray(vectors[np.linspace(0, len(vectors) - 1, 40_000).astype(np.int64)])
    clusters = faiss.IndexIVFPQFastScan(faiss.IndexFlatIP(dimension), dimension, 1024, dimension // 2, 4, product)
    clusters.by_residual = False
    kinds = {
        "8 bits a dimension": faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, product),
        "1 bit a dimension": faiss.IndexRaBitQFastScan(dimension, product),
        "4 bits for 4 dimensions": faiss.IndexPQFastScan(dimension, dimension // 4, 4, product),
        "4 bits for 3 dimensions": faiss.IndexPQFastScan(dimension, dimension // 3, 4, product),
        "4 bits for 2 dimensions": faiss.IndexPQFastScan(dimension, dimension // 2, 4, product),
        "the same in 1,024 clusters": clusters,
    }
    for name, index in kinds.items():
        index.train(sample)
        for start in range(0, len(vectors), _AT_ONCE):
            index.add(np.ascontiguousarray(vectors[start : start + _AT_ONCE]))
        for probed in (128, 256, 512) if index is clusters else (0,):
            clusters.nprobe = probed
            for wanted in (100, 200, 400):
                found, took = list[np.ndarray](), list[float]()
                for one in questions:
                    start_time = time.thread_time()
                    found.append(index.search(one[None], wanted)[1][0])
                    took.append(time.thread_time() - start_time)
                shared = sum(np.isin(row, near).sum() for row, near in zip(exact, found, strict=True))
                recall, busy = shared / _WANTED / len(questions), 1000 * np.median(took)
                print(f"  {name}, {probed} probed: {wanted} found, recall {recall:.4f}, {busy:.2f} ms busy", flush=True)
        index.reset()


def main() -> None:
    """Run the measurements, each size and step in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument(
        "--kinds",
        action="store_true",
        help="compare kinds of FAISS indexes",
    )
    chosen = parser.parse_args()
    vectors, questions = np.load(chosen.vectors, mmap_mode="r"), np.load(chosen.questions)
    if chosen.kinds:
        _compare_kinds(vectors[: chosen.sizes[-1]], questions[::8])
        return
    for size in chosen.sizes:
        print(f"{size:,} passages, {len(questions):,} questions", flush=True)
        with tempfile.TemporaryDirectory() as name:
            folder, part = Path(name), vectors[:size]
            _fill(folder, part)
            _alone(_build, folder, len(part), part.shape[1])
            _alone(_search, folder, questions, exact_nearest(part, questions, _WANTED))


def _alone(work: Callable[..., None], *arguments: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    SAVER.wait()


if __name__ == "__main__":
    main()

"""Promises about files: whatever is reported as done survives a power cut, and a failure leaves the old file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from index.catalog.engine import open_engine
from index.catalog.passage_queries import StoredVectors
from index.durable_files import delete_abandoned, make_folder, write_durably
from index.indexes.faiss_store import FaissStore
from index.indexes.vectors import Fingerprints
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.reading import calibration
from terminal import import_export, sample
from tests.small_embedder import SmallEmbedder


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path, int]]:
    """Record every fsync and rename: what was called, the path it concerned, and the file's size at that moment."""
    recorded: list[tuple[str, Path, int]] = []
    fsync, replace = os.fsync, os.replace

    def recording_fsync(descriptor: int) -> None:
        recorded.append(("fsync", Path(f"/proc/self/fd/{descriptor}").readlink(), os.fstat(descriptor).st_size))
        fsync(descriptor)

    def recording_replace(source: Path, target: Path) -> None:
        recorded.append(("rename", Path(target), Path(source).stat().st_size))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", recording_fsync)
    monkeypatch.setattr(os, "replace", recording_replace)
    return recorded


def assert_durable(calls: list[tuple[str, Path, int]], path: Path) -> None:
    """Check the order: the complete new file is flushed, then renamed, then the folder is flushed."""
    at = next(number for number, call in enumerate(calls) if call[:2] == ("rename", path))
    before, renamed, after = calls[at - 1 : at + 2]
    assert before[0] == "fsync"
    assert before[1].parent == path.parent
    assert before[1] != path
    assert before[2] == renamed[2] == path.stat().st_size
    assert after[:2] == ("fsync", path.parent)


def _no_vectors(_: np.ndarray) -> StoredVectors:
    """Fail: a small store reads no vectors of the catalogue."""
    raise AssertionError


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux to name what is flushed")


@needs_proc
def test_a_vector_file(calls: list[tuple[str, Path, int]], tmp_path: Path) -> None:
    """The vector index is saved durably."""
    store = FaissStore(tmp_path, "v", 4, _no_vectors)
    store.put(Fingerprints(np.arange(3), np.arange(3).astype(np.uint64)), np.eye(4, dtype=np.float32)[:3])
    store.save()

    assert_durable(calls, tmp_path / "vectors-v.faiss")


@needs_proc
def test_an_export(calls: list[tuple[str, Path, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export is durable before it is reported."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    libraries.open("test").add(draft_from_text("The ferry leaves.", key="a", source="a", title="A"))
    reported: list[int] = []
    monkeypatch.setattr(import_export, "result", lambda _: reported.append(len(calls)))
    calls.clear()
    import_export.export(libraries.open("test"), str(tmp_path / "all.jsonl"))
    libraries.close()

    assert_durable(calls[: reported[0]], tmp_path / "all.jsonl")


@needs_proc
def test_a_calibration(calls: list[tuple[str, Path, int]], tmp_path: Path) -> None:
    """A fitted calibration is saved durably."""
    fit = calibration.Calibration((1.0,), (1.0,) * len(calibration.GATE), 0.0, fitted=True)
    calibration.save(tmp_path / "calibration.json", "e", "r", ["one"], [], fit)

    assert_durable(calls, tmp_path / "calibration.json")


@needs_proc
def test_the_mark_of_an_unfinished_sample(calls: list[tuple[str, Path, int]], tmp_path: Path) -> None:
    """The file that makes the next start complete the sample exists before its first article does."""
    libraries, folder = Libraries(tmp_path / "data", SmallEmbedder), tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("The ferry leaves at seven.")
    added: list[int] = []
    shared = libraries.open("shared")
    add = shared.add
    shared.add = lambda draft: added.append(len(calls)) or add(draft)  # type: ignore[method-assign, func-returns-value]
    sample.load_once(shared, folder, tmp_path / "data" / "unfinished")
    libraries.close()

    (at,) = (number for number, call in enumerate(calls) if call[:2] == ("rename", tmp_path / "data" / "unfinished"))
    assert at + 1 < added[0]
    assert calls[at + 1][:2] == ("fsync", tmp_path / "data")


@needs_proc
def test_new_folders(calls: list[tuple[str, Path, int]], tmp_path: Path) -> None:
    """Each folder that is created is flushed in the one above it."""
    make_folder(tmp_path / "one" / "two")

    assert [call[:2] for call in calls] == [("fsync", tmp_path), ("fsync", tmp_path / "one")]


def test_every_commit_is_flushed(tmp_path: Path) -> None:
    """SQLite flushes its log at each commit of the catalogue, migrations included."""
    engine = open_engine(tmp_path / "catalog.db")
    with engine.connect() as db:
        assert db.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    assert isinstance(engine, sa.Engine)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    """If writing fails or is interrupted, the old file is unchanged and no other one remains."""
    path = tmp_path / "file"
    path.write_text("old")

    def fail(stream: object) -> None:
        stream.write(b"half")  # type: ignore[attr-defined]
        raise error

    with pytest.raises(type(error)):
        write_durably(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    """A second writer, for this or another process, uses another name; one that is at work is never deleted."""
    path, nested = tmp_path / "vectors-v.faiss", []

    def write(stream: object) -> None:
        stream.write(b"first")  # type: ignore[attr-defined]
        write_durably(path, lambda other: other.write(b"second"))
        delete_abandoned(tmp_path)
        FaissStore(tmp_path, "other", 4, _no_vectors)
        nested.extend(tmp_path.iterdir())

    write_durably(path, write)
    assert path.read_bytes() == b"first"
    assert len(nested) == 1


@pytest.mark.parametrize("name", [".1-abc.unfinished", ".1-abc.unfinished-wal"])
def test_what_a_killed_process_left_is_deleted(tmp_path: Path, name: str) -> None:
    """Unfinished files are deleted once they are a day old; so is what SQLite has beside an unfinished copy."""
    left = tmp_path / name
    left.write_text("half")
    delete_abandoned(tmp_path)
    assert left.exists()
    os.utime(left, (time.time() - 90_000,) * 2)
    delete_abandoned(tmp_path)
    assert not left.exists()


def test_closing_does_not_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index is saved on another thread, and not at all if nothing has changed; opening it again waits for it."""
    import threading

    libraries = Libraries(tmp_path, SmallEmbedder)
    library = libraries.open("test")
    library.add(draft_from_text("The ferry leaves.", key="a", source="a", title="A"))
    assert library.indexes()
    go, saved = threading.Event(), []
    save: Callable[[FaissStore], None] = FaissStore.save

    def slow(self: FaissStore) -> None:
        go.wait(30)
        saved.append(threading.current_thread().name)
        save(self)

    monkeypatch.setattr(FaissStore, "save", slow)
    library.close()
    assert saved == []
    go.set()
    assert library.indexes()
    assert saved == ["verbatim-saving_0"]
    library.close()
    libraries.close()
    assert len(saved) == 1

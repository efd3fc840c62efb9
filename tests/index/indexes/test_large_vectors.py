"""Promises of the dense index of a large library, whose rows are codes in segments; here it is large at 2,000 rows."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.indexes.background_saving import SAVER
from index.indexes.faiss_store import FaissStore
from index.indexes.position import CatalogPosition
from index.indexes.vectors import Fingerprints
from tests.index.indexes.vector_samples import DIMENSION, SIZES, Catalogue, unit_rows

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND = CatalogPosition(1, b"first..."), CatalogPosition(2, b"second..")


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


def opened(folder: Path, catalogue: Catalogue) -> FaissStore:
    return FaissStore(folder, "epoch", DIMENSION, catalogue.read, SIZES)


@pytest.fixture
def large(tmp_path: Path, catalogue: Catalogue) -> FaissStore:
    """Return a store of 3,000 rows that are searched by codes."""
    store = opened(tmp_path, catalogue)
    catalogue.store(store, np.arange(1, 3001), unit_rows(3000, 8))
    store.finish_building()
    return store


def save(store: FaissStore) -> None:
    """Save a store when nothing else is writing, as it is done when it is closed."""
    store.finish_building()
    SAVER.wait()
    store.save()


def assert_right(store: FaissStore, catalogue: Catalogue) -> None:
    """Check that a store has the rows of a catalogue, and finds 98 of 100 of the nearest, with exact scores."""
    store.finish_building()
    assert sorted(store.ids().tolist()) == sorted(catalogue.vectors)
    assert len(store) == len(catalogue.vectors)
    keys = np.array(list(catalogue.vectors), np.int64)
    assert store.holds(keys, np.stack(list(catalogue.vectors.values()))).all()
    shared = 0
    for query in unit_rows(50, 9):
        found, scores = store.search(query, 10)
        shared += len(set(found.tolist()) & set(catalogue.nearest(query, 10)))
        exact = [float(catalogue.vectors[key] @ query) for key in found.tolist()]
        np.testing.assert_allclose(scores, exact, atol=1e-6)
        assert exact == sorted(exact, reverse=True)
    assert shared >= 490


def test_it_finds_nearly_what_brute_force_finds(large: FaissStore, catalogue: Catalogue) -> None:
    """It does not keep the vectors, but compares those that are near by their codes."""
    assert_right(large, catalogue)
    assert large.memory < 3000 * DIMENSION * 4


def test_it_changes(large: FaissStore, catalogue: Catalogue) -> None:
    """A new row is found at once, a removed one never, and a replaced one by its new vector alone."""
    first, second, third = unit_rows(3, 12)
    catalogue.store(large, [5000], first[None])
    found = large.search(first, 1)[0].tolist()
    catalogue.store(large, [5000], second[None])
    again = large.search(second, 1)[0].tolist(), large.search(first, 3000)[0].tolist().count(5000)
    large.remove(np.array([99_999]))
    catalogue.remove(large, [5000, 17])
    gone = large.search(second, 3000)[0].tolist()
    catalogue.store(large, [5000], third[None])

    assert (found, again) == ([5000], ([5000], 1))
    assert {5000, 17}.isdisjoint(gone)
    assert large.search(third, 1)[0].tolist() == [5000]
    assert not large.holds(np.array([17]), first[None]).any()
    assert_right(large, catalogue)


def test_changes_while_codes_are_made(tmp_path: Path, catalogue: Catalogue) -> None:
    """Questions are answered meanwhile; rows that are added, replaced and removed are as they were left."""
    store, new, other = opened(tmp_path, catalogue), *unit_rows(2, 10)
    catalogue.store(store, np.arange(2500), unit_rows(2500, 11))
    catalogue.store(store, [9000, 7], np.stack([new, other]))
    catalogue.remove(store, [3])
    while store.is_building:
        assert store.search(new, 1)[0].tolist() == [9000]
        assert store.search(other, 1)[0].tolist() == [7]
        assert 3 not in store.search(other, 2501)[0]

    assert_right(store, catalogue)
    assert store.memory < 2500 * DIMENSION * 4


def test_many_rows_are_read_in_the_background(tmp_path: Path, catalogue: Catalogue) -> None:
    """An index that was lost is filled on another thread: what is added, replaced and removed meanwhile is right."""
    store, new, other = opened(tmp_path, catalogue), *unit_rows(2, 10)
    catalogue.vectors = dict(enumerate(unit_rows(5000, 11), 1))
    catalogue.is_open.clear()
    store.fill(catalogue.marks(range(1, 5001)))
    store.position = FIRST
    catalogue.store(store, [9000, 7], np.stack([new, other]))
    catalogue.remove(store, [3])
    assert store.search(new, 2)[0].tolist()[0] == 9000
    assert store.is_building
    assert len(store) == 5000
    catalogue.is_open.set()

    assert_right(store, catalogue)
    assert store.search(other, 1)[0].tolist() == [7]


def test_closing_does_not_wait_for_many_rows(tmp_path: Path, catalogue: Catalogue) -> None:
    """What was read until then is saved, but no position, so that the rest is filled the next time."""
    store = opened(tmp_path, catalogue)
    catalogue.vectors = dict(enumerate(unit_rows(3000, 11), 1))
    catalogue.is_open.clear()
    store.fill(catalogue.marks(range(1, 3001)))
    catalogue.store(store, [9000], unit_rows(1, 10))
    store.position = FIRST
    store.close()
    catalogue.is_open.set()
    save(store)
    again = opened(tmp_path, catalogue)

    assert again.position is None
    assert 9000 in again.ids()
    again.fill(catalogue.marks(np.setdiff1d(list(catalogue.vectors), again.ids())))
    assert_right(again, catalogue)


def test_reading_that_fails_is_tried_again(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error while vectors are read in the background loses nothing."""
    monkeypatch.setattr("index.indexes.dense_rows._RETRIED_AFTER", 0.0)
    store = opened(tmp_path, catalogue)
    catalogue.vectors = dict(enumerate(unit_rows(3000, 11), 1))
    catalogue.failures = 2
    store.fill(catalogue.marks(range(1, 3001)))

    assert_right(store, catalogue)
    assert "tried again" in caplog.text


@pytest.mark.parametrize("can_map", [True, False])
def test_it_is_saved(
    large: FaissStore, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, *, can_map: bool
) -> None:
    """It opens with the same rows, without those that were removed; full segments stay in their files."""
    monkeypatch.setattr("index.indexes.segment_file.CAN_MAP", can_map)
    catalogue.remove(large, np.arange(1, 200))
    large.position = FIRST
    save(large)
    files = {path.name for path in tmp_path.iterdir()}
    again = opened(tmp_path, catalogue)
    query = unit_rows(1, 13)[0]

    assert again.search(query, 10)[0].tolist() == large.search(query, 10)[0].tolist()
    assert (again.position, again.is_saved) == (FIRST, True)
    assert any(one.is_mapped for one in again._rows.segments.all) == can_map
    assert_right(again, catalogue)
    catalogue.store(again, [7000], unit_rows(1, 14))
    again.position = SECOND
    save(again)
    assert len(files & {path.name for path in tmp_path.iterdir()}) == len(files) - 1  # one segment was appended to
    assert_right(opened(tmp_path, catalogue), catalogue)


def test_many_changes_are_saved_while_it_is_open(tmp_path: Path, catalogue: Catalogue) -> None:
    """After a crash only what followed the last saved position is to be applied again."""
    is_free = threading.Event()

    def save_another() -> None:
        is_free.wait()

    SAVER.submit(tmp_path / "another library", save_another)
    store = opened(tmp_path, catalogue)
    catalogue.store(store, np.arange(1, 3001), unit_rows(3000, 8))
    store.finish_building()
    size = store.memory  # of all rows: while the saver is at work for another library, nothing is written
    is_free.set()
    SAVER.wait()
    store.position = FIRST
    SAVER.wait()
    catalogue.store(store, [7000], unit_rows(1, 14))
    store.position = SECOND
    again = opened(tmp_path, catalogue)

    assert store.memory < size  # the full segments are searched in their files
    assert again.position == FIRST
    assert sorted([*again.ids().tolist(), 7000]) == sorted(catalogue.vectors)
    assert_right(store, catalogue)


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "foreign", "zeroed", "another"])
def test_a_damaged_segment_is_filled_again(
    large: FaissStore, tmp_path: Path, catalogue: Catalogue, damage: str
) -> None:
    """The other segments are kept; without a position the library compares what there is with its catalogue."""
    large.position = FIRST
    save(large)
    first, second, *_ = sorted(tmp_path.glob("vectors-epoch.faiss.*"))
    data = first.read_bytes()
    changed = {
        "empty": b"",
        "truncated": data[:-100],
        "foreign": b"SQLite format 3\0" * 500,
        "zeroed": data[:5000] + bytes(512) + data[5512:],
        "another": second.read_bytes(),
    }
    first.unlink() if damage == "missing" else first.write_bytes(changed[damage])
    again = opened(tmp_path, catalogue)

    assert again.position is None
    assert 0 < len(again) < 3000 or damage == "another"
    held = again.fingerprints()
    wanted = catalogue.marks(list(catalogue.vectors))
    lost = ~np.isin(wanted.ids, held.ids)
    again.fill(type(wanted)(wanted.ids[lost], wanted.digests[lost]))
    assert_right(again, catalogue)


@pytest.mark.parametrize("step", range(8))
def test_a_crash_between_the_steps_of_saving(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Whatever step of saving is the last, the old state or the new one is opened, with its own position."""
    large = FaissStore(tmp_path, "epoch", DIMENSION, catalogue.read, SIZES._replace(unsaved=1_000_000))
    catalogue.store(large, np.arange(1, 3001), unit_rows(3000, 8))
    large.position = FIRST
    save(large)
    before = sorted(catalogue.vectors)
    catalogue.store(large, np.arange(7000, 9000), unit_rows(2000, 14))
    large.finish_building()
    large.position = SECOND
    calls = 0

    def stop_at(_: object, __: object, *, real: object = os.replace) -> None:
        nonlocal calls
        calls += 1
        if calls > step:
            raise SystemExit
        assert callable(real)
        real(_, __)

    monkeypatch.setattr(os, "replace", stop_at)
    try:
        large.save()
    except SystemExit:
        pass
    else:
        assert calls <= step
    again = opened(tmp_path, catalogue)

    assert again.position in {FIRST, SECOND}
    assert sorted(again.ids().tolist()) == (before if again.position == FIRST else sorted(catalogue.vectors))


def test_two_processes_save_in_turn(large: FaissStore, tmp_path: Path, catalogue: Catalogue) -> None:
    """Each replaces the other's files by its own, complete ones."""
    save(large)
    other = opened(tmp_path, catalogue)
    vectors = unit_rows(2000, 15)
    catalogue.store(other, np.arange(7000, 9000), vectors)
    other.position = SECOND
    SAVER.wait()
    other.remove(np.arange(1, 1500))
    other.finish_building()
    save(other)
    catalogue.store(large, np.arange(7000, 9000), vectors)
    large.position = FIRST
    save(large)

    assert_right(opened(tmp_path, catalogue), catalogue)


def test_removed_rows_are_taken_out(large: FaissStore, catalogue: Catalogue) -> None:
    """Segments of which much was removed are made again, in the background, and small ones put together."""
    size = large.memory
    catalogue.remove(large, np.arange(1, 3001, 2))
    assert large.search(unit_rows(1, 3)[0], 1)[0].tolist() == catalogue.nearest(unit_rows(1, 3)[0], 1)

    assert_right(large, catalogue)
    assert large.memory < 0.7 * size


def test_files_have_nothing_of_removed_rows(tmp_path: Path, catalogue: Catalogue, large: FaissStore) -> None:
    """The codes and digests of rows that were removed are taken out of all files when they are saved."""
    save(large)
    removed = catalogue.marks(range(1, 3001, 10))
    catalogue.remove(large, removed.ids)
    save(large)
    again = opened(tmp_path, catalogue)

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(digest.tobytes() in content for digest in removed.digests)
    for segment in again._rows.segments.all:
        codes = segment._unpack(np.flatnonzero(~segment.alive))
        assert not codes.any()
    assert_right(again, catalogue)


def test_rows_that_the_catalogue_lacks_are_given_up(large: FaissStore, catalogue: Catalogue) -> None:
    """Codes that are made again, and rows that wait to be read, are dropped if there is no vector for them."""
    for key in range(1, 3001, 3):
        del catalogue.vectors[key]
    large.remove(np.arange(2, 3001, 3))
    for key in range(2, 3001, 3):
        del catalogue.vectors[key]
    lost = np.arange(5000, 8000)
    large.fill(Fingerprints(lost, lost.astype(np.uint64)))

    assert_right(large, catalogue)


def test_a_library_that_grows_is_trained_again(large: FaissStore, catalogue: Catalogue) -> None:
    """New rows are then stored as codes that fit them, too."""
    rows = unit_rows(9000, 16) + np.eye(DIMENSION, dtype=np.float32)[0]
    catalogue.store(large, np.arange(10_000, 19_000), rows / np.linalg.norm(rows, axis=1, keepdims=True))
    large.finish_building()
    quantizer = large._rows.segments.quantizer
    assert quantizer is not None
    assert quantizer.trained_for == 12_000
    assert_right(large, catalogue)


def test_views(large: FaissStore, catalogue: Catalogue) -> None:
    """A view without rows finds others instead; a view of rows finds these alone, few or many."""
    query = unit_rows(1, 14)[0]
    order = catalogue.nearest(query, 3000)
    half = np.sort([*order[1000:2500], 77_777])

    assert large.without(set(order[:5])).search(query, 5)[0].tolist() == order[5:10]
    assert set(large.without(set(order[:2000])).search(query, 5)[0].tolist()) <= set(order[2000:2020])
    assert large.only(np.sort(order[20:40])).search(query, 3)[0].tolist() == order[20:23]
    assert large.only(np.sort([*order[10:60], 77_777])).search(query, 3)[0].tolist() == order[10:13]
    assert set(large.only(half).search(query, 3)[0].tolist()) <= set(order[1000:1020])
    assert large.only(np.empty(0, np.int64)).search(query, 3)[0].tolist() == []
    catalogue.remove(large, order[1000:1020])
    assert set(large.only(half).search(query, 3)[0].tolist()) <= set(order[1020:1040])
    assert large.search(query, 5)[0].tolist() == order[:5]


def test_views_while_codes_are_made(tmp_path: Path, catalogue: Catalogue) -> None:
    """A view from before finds the same rows once, when they are codes."""
    store = opened(tmp_path, catalogue)
    catalogue.store(store, np.arange(2500), unit_rows(2500, 11))
    query = unit_rows(1, 14)[0]
    order = catalogue.nearest(query, 300)
    view = store.only(np.sort(order[100:]))
    before = view.search(query, 5)[0].tolist()
    store.finish_building()

    assert before == view.search(query, 5)[0].tolist() == order[100:105]


def test_it_makes_no_thread_while_small(tmp_path: Path, catalogue: Catalogue) -> None:
    """A small library is searched exactly, and reads nothing from the catalogue."""
    store = opened(tmp_path, catalogue)
    catalogue.store(store, np.arange(1999), unit_rows(1999, 11))
    catalogue.failures = 1
    query = unit_rows(1, 14)[0]

    assert store.search(query, 20)[0].tolist() == catalogue.nearest(query, 20)
    assert not any(thread.name == "verbatim-indexing" for thread in threading.enumerate())

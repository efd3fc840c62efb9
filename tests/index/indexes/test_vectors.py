"""Promises of the dense index, checked against brute force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.catalog.passage_queries import StoredVectors
from index.indexes.faiss_store import FaissStore, Sizes
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DIMENSION = 16
SIZES = Sizes(large=2000, segment=1024, few=30, unsaved=500)


def unit_rows(count: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def marks(ids: Sequence[int] | np.ndarray) -> Fingerprints:
    """Return ids with a digest each."""
    keys = np.array(ids, np.int64)
    return Fingerprints(keys, keys.astype(np.uint64) * np.uint64(7))


class Catalogue:
    """The vectors that a catalogue would have."""

    def __init__(self) -> None:
        self.vectors: dict[int, np.ndarray] = {}

    def store(self, store: FaissStore, ids: Sequence[int] | np.ndarray, rows: np.ndarray) -> None:
        """Put rows here and into a store."""
        self.vectors |= dict(zip(np.array(ids).tolist(), rows, strict=True))
        digests = np.array([hash(row.tobytes()) & (1 << 62) - 1 for row in rows], np.uint64)
        store.put(Fingerprints(np.array(ids, np.int64), digests), rows)

    def read(self, ids: np.ndarray) -> StoredVectors:
        """Return the vectors of the ids that are here."""
        known = [key for key in ids.tolist() if key in self.vectors]
        rows = [self.vectors[key] for key in known]
        return StoredVectors(np.array(known, np.int64), np.array(rows, np.float32).reshape(len(known), DIMENSION))


def nothing(_: np.ndarray) -> StoredVectors:
    """Fail: a small store reads no vectors of the catalogue."""
    raise AssertionError


@pytest.fixture
def store(tmp_path: Path) -> FaissStore:
    return FaissStore(tmp_path, "epoch", DIMENSION, nothing)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def large(tmp_path: Path, catalogue: Catalogue) -> FaissStore:
    """Return a store of 3,000 rows that are searched by codes."""
    store = FaissStore(tmp_path, "epoch", DIMENSION, catalogue.read, SIZES)
    catalogue.store(store, np.arange(1, 3001), unit_rows(3000, 8))
    store.finish_building()
    return store


def test_search_gives_what_brute_force_gives(store: FaissStore) -> None:
    """The nearest ids and their cosines are those of a full comparison, best first."""
    rows, ids = unit_rows(200, 1), np.arange(1000, 1200)
    store.put(marks(ids), rows)
    query = unit_rows(1, 2)[0]
    expected = np.argsort(-(rows @ query))[:7]

    found, scores = store.search(query, 7)

    assert found.tolist() == ids[expected].tolist()
    np.testing.assert_allclose(scores, (rows @ query)[expected], atol=1e-6)


def test_put_replaces_what_an_id_held(store: FaissStore) -> None:
    """An id stored twice is there once, with the later vector."""
    first, second = unit_rows(2, 3)
    store.put(marks([5]), first[None])
    store.put(marks([5]), second[None])

    assert store.ids().tolist() == [5]
    assert store.holds(np.array([5]), second[None]).tolist() == [True]
    assert store.holds(np.array([5]), first[None]).tolist() == [False]


def test_short_results_are_not_padded(store: FaissStore) -> None:
    """A limit above the number of rows returns all rows; an empty store returns nothing."""
    assert store.search(unit_rows(1, 0)[0], 5)[0].tolist() == []
    store.put(marks([1, 2]), unit_rows(2, 4))

    assert sorted(store.search(unit_rows(1, 0)[0], 5)[0].tolist()) == [1, 2]


def test_removed_ids_are_never_found(store: FaissStore) -> None:
    """Removed ids are not found, unknown ids are ignored, and the others keep their vectors."""
    rows = unit_rows(5, 5)
    store.put(marks(range(5)), rows)
    store.remove(np.array([1, 3, 99]))

    assert sorted(store.ids().tolist()) == [0, 2, 4]
    assert store.holds(np.array([4, 0, 1]), rows[[4, 0, 1]]).tolist() == [True, True, False]


def test_a_saved_store_opens_with_the_same_rows(tmp_path: Path) -> None:
    """Closing saves the rows, and opening reads them again."""
    rows = unit_rows(9, 6)
    first = FaissStore(tmp_path, "epoch", DIMENSION, nothing)
    first.put(marks(range(9)), rows)
    first.save()

    assert FaissStore(tmp_path, "epoch", DIMENSION, nothing).holds(np.arange(9), rows).all()


@pytest.mark.parametrize("damage", [b"", b"not an index", b"IxMp\0\0"])
def test_an_unreadable_file_counts_as_empty(tmp_path: Path, damage: bytes) -> None:
    """A damaged file is treated as empty: the library fills the store again."""
    (tmp_path / "vectors-epoch.faiss").write_bytes(damage)

    assert FaissStore(tmp_path, "epoch", DIMENSION, nothing).ids().tolist() == []


def test_another_epochs_file_is_removed(tmp_path: Path) -> None:
    """Vectors of another index version are never opened."""
    old = FaissStore(tmp_path, "old", DIMENSION, nothing)
    old.put(marks([1]), unit_rows(1, 7))
    old.save()

    assert FaissStore(tmp_path, "new", DIMENSION, nothing).ids().tolist() == []
    assert not (tmp_path / "vectors-old.faiss").exists()


def nearest(catalogue: Catalogue, query: np.ndarray, limit: int) -> list[int]:
    """Return the ids of the nearest vectors, by comparing all."""
    return sorted(catalogue.vectors, key=lambda key: -float(catalogue.vectors[key] @ query))[:limit]


def test_a_large_store_finds_nearly_what_brute_force_finds(large: FaissStore, catalogue: Catalogue) -> None:
    """Of the ten nearest of 3,000 rows at least 98 in 100 are found, in the order of their exact cosines."""
    shared = 0
    for query in unit_rows(50, 9):
        found, scores = large.search(query, 10)
        shared += len(set(found.tolist()) & set(nearest(catalogue, query, 10)))
        exact = [float(catalogue.vectors[key] @ query) for key in found.tolist()]
        np.testing.assert_allclose(scores, exact, atol=1e-6)
        assert exact == sorted(exact, reverse=True)

    assert shared >= 490
    assert large.memory < 3000 * DIMENSION * 4  # it does not keep the vectors


def test_what_changes_while_codes_are_made(tmp_path: Path, catalogue: Catalogue) -> None:
    """Rows that are added, replaced and removed meanwhile are as they were left."""
    store, rows, other = FaissStore(tmp_path, "epoch", DIMENSION, catalogue.read, SIZES), *unit_rows(2, 10)
    catalogue.store(store, np.arange(2500), unit_rows(2500, 11))
    catalogue.store(store, [9000, 7], np.stack([rows, other]))
    store.remove(np.array([3]))
    del catalogue.vectors[3]
    store.finish_building()

    assert store.search(rows, 1)[0].tolist() == [9000]
    assert store.search(other, 1)[0].tolist() == [7]
    assert sorted(store.ids().tolist()) == sorted(catalogue.vectors)


def test_a_large_store_changes(large: FaissStore, catalogue: Catalogue) -> None:
    """A new row is found at once, a removed one never, and a replaced one by its new vector alone."""
    first, second = unit_rows(2, 12)
    catalogue.store(large, [5000], first[None])
    found = large.search(first, 1)[0].tolist()
    catalogue.store(large, [5000], second[None])
    again = large.search(second, 1)[0].tolist(), large.search(first, 3000)[0].tolist().count(5000)
    large.remove(np.array([5000, 17, 99_999]))

    assert (found, again) == ([5000], ([5000], 1))
    assert {5000, 17}.isdisjoint(large.search(second, 3000)[0].tolist())
    assert len(large.ids()) == 2999
    assert large.holds(np.array([17, 18]), np.stack([catalogue.vectors[17], catalogue.vectors[18]])).tolist() == [
        False,
        True,
    ]


def test_a_large_store_is_saved(large: FaissStore, tmp_path: Path, catalogue: Catalogue) -> None:
    """It opens with the same rows, without those that were removed; a damaged file is filled again."""
    large.remove(np.arange(1, 500))
    for key in range(1, 500):
        del catalogue.vectors[key]
    query = unit_rows(1, 13)[0]
    large.save()
    opened = FaissStore(tmp_path, "epoch", DIMENSION, catalogue.read, SIZES)
    path = tmp_path / "vectors-epoch.faiss"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size - 100)
        file.write(b"\xff\x00\xff")
    damaged = FaissStore(tmp_path, "epoch", DIMENSION, catalogue.read, SIZES)

    assert opened.search(query, 10)[0].tolist() == large.search(query, 10)[0].tolist()
    assert sorted(opened.ids().tolist()) == sorted(catalogue.vectors)
    assert opened.is_saved
    assert damaged.ids().tolist() == []


@pytest.mark.parametrize("kind", ["store", "large"])
def test_views(kind: str, request: pytest.FixtureRequest, catalogue: Catalogue) -> None:
    """A view without rows finds others instead; a view of rows finds these alone, few or many."""
    store: FaissStore = request.getfixturevalue(kind)
    if kind == "store":
        catalogue.store(store, np.arange(1, 201), unit_rows(200, 8))
    query = unit_rows(1, 14)[0]
    order = nearest(catalogue, query, 60)
    few, many = np.sort(order[20:40]), np.sort([*order[10:60], 77_777])

    assert store.without(set(order[:5])).search(query, 5)[0].tolist() == order[5:10]
    assert store.only(few).search(query, 3)[0].tolist() == order[20:23]
    assert store.only(many).search(query, 3)[0].tolist() == order[10:13]
    assert store.only(np.empty(0, np.int64)).search(query, 3)[0].tolist() == []
    assert store.search(query, 5)[0].tolist() == order[:5]

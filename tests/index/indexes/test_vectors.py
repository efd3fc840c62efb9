"""Promises of the dense index, checked against brute force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.indexes.vectors import FaissStore, Fingerprints

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DIMENSION = 16


def unit_rows(count: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def marks(ids: Sequence[int] | np.ndarray) -> Fingerprints:
    """Return ids with a digest each."""
    keys = np.array(ids, np.int64)
    return Fingerprints(keys, keys.astype(np.uint64) * np.uint64(7))


@pytest.fixture
def store(tmp_path: Path) -> FaissStore:
    return FaissStore(tmp_path, "epoch", DIMENSION)


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
    np.testing.assert_array_equal(store.vectors(np.array([5]))[0], second)


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
    np.testing.assert_array_equal(store.vectors(np.array([4, 0])), rows[[4, 0]])
    with pytest.raises(KeyError):
        store.vectors(np.array([1]))


def test_a_saved_store_opens_with_the_same_rows(tmp_path: Path) -> None:
    """Closing saves the rows, and opening reads them again."""
    rows = unit_rows(9, 6)
    first = FaissStore(tmp_path, "epoch", DIMENSION)
    first.put(marks(range(9)), rows)
    first.save()

    np.testing.assert_array_equal(FaissStore(tmp_path, "epoch", DIMENSION).vectors(np.arange(9)), rows)


@pytest.mark.parametrize("damage", [b"", b"not an index", b"IxMp\0\0"])
def test_an_unreadable_file_counts_as_empty(tmp_path: Path, damage: bytes) -> None:
    """A damaged file is treated as empty: the library fills the store again."""
    (tmp_path / "vectors-epoch.faiss").write_bytes(damage)

    assert FaissStore(tmp_path, "epoch", DIMENSION).ids().tolist() == []


def test_another_epochs_file_is_removed(tmp_path: Path) -> None:
    """Vectors of another index version are never opened."""
    old = FaissStore(tmp_path, "old", DIMENSION)
    old.put(marks([1]), unit_rows(1, 7))
    old.save()

    assert FaissStore(tmp_path, "new", DIMENSION).ids().tolist() == []
    assert not (tmp_path / "vectors-old.faiss").exists()

"""Promises of the dense index, checked against brute force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.indexes.faiss_store import FaissStore
from index.indexes.position import CatalogPosition
from tests.index.indexes.vector_samples import DIMENSION, Catalogue, marks, unit_rows

if TYPE_CHECKING:
    from pathlib import Path

    from index.catalog.passage_queries import StoredVectors


def nothing(_: np.ndarray) -> StoredVectors:
    """Fail: a small store reads no vectors of the catalogue."""
    raise AssertionError


@pytest.fixture
def store(tmp_path: Path) -> FaissStore:
    return FaissStore(tmp_path, "epoch", DIMENSION, nothing)


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


def test_views(store: FaissStore) -> None:
    """A view without rows finds others instead; a view of rows finds these alone."""
    catalogue = Catalogue()
    catalogue.store(store, np.arange(1, 201), unit_rows(200, 8))
    query = unit_rows(1, 14)[0]
    order = catalogue.nearest(query, 60)

    assert store.without(set(order[:5])).search(query, 5)[0].tolist() == order[5:10]
    assert store.only(np.sort([*order[20:40], 77_777])).search(query, 3)[0].tolist() == order[20:23]
    assert store.only(np.empty(0, np.int64)).search(query, 3)[0].tolist() == []
    assert store.search(query, 5)[0].tolist() == order[:5]


def test_the_position_is_saved(tmp_path: Path) -> None:
    """With the rows the state of the catalogue is kept whose changes the store has."""
    first = FaissStore(tmp_path, "epoch", DIMENSION, nothing)
    first.put(marks([1]), unit_rows(1, 7))
    first.position = CatalogPosition(7, b"01234567")
    first.save()
    second = FaissStore(tmp_path, "epoch", DIMENSION, nothing)

    assert second.position == CatalogPosition(7, b"01234567")
    assert second.is_saved
    second.position = CatalogPosition(5000, b"76543210")
    assert not second.is_saved  # the log of changes would not reach back to the saved one for long
    second.save()
    assert FaissStore(tmp_path, "epoch", DIMENSION, nothing).position == CatalogPosition(5000, b"76543210")

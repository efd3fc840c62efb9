"""Promises of every vector store: FAISS in files, and Milvus, checked against brute force."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from index.indexes.milvus import views
from index.indexes.position import CatalogPosition
from index.indexes.vectors import VectorStore
from tests.index.indexes.conftest import Passages
from tests.index.indexes.vector_samples import marks, unit_rows

Opener = Callable[[], VectorStore]


def nearest(ids: np.ndarray, rows: np.ndarray, query: np.ndarray) -> list[int]:
    """Return ids, nearest first, by comparing all."""
    order: list[int] = ids[np.argsort(-(rows @ query), kind="stable")].tolist()
    return order


def test_search_gives_what_brute_force_gives(open_vectors: Opener) -> None:
    """The nearest ids and their cosines are those of a full comparison, best first, whoever stored them."""
    store = open_vectors()
    rows, ids = unit_rows(200, 1), np.arange(1000, 1200)
    store.put(marks(ids), rows)
    query = unit_rows(1, 2)[0]

    found, scores = store.search(query, 7)

    assert found.tolist() == nearest(ids, rows, query)[:7]
    np.testing.assert_allclose(scores, np.sort(rows @ query)[::-1][:7], atol=1e-5)
    assert len(store) == 200
    assert store.search(query, 0)[0].tolist() == []
    store.save()
    assert open_vectors().search(query, 7)[0].tolist() == found.tolist()


def test_put_replaces_what_an_id_held(open_vectors: Opener) -> None:
    """An id stored twice is there once, with the later vector and digest."""
    store = open_vectors()
    first, second = unit_rows(2, 3)
    store.put(marks([5]), first[None])
    assert store.holds(np.array([5]), first[None]).tolist() == [True]
    store.put(marks([5]), second[None])

    assert store.ids().tolist() == [5]
    assert store.fingerprints().digests.tolist() == marks([5]).digests.tolist()
    assert store.holds(np.array([5]), second[None]).tolist() == [True]
    assert store.holds(np.array([5]), first[None]).tolist() == [False]


def test_short_results_are_not_padded(open_vectors: Opener) -> None:
    """A limit above the number of rows returns all rows; an empty store returns nothing."""
    store = open_vectors()
    assert store.search(unit_rows(1, 0)[0], 5)[0].tolist() == []
    store.put(marks([1, 2]), unit_rows(2, 4))

    assert sorted(store.search(unit_rows(1, 0)[0], 5)[0].tolist()) == [1, 2]


def test_removed_ids_are_never_found(open_vectors: Opener) -> None:
    """Removed ids are not found, unknown ids are ignored, and the others keep their vectors."""
    store = open_vectors()
    rows, ids = unit_rows(5, 5), np.arange(1, 6)
    store.put(marks(ids), rows)
    store.remove(np.array([2, 4, 99]))

    assert sorted(store.ids().tolist()) == sorted(store.search(rows[0], 5)[0].tolist()) == [1, 3, 5]
    assert store.holds(np.array([5, 1, 2]), rows[[4, 0, 1]]).tolist() == [True, True, False]
    assert len(store) == 3


def test_views(open_vectors: Opener) -> None:
    """A view without rows finds others instead; a view of rows finds these alone."""
    store = open_vectors()
    rows, ids = unit_rows(200, 8), np.arange(1, 201)
    store.put(marks(ids), rows)
    query = unit_rows(1, 14)[0]
    order = nearest(ids, rows, query)

    assert store.without(set(order[:5])).search(query, 5)[0].tolist() == order[5:10]
    assert store.only(np.sort([*order[20:40], 77_777])).search(query, 3)[0].tolist() == order[20:23]
    assert store.only(np.empty(0, np.int64)).search(query, 3)[0].tolist() == []
    assert store.search(query, 5)[0].tolist() == order[:5]


def test_views_of_more_ids_than_a_request_can_name(open_vectors: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Views of any size are exact: what a request cannot exclude is left out afterwards, and more is fetched."""
    monkeypatch.setattr(views, "FILTERED", 20)
    monkeypatch.setattr(views, "_GROUPS", 2)
    store = open_vectors()
    rows, ids = unit_rows(300, 9), np.arange(1, 301)
    store.put(marks(ids), rows)
    query = unit_rows(1, 15)[0]
    order = nearest(ids, rows, query)

    assert store.without(set(order[:290])).search(query, 5)[0].tolist() == order[290:295]
    assert store.without({*order[:30], 5_000}).search(query, 5)[0].tolist() == order[30:35]
    assert store.only(np.sort(order[100:135])).search(query, 4)[0].tolist() == order[100:104]
    assert store.only(np.sort(order[3:])).search(query, 4)[0].tolist() == order[3:7]
    assert store.only(np.sort(order[250:])).search(query, 60)[0].tolist() == order[250:]


def test_the_position_is_stored(open_vectors: Opener) -> None:
    """With the rows the state of the catalogue is kept whose changes the store has."""
    first = open_vectors()
    assert first.position is None
    first.put(marks([1]), unit_rows(1, 7))
    first.position = CatalogPosition(7, b"01234567")
    first.save()
    second = open_vectors()

    assert second.position == CatalogPosition(7, b"01234567")
    assert second.is_saved
    assert second.ids().tolist() == [1]


@pytest.mark.parametrize("open_vectors", ["milvus"], indirect=True)
def test_what_the_catalogue_no_longer_has_is_replaced_by_others(open_vectors: Opener, passages: Passages) -> None:
    """A passage that was removed a moment ago is not returned, and as many are found as without it."""
    store = open_vectors()
    rows, ids = unit_rows(100, 10), np.arange(1, 101)
    store.put(marks(ids), rows)
    query = unit_rows(1, 16)[0]
    order = nearest(ids, rows, query)
    passages.gone = set(order[:60:2])

    assert store.search(query, 10)[0].tolist() == [key for key in order if key not in passages.gone][:10]

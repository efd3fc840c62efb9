"""One library's part of a collection of Milvus, in which each passage is an entity with its vector and its words.

All libraries with the same index version share a collection, whose partition key is the library. This module is the
only one that sends requests about entities, and none of them leaves the library out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from index.catalog.passage_queries import StoredVectors
from index.indexes.milvus.schema import ensure_collection, forget_collection
from index.indexes.milvus.server import CollectionMissingError
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.indexes.milvus.server import MilvusServer

MOST_FOUND: Final = 16_384
"""The most results of one search: a limit of Milvus."""

FILTERED: Final = 4_096
"""The most ids in the filter of one request: its length stays under 100 KB."""

_PASSAGE_BITS: Final = 40
_MOST_BYTES: Final = 65_535  # of the words of a passage: a limit of Milvus
_WRITTEN: Final = 500  # entities in one request: a few MB, where Milvus takes 64
_STRONG: Final = "Strong"  # a request sees what any process has written before; Milvus waits for that some 0.2 s
_BOUNDED: Final = "Bounded"  # it sees what was written some seconds ago, without a wait
_EF: Final = 400  # candidates that the search of the graph keeps: chosen in benchmarks/RESULTS.md


class Entity(NamedTuple):
    """A passage as it is stored: its id in the catalogue, its digest, unit vector, and terms joined by spaces."""

    id: int
    digest: int
    vector: np.ndarray
    terms: str


class Found(NamedTuple):
    """Results of a search, best first: (n,) int64 ids and (n,) uint64 digests of passages, and (n,) float scores."""

    ids: np.ndarray
    digests: np.ndarray
    scores: np.ndarray


class LibraryEntities:
    """The entities of one library. Raises StorageError if Milvus is out of reach or reports an error.

    A collection that was dropped is created again; `on_lost` is called then.
    """

    def __init__(self, server: MilvusServer, collection: str, library_id: int, dimension: int) -> None:
        self._server, self._collection, self._dimension = server, collection, dimension
        self._first = library_id << _PASSAGE_BITS  # the marker's key; those of passages come after it
        self._library_id = library_id
        self._own = f"library_id == {library_id}"
        self.on_lost: Callable[[], None] = lambda: None
        self.is_settled: Callable[[], bool] = lambda: False  # whether no process has written for some seconds

    def put(self, entities: Sequence[Entity]) -> None:
        """Store entities; an existing id is replaced."""
        for start in range(0, len(entities), _WRITTEN):
            rows = [self._row(*entity) for entity in entities[start : start + _WRITTEN]]
            self._write("upsert", rows)

    def remove(self, ids: np.ndarray) -> None:
        """Remove (n,) int64 ids; unknown ones are ignored."""
        for start in range(0, len(ids), FILTERED):
            chosen = self._chosen(ids[start : start + FILTERED])
            self._write("delete", filter=f"{self._own} and {chosen}")

    def remove_all(self) -> None:
        """Remove every entity of the library, the marker too."""
        self._write("delete", filter=self._own)

    def nearest(self, vector: np.ndarray, limit: int, restriction: str = "") -> Found:
        """Return the passages nearest to a (d,) unit vector, scored by cosine."""
        search = {"metric_type": "COSINE", "params": {"ef": max(_EF, min(2 * limit, MOST_FOUND))}}
        return self._search("vector", vector.astype(np.float32).tolist(), search, limit, restriction)

    def matching(self, terms: Sequence[str], limit: int, restriction: str = "") -> Found:
        """Return the passages with any of the terms, in the order of Milvus's BM25; scores are at least 0."""
        search = {"metric_type": "BM25", "params": {}}
        found = self._search("words", " ".join(terms), search, limit, restriction)
        return found._replace(scores=np.abs(found.scores))  # Milvus Lite gives them as negative distances

    def with_ids(self, ids: np.ndarray) -> str:
        """Return the restriction of a search to at most `FILTERED` ids."""
        return self._chosen(ids)

    def without_ids(self, ids: np.ndarray) -> str:
        """Return the restriction of a search to others than at most `FILTERED` ids."""
        return self._chosen(ids, "not in") if len(ids) else ""

    def fingerprints(self) -> Fingerprints:
        """Return the ids and digests of all passages, in no particular order."""
        ids, digests = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for rows in self._all():
            ids.append(np.array([row["id"] for row in rows], np.int64) - self._first)
            digests.append(np.array([row["digest"] for row in rows], np.int64))
        return Fingerprints(np.concatenate(ids), np.concatenate(digests).view(np.uint64))

    def vectors(self, ids: np.ndarray) -> StoredVectors:
        """Return the vectors stored under (n,) ids, in no particular order; unknown ids are left out."""
        found: list[Any] = []
        for start in range(0, len(ids), _WRITTEN):
            chosen = self._chosen(ids[start : start + _WRITTEN])
            found += self._query(f"{self._own} and {chosen}", ["id", "vector"])
        keys = np.array([row["id"] for row in found], np.int64) - self._first
        rows = np.array([row["vector"] for row in found], np.float32).reshape(len(found), self._dimension)
        return StoredVectors(keys, rows)

    def count(self) -> int:
        """Return the number of passages."""
        (row,) = self._query(f"{self._own} and id > {self._first}", ["count(*)"])
        return int(row["count(*)"])

    @property
    def marker(self) -> int | None:
        """A number that is stored beside the passages, and lost or set back with them; None if there is none."""
        found = self._query(f"{self._own} and id == {self._first}", ["digest"])
        return int(found[0]["digest"]) if found else None

    @marker.setter
    def marker(self, number: int) -> None:
        vector = np.zeros(self._dimension, np.float32)
        vector[0] = 1
        self._write("upsert", [{**self._row(0, 0, vector, ""), "digest": number}])

    def compact(self) -> None:
        """Ask Milvus to write the collection anew without what was removed; it does so later, in the background."""
        self._call("flush", timeout=self._server.timeouts.write)
        self._call("compact", timeout=self._server.timeouts.write)

    def _row(self, key: int, digest: int, vector: np.ndarray, terms: str) -> dict[str, Any]:
        signed = digest - (1 << 64) if digest >= 1 << 63 else digest
        return {
            "id": self._first + key,
            "library_id": self._library_id,
            "digest": signed,
            "vector": vector.astype(np.float32),
            "terms": _shortened(terms),
        }

    def _chosen(self, ids: np.ndarray, operator: str = "in") -> str:
        return f"id {operator} {(ids.astype(np.int64) + self._first).tolist()}"

    def _search(self, field: str, data: Any, search: dict[str, Any], limit: int, restriction: str) -> Found:
        wanted = min(limit, MOST_FOUND - 1) + 1  # the marker may be among them
        (hits,) = self._call(
            "search",
            data=[data],
            anns_field=field,
            filter=f"{self._own} and {restriction}" if restriction else self._own,
            limit=wanted,
            output_fields=["digest"],
            search_params=search,
            consistency_level=_BOUNDED if self.is_settled() else _STRONG,
        )
        rows = [hit for hit in hits if hit["id"] != self._first][:limit]
        ids = np.array([row["id"] for row in rows], np.int64) - self._first
        digests = np.array([row["entity"]["digest"] for row in rows], np.int64).view(np.uint64)
        return Found(ids, digests, np.array([row["distance"] for row in rows], np.float64))

    def _query(self, condition: str, fields: Sequence[str]) -> list[Any]:
        found = self._call(
            "query",
            filter=condition,
            output_fields=list(fields),
            consistency_level=_STRONG,
            timeout=self._server.timeouts.write,  # counting reads every entity
        )
        return list(found)

    def _all(self) -> Iterator[list[Any]]:
        """Yield ids and digests of all passages, some thousand at a time."""
        batches = self._call(
            "query_iterator",
            filter=f"{self._own} and id > {self._first}",
            output_fields=["id", "digest"],
            batch_size=MOST_FOUND // 2,
            consistency_level=_STRONG,
            timeout=self._server.timeouts.write,
        )
        try:
            while rows := self._server.bounded(batches.next):
                yield rows
        finally:
            batches.close()

    def _write(self, method: str, *args: object, **options: object) -> None:
        with self._server.changing(self._collection):
            self._call(method, *args, timeout=self._server.timeouts.write, **options)

    def _call(self, method: str, *args: object, timeout: float | None = None, **options: object) -> Any:
        """Send a request; if the collection is missing, create or load it, and send the request again."""
        self._ensure()
        try:
            return self._server.call(method, self._collection, *args, timeout=timeout, **options)
        except CollectionMissingError:
            forget_collection(self._server, self._collection)
            self._ensure()
            return self._server.call(method, self._collection, *args, timeout=timeout, **options)

    def _ensure(self) -> None:
        if ensure_collection(self._server, self._collection, self._dimension):
            self.on_lost()


def _shortened(terms: str) -> str:
    """Return as many terms as Milvus can store."""
    encoded = terms.encode()
    if len(encoded) <= _MOST_BYTES:
        return terms
    return encoded[:_MOST_BYTES].decode(errors="ignore").rpartition(" ")[0]

"""Writes passages to Milvus, each with its vector and its words, of which the two indexes bring one each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from index.indexes.milvus.collection import Entity
from index.indexes.milvus.schema import terms_text
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from index.indexes.lexical import LexicalRow
    from index.indexes.milvus.collection import LibraryEntities
    from index.indexes.milvus.state import IndexState
    from index.indexes.vectors import ReadVectors

    ReadRows = Callable[[np.ndarray], Iterable[LexicalRow]]
    """Returns the rows of the lexical index for (n,) ids of passages, in any order; unknown ids are left out."""

_KEPT: Final = 1000  # vectors that wait for their words


@dataclass(slots=True)
class EntityWriter:
    """Puts together what `put` of the vector store and `put` of the lexical index bring for the same passages.

    The vector store comes first. What its passages lack is read from the catalogue if the lexical index does not bring
    it before the next call that needs it.
    """

    entities: LibraryEntities
    state: IndexState
    read_vectors: ReadVectors
    read_rows: ReadRows
    _waiting: dict[int, int] = field(default_factory=dict)  # digests by id
    _vectors: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def wait_for_words(self, held: Fingerprints, vectors: np.ndarray | None = None) -> None:
        """Keep passages until their words come; without `vectors`, those are read from the catalogue."""
        self._waiting |= dict(zip(held.ids.tolist(), held.digests.tolist(), strict=True))
        if vectors is not None:
            self._vectors |= dict(zip(held.ids.tolist(), vectors, strict=True))
            if len(self._vectors) > _KEPT:
                self.flush()

    def put_words(self, rows: Sequence[LexicalRow]) -> None:
        """Write passages to Milvus with their words, and with vectors that have waited or that the catalogue has."""
        keys = np.array([row.id for row in rows if row.id not in self._vectors], np.int64)
        read = dict(zip(*self.read_vectors(keys), strict=True)) if len(keys) else {}
        found = ((row, self._vectors.get(row.id, read.get(row.id))) for row in rows)
        self.entities.put(
            [Entity(row.id, row.digest, one, terms_text(row.title, row.body)) for row, one in found if one is not None]
        )
        for row in rows:
            self._waiting.pop(row.id, None)
            self._vectors.pop(row.id, None)

    def forget(self, ids: Iterable[int]) -> None:
        """Do not write passages that were removed."""
        for key in ids:
            self._waiting.pop(key, None)
            self._vectors.pop(key, None)

    def flush(self) -> None:
        """Write all that wait."""
        if not self._waiting:
            return
        with self.state.alone():
            waiting = list(self._waiting)
            for start in range(0, len(waiting), _KEPT):
                self._write(waiting[start : start + _KEPT])
                self.state.renew()

    def _write(self, keys: Sequence[int]) -> None:
        rows = {row.id: row for row in self.read_rows(np.array(keys, np.int64))}
        lacking = np.array([key for key in keys if key not in self._vectors], np.int64)
        read = dict(zip(*self.read_vectors(lacking), strict=True)) if len(lacking) else {}
        found = ((key, self._vectors.get(key, read.get(key))) for key in keys)
        words = {key: terms_text(row.title, row.body) for key, row in rows.items()}
        self.entities.put(
            [Entity(key, self._waiting[key], one, words.get(key, "")) for key, one in found if one is not None]
        )
        self.forget(keys)

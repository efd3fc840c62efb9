"""The two indexes of a library as caches of its catalogue, and the epoch that they share with it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from index.indexes.lexical import LexicalIndex
from index.indexes.vectors import FaissStore, VectorStore
from index.models import UserError
from index.passages import batch_embedding
from index.text.analyzer import index_terms

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from index.catalog.store import Catalog
    from index.models import StoredPassage
    from index.passages.embedder import Embedder

_FILL = 1000  # passages a cache takes at a time
_PIECE = 50  # the same while others wait: some 40 ms


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """What the vectors of a library have in common. Two epochs' vectors cannot be compared."""

    model: str
    revision: str
    dimension: int
    chunker: str

    @classmethod
    def of(cls, embedder: Embedder) -> IndexVersion:
        """Name the epoch that this embedder would write."""
        return cls(embedder.name, embedder.revision, embedder.dimension, batch_embedding.chunker(embedder))

    @classmethod
    def read(cls, stored: str) -> IndexVersion:
        """Read what `str` gave."""
        return cls(**json.loads(stored))

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    @property
    def digest(self) -> str:
        """A short name for file names."""
        return blake2b(str(self).encode(), digest_size=6).hexdigest()


def require(catalog: Catalog, current: IndexVersion, library: str) -> None:
    """Raise UserError where a library holds passages of another epoch than the current one."""
    stored = catalog.meta("epoch")
    if stored is None or stored == str(current) or not catalog.has_passages():
        return
    was = IndexVersion.read(stored)
    difference = (
        f"the embedding model {was.model!r} (revision {was.revision})"
        if (was.model, was.revision) != (current.model, current.revision)
        else f"another way of cutting passages ({was.chunker}, now {current.chunker})"
    )
    message = (
        f"The library {library!r} was built with {difference}; EMBEDDING_MODEL is now {current.model!r}. "
        f"Run `python bot.py reindex --library {library}` to rebuild it, or set EMBEDDING_MODEL back."
    )
    raise UserError(message)


@dataclass(slots=True)
class OpenIndexes:
    """The two caches, level with one generation of the catalogue; `passages` is how many each holds."""

    dense: VectorStore
    lexical: LexicalIndex
    epoch: IndexVersion
    generation: int = -1
    passages: int = 0
    _is_following: bool = False

    @classmethod
    def open(cls, folder: Path, epoch: IndexVersion) -> OpenIndexes:
        """Open the caches of a folder; those of another epoch are emptied. `level` must follow."""
        dense = FaissStore(folder, epoch.digest, epoch.dimension)
        return cls(dense, LexicalIndex(folder / "lexical.db", epoch.digest), epoch)

    def level(self, catalog: Catalog) -> None:
        """Let the caches follow the catalogue, if it has changed since and they are not about to follow it."""
        generation = catalog.generation
        if self.generation != generation and not self._is_following:
            _heal(self, catalog)
            self.generation, self.passages = generation, len(self.dense.ids())

    def following(self, catalog: Catalog, new: np.ndarray, gone: np.ndarray) -> Generator[None, None, None]:
        """Follow one change of the catalogue in pieces: the ids of the passages that came with it, and that went.

        Between the pieces questions are put to what is there: whatever is stale is missing, never wrong. Where other
        processes have changed the catalogue too, and where the generator is closed, `level` does the rest.
        """
        generation = catalog.generation
        if self.generation != generation - 1:
            return
        self._is_following = True
        try:
            self.dense.remove(gone)
            for at in range(0, len(gone), _PIECE):
                yield
                self.lexical.remove(gone[at : at + _PIECE])
            for at in range(0, len(new), _PIECE):
                yield
                rows = list(catalog.passages(new[at : at + _PIECE]))
                _put_dense(self, rows)
                self.lexical.put(map(lexical_row, rows))
            self.generation, self.passages = generation, len(self.dense.ids())
        finally:
            self._is_following = False

    def close(self) -> None:
        """Save and close both."""
        self.dense.close()
        self.lexical.close()


def _heal(indexes: OpenIndexes, catalog: Catalog) -> None:
    """Remove from each cache what the catalogue lacks, and put what the cache lacks."""
    want = catalog.passage_ids()
    have_dense, have_lexical = indexes.dense.ids(), indexes.lexical.ids()
    indexes.dense.remove(np.setdiff1d(have_dense, want))
    indexes.lexical.remove(np.setdiff1d(have_lexical, want))
    new_dense, new_lexical = set(np.setdiff1d(want, have_dense)), set(np.setdiff1d(want, have_lexical))
    missing = sorted(new_dense | new_lexical)
    for at in range(0, len(missing), _FILL):
        rows = list(catalog.passages(missing[at : at + _FILL]))
        _put_dense(indexes, [row for row in rows if row.passage.id in new_dense])
        indexes.lexical.put(lexical_row(row) for row in rows if row.passage.id in new_lexical)


def _put_dense(indexes: OpenIndexes, rows: Sequence[StoredPassage]) -> None:
    """Put the vectors of passages, those that are damaged left out."""
    whole = [row for row in rows if len(row.vector) == indexes.epoch.dimension]
    if whole:
        ids = np.array([row.passage.id for row in whole], np.int64)
        indexes.dense.put(ids, np.stack([row.vector for row in whole]))


def lexical_row(row: StoredPassage) -> tuple[int, str, str]:
    """What the lexical index holds of a passage: its id, and the folded words of title with heading, and text."""
    return row.passage.id, " ".join(index_terms(f"{row.title} {row.passage.heading}")), " ".join(index_terms(row.text))

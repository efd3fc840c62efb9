"""The two indexes of a library as caches of its catalogue, and the index version that all three share."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from index.indexes.lexical import LexicalIndex
from index.indexes.vectors import FaissStore, VectorStore
from index.models import UserError
from index.passages import batch_embedding
from index.sources.loader import LOADER_VERSION
from index.text.analyzer import index_terms

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from index.catalog.store import Catalog
    from index.models import StoredPassage
    from index.passages.embedder import Embedder

_RECONCILE_BATCH = 1000  # passages added at a time
_STEP_PASSAGES = 50  # the same for one step while others wait: some 40 ms


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """The embedding model, chunker and parsers behind a library's vectors; vectors of two models cannot be compared.

    The catalogue stores the version of the newest passages under the key "epoch", and each article its own.
    """

    model: str
    revision: str
    dimension: int
    chunker: str
    parser: str = ""  # the empty string for a library of before there was this field

    @classmethod
    def of(cls, embedder: Embedder) -> IndexVersion:
        """Return the version of what this embedder would write."""
        chunker = batch_embedding.chunker_name(embedder)
        return cls(embedder.name, embedder.revision, embedder.dimension, chunker, str(LOADER_VERSION))

    @classmethod
    def read(cls, stored: str) -> IndexVersion:
        """Parse what `str` returned."""
        return cls(**json.loads(stored))

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    def shares_vectors(self, stored: str | None) -> bool:
        """Whether a stored version gives the same passages and vectors of a text: only its parser may differ."""
        return stored is not None and replace(IndexVersion.read(stored), parser=self.parser) == self

    @property
    def digest(self) -> str:
        """A short name for file names."""
        return blake2b(str(self).encode(), digest_size=6).hexdigest()


def require_version(catalog: Catalog, current: IndexVersion, library: str) -> None:
    """Raise UserError if a library holds vectors of another embedding model than the current one.

    Passages of an earlier chunker can be searched beside new ones, until they are updated.
    """
    stored = catalog.meta("epoch")
    if stored is None or stored == str(current) or not catalog.has_passages():
        return
    was = IndexVersion.read(stored)
    if (was.model, was.revision, was.dimension) == (current.model, current.revision, current.dimension):
        return
    message = (
        f"The library {library!r} was built with the embedding model {was.model!r} (revision {was.revision}); "
        f"EMBEDDING_MODEL is now {current.model!r}. "
        f"Run `python bot.py reindex --library {library}` to rebuild it, or set EMBEDDING_MODEL back."
    )
    raise UserError(message)


@dataclass(slots=True)
class OpenIndexes:
    """The two indexes, in sync with `generation` of the catalogue; each holds `passages` passages."""

    dense: VectorStore
    lexical: LexicalIndex
    index_version: IndexVersion
    generation: int = -1
    passages: int = 0
    _is_syncing: bool = False

    @classmethod
    def open(cls, folder: Path, index_version: IndexVersion) -> OpenIndexes:
        """Open the indexes in a folder; those of another index version are emptied. Call `sync` before use."""
        dense = FaissStore(folder, index_version.digest, index_version.dimension)
        return cls(dense, LexicalIndex(folder / "lexical.db", index_version.digest), index_version)

    def sync(self, catalog: Catalog) -> None:
        """Bring both indexes up to date if the catalogue has changed and `sync_in_steps` is not at work."""
        generation = catalog.generation
        if self.generation != generation and not self._is_syncing:
            _reconcile(self, catalog)
            self.generation, self.passages = generation, len(self.dense.ids())

    def sync_in_steps(self, catalog: Catalog, new: np.ndarray, gone: np.ndarray) -> Generator[None, None, None]:
        """Apply one change of the catalogue in steps: `new` and `gone` are the ids of passages added and removed.

        Questions may be asked between the steps: ids are never reused, so a stale entry is missing, never wrong. If
        other processes have changed the catalogue too, or the generator is closed, the next `sync` does the rest.
        """
        generation = catalog.generation
        if self.generation != generation - 1:
            return
        self._is_syncing = True
        try:
            self.dense.remove(gone)
            for start in range(0, len(gone), _STEP_PASSAGES):
                yield
                self.lexical.remove(gone[start : start + _STEP_PASSAGES])
            for start in range(0, len(new), _STEP_PASSAGES):
                yield
                rows = list(catalog.passages(new[start : start + _STEP_PASSAGES]))
                _put_vectors(self, rows)
                self.lexical.put(map(lexical_row, rows))
            self.generation, self.passages = generation, len(self.dense.ids())
        finally:
            self._is_syncing = False

    def close(self) -> None:
        """Save and close both indexes."""
        self.dense.close()
        self.lexical.close()


def _reconcile(indexes: OpenIndexes, catalog: Catalog) -> None:
    """Remove from each index what the catalogue does not have, and add what the index does not have."""
    want = catalog.passage_ids()
    have_dense, have_lexical = indexes.dense.ids(), indexes.lexical.ids()
    indexes.dense.remove(np.setdiff1d(have_dense, want))
    indexes.lexical.remove(np.setdiff1d(have_lexical, want))
    new_dense, new_lexical = set(np.setdiff1d(want, have_dense)), set(np.setdiff1d(want, have_lexical))
    missing = sorted(new_dense | new_lexical)
    for start in range(0, len(missing), _RECONCILE_BATCH):
        rows = list(catalog.passages(missing[start : start + _RECONCILE_BATCH]))
        _put_vectors(indexes, [row for row in rows if row.passage.id in new_dense])
        indexes.lexical.put(lexical_row(row) for row in rows if row.passage.id in new_lexical)


def _put_vectors(indexes: OpenIndexes, rows: Sequence[StoredPassage]) -> None:
    """Add the vectors of passages, except damaged ones."""
    whole = [row for row in rows if len(row.vector) == indexes.index_version.dimension]
    if whole:
        ids = np.array([row.passage.id for row in whole], np.int64)
        indexes.dense.put(ids, np.stack([row.vector for row in whole]))


def lexical_row(row: StoredPassage) -> tuple[int, str, str]:
    """Return a passage's row of the lexical index: id, terms of its context, terms of its text."""
    context = f"{row.title} {row.passage.heading} {row.introduction}"
    return row.passage.id, " ".join(index_terms(context)), " ".join(index_terms(row.text))

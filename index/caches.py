"""The two indexes of a library as caches of its catalogue, and the epoch that they share with it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from index import ingest
from index.lexical import LexicalIndex
from index.terms import words
from index.values import UserError
from index.vectors import FaissStore, VectorStore

if TYPE_CHECKING:
    from pathlib import Path

    from index.catalog import Catalog
    from index.embed import Embedder
    from index.stored import StoredPassage

_FILL = 1000  # passages a cache takes at a time


@dataclass(frozen=True, slots=True)
class Epoch:
    """What the vectors of a library have in common. Two epochs' vectors cannot be compared."""

    model: str
    revision: str
    dimension: int
    chunker: str

    @classmethod
    def of(cls, embedder: Embedder) -> Epoch:
        """Name the epoch that this embedder would write."""
        return cls(embedder.name, embedder.revision, embedder.dimension, ingest.chunker(embedder))

    @classmethod
    def read(cls, stored: str) -> Epoch:
        """Read what `str` gave."""
        return cls(**json.loads(stored))

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    @property
    def digest(self) -> str:
        """A short name for file names."""
        return blake2b(str(self).encode(), digest_size=6).hexdigest()


def require(catalog: Catalog, current: Epoch, library: str) -> None:
    """Raise UserError where a library holds passages of another epoch than the current one."""
    stored = catalog.meta("epoch")
    if stored is None or stored == str(current) or not catalog.has_passages():
        return
    was = Epoch.read(stored)
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
class Indexes:
    """The two caches, level with one generation of the catalogue; `passages` is how many each holds."""

    dense: VectorStore
    lexical: LexicalIndex
    epoch: Epoch
    generation: int = -1
    passages: int = 0

    @classmethod
    def open(cls, folder: Path, epoch: Epoch) -> Indexes:
        """Open the caches of a folder; those of another epoch are emptied. `level` must follow."""
        dense = FaissStore(folder, epoch.digest, epoch.dimension)
        return cls(dense, LexicalIndex(folder / "lexical.db", epoch.digest), epoch)

    def level(self, catalog: Catalog) -> None:
        """Let the caches follow the catalogue, if it has changed since."""
        generation = catalog.generation
        if self.generation != generation:
            _heal(self, catalog)
            self.generation, self.passages = generation, len(self.dense.ids())

    def close(self) -> None:
        """Save and close both."""
        self.dense.close()
        self.lexical.close()


def _heal(indexes: Indexes, catalog: Catalog) -> None:
    """Remove from each cache what the catalogue lacks, and put what the cache lacks."""
    want = catalog.passage_ids()
    have_dense, have_lexical = indexes.dense.ids(), indexes.lexical.ids()
    indexes.dense.remove(np.setdiff1d(have_dense, want))
    indexes.lexical.remove(np.setdiff1d(have_lexical, want))
    new_dense, new_lexical = set(np.setdiff1d(want, have_dense)), set(np.setdiff1d(want, have_lexical))
    missing = sorted(new_dense | new_lexical)
    for at in range(0, len(missing), _FILL):
        rows = list(catalog.passages(missing[at : at + _FILL]))
        dense = [row for row in rows if row.passage.id in new_dense and len(row.vector) == indexes.epoch.dimension]
        if dense:
            ids = np.array([row.passage.id for row in dense], np.int64)
            indexes.dense.put(ids, np.stack([row.vector for row in dense]))
        indexes.lexical.put(lexical_row(row) for row in rows if row.passage.id in new_lexical)


def lexical_row(row: StoredPassage) -> tuple[int, str, str]:
    """What the lexical index holds of a passage: its id, and the folded words of title with heading, and text."""
    return row.passage.id, " ".join(words(f"{row.title} {row.passage.heading}")), " ".join(words(row.text))

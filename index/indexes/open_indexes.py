"""The two indexes of a library as caches of its catalogue, and the index version that all three share."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from index.catalog.columns import digest_number
from index.indexes.background_saving import SAVER
from index.indexes.faiss_store import FaissStore
from index.indexes.lexical import MOST_COUNTED, LexicalIndex, LexicalRow
from index.indexes.vectors import Fingerprints, VectorStore
from index.models import OperatorError
from index.passages import batch_embedding
from index.sources.loader import LOADER_VERSION
from index.text.analyzer import index_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from index.catalog.store import Catalog
    from index.models import StoredPassage
    from index.passages.embedder import Embedder

_RECONCILE_BATCH = 1000  # passages added at a time
_VIEWS = 4  # of parts of a library that were searched last
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

    def is_comparable(self, other: IndexVersion) -> bool:
        """Whether vectors of both come from the same model, so that they can be compared."""
        return (self.model, self.revision, self.dimension) == (other.model, other.revision, other.dimension)

    @property
    def digest(self) -> str:
        """A short name for file names."""
        return blake2b(str(self).encode(), digest_size=6).hexdigest()


def require_version(catalog: Catalog, stored: str | None, current: IndexVersion, library: str) -> None:
    """Raise OperatorError if a library holds vectors of another embedding model than the current one.

    `stored` is the library's index version. Passages of an earlier chunker can be searched beside new ones, until they
    are updated.
    """
    if stored is None or stored == str(current) or not catalog.has_passages():
        return
    was = IndexVersion.read(stored)
    if was.is_comparable(current):
        return
    message = (
        f"The library {library!r} was built with the embedding model {was.model!r} (revision {was.revision}); "
        f"EMBEDDING_MODEL is now {current.model!r}. "
        f"Run `python bot.py reindex --library {library}` to rebuild it, or set EMBEDDING_MODEL back."
    )
    raise OperatorError(message)


@dataclass(slots=True)
class OpenIndexes:
    """The two indexes, in sync with `generation` of the catalogue; each holds `passages` passages."""

    folder: Path
    dense: VectorStore
    lexical: LexicalIndex
    index_version: IndexVersion
    generation: int = -1
    passages: int = 0
    _is_syncing: bool = False
    views: dict[Hashable, tuple[int, OpenIndexes]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, index_version: IndexVersion, catalog: Catalog) -> OpenIndexes:
        """Open the indexes in a folder; those of another index version are emptied. Call `sync` before use.

        `catalog` fills the lexical index again if it turns out to be damaged while it is used.
        """
        SAVER.wait(folder)  # they may have been closed a moment ago
        dense = FaissStore(folder, index_version.digest, index_version.dimension, catalog.vectors)
        lexical = LexicalIndex(folder / "lexical.db", index_version.digest)
        lexical.refill = lambda: _reconcile_lexical(lexical, catalog, wanted_passages(catalog, index_version))
        return cls(folder, dense, lexical, index_version)

    @property
    def memory(self) -> int:
        """The bytes that the indexes hold in memory."""
        return self.dense.memory + self.lexical.memory

    @staticmethod
    def exist(folder: Path) -> bool:
        """Whether a folder has files of indexes."""
        return any(_files(folder))

    @staticmethod
    def delete(folder: Path) -> None:
        """Delete the files of the indexes, which have been closed, so that they are filled again."""
        SAVER.wait(folder)
        for path in list(_files(folder)):
            path.unlink(missing_ok=True)

    def sync(self, catalog: Catalog) -> None:
        """Bring both indexes up to date if the catalogue has changed and `sync_in_steps` is not at work."""
        generation = catalog.generation
        if self.generation != generation and not self._is_syncing:
            wanted = wanted_passages(catalog, self.index_version)
            _reconcile_dense(self, wanted)
            _reconcile_lexical(self.lexical, catalog, wanted)
            self.generation, self.passages = generation, len(wanted.ids)

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
            self.generation, self.passages = generation, len(self.dense)
        finally:
            self._is_syncing = False

    def without(self, hidden: AbstractSet[int]) -> OpenIndexes:
        """Return a view whose searches skip these passages and find others instead; not to be changed or kept."""
        return replace(self, dense=self.dense.without(hidden), lexical=self.lexical.without(hidden))

    def only(self, shown: AbstractSet[int]) -> OpenIndexes:
        """Return a view of these passages alone, also for counting if they are not many; not to be changed."""
        held = np.intersect1d(self.dense.ids(), np.fromiter(shown, np.int64, len(shown)))
        passages = len(held) if len(held) <= MOST_COUNTED else self.passages
        return replace(self, dense=self.dense.only(held), lexical=self.lexical.only(held), passages=passages, views={})

    def view(self, key: Hashable, make: Callable[[], OpenIndexes]) -> OpenIndexes:
        """Return the view that `make` returned for a key; a few are kept as long as the catalogue does not change."""
        known = self.views.pop(key, None)
        if known is None or known[0] != self.generation:
            known = self.generation, make()
        self.views[key] = known
        while len(self.views) > _VIEWS:
            del self.views[next(iter(self.views))]
        return known[1]

    def close(self) -> None:
        """Close both indexes; what has changed is saved on another thread (`SAVER`), for nothing here waits for it."""
        self.dense.close()
        if self.dense.is_saved and self.lexical.is_saved:
            self.lexical.save()
        else:
            SAVER.submit(self.folder, self._save)

    def _save(self) -> None:
        try:
            self.dense.save()
        finally:
            self.lexical.save()


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of the indexes in a folder."""
    return (path for pattern in ("lexical.db*", "vectors-*.faiss*") for path in folder.glob(pattern))


def wanted_passages(catalog: Catalog, index_version: IndexVersion) -> Fingerprints:
    """Return the passages that the indexes should hold: those whose vectors can be compared with `index_version`.

    Others exist only while `reindex` replaces the vectors of another model, article by article.
    """
    stored = catalog.index_versions()
    comparable = [one for one in stored if one is None or IndexVersion.read(one).is_comparable(index_version)]
    return Fingerprints(*catalog.passage_digests(None if len(comparable) == len(stored) else comparable))


def _reconcile_dense(indexes: OpenIndexes, wanted: Fingerprints) -> None:
    """Make the dense index hold what is wanted."""
    stale, missing = _differences(wanted, indexes.dense.fingerprints())
    indexes.dense.remove(stale)
    indexes.dense.fill(Fingerprints(missing, wanted.digests[np.searchsorted(wanted.ids, missing)]))


def _reconcile_lexical(lexical: LexicalIndex, catalog: Catalog, wanted: Fingerprints) -> None:
    """Make the lexical index hold what is wanted."""
    stale, missing = _differences(wanted, lexical.fingerprints())
    lexical.remove(stale)
    for start in range(0, len(missing), _RECONCILE_BATCH):
        lexical.put(map(lexical_row, catalog.passages(missing[start : start + _RECONCILE_BATCH])))


def _differences(wanted: Fingerprints, held: Fingerprints) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids to remove from an index, and those to add, by comparing ids and digests.

    Ids alone would not do: a catalogue that was restored from a copy gives the same ids to other passages.
    """
    if not len(wanted.ids):
        return held.ids, wanted.ids
    places = np.minimum(np.searchsorted(wanted.ids, held.ids), len(wanted.ids) - 1)
    same = (wanted.ids[places] == held.ids) & (wanted.digests[places] == held.digests)
    return held.ids[~same], np.setdiff1d(wanted.ids, held.ids[same])


def _put_vectors(indexes: OpenIndexes, rows: Sequence[StoredPassage]) -> None:
    """Add the vectors of passages, except damaged ones."""
    whole = [row for row in rows if len(row.vector) == indexes.index_version.dimension]
    if whole:
        ids = np.array([row.passage.id for row in whole], np.int64)
        digests = np.array([digest_number(row.digest) for row in whole], np.uint64)
        indexes.dense.put(Fingerprints(ids, digests), np.stack([row.vector for row in whole]))


def lexical_row(row: StoredPassage) -> LexicalRow:
    """Return a passage's row of the lexical index."""
    context = f"{row.title} {row.passage.heading} {row.introduction}"
    title, body = (" ".join(index_terms(text)) for text in (context, row.text))
    return LexicalRow(row.passage.id, title, body, digest_number(row.digest))

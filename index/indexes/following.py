"""Brings the two indexes of a library up to date with its catalogue: by the change log, or by comparing everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.catalog.columns import digest_number
from index.indexes.lexical import LexicalRow
from index.indexes.vectors import Fingerprints
from index.text.analyzer import index_terms

if TYPE_CHECKING:
    from collections.abc import Generator

    from index.catalog.change_log import Changes
    from index.catalog.position import CatalogPosition
    from index.catalog.store import Catalog
    from index.indexes.index_version import IndexVersion
    from index.indexes.lexical import LexicalIndex
    from index.indexes.vectors import VectorStore
    from index.models import StoredPassage

_BATCH: Final = 1000  # passages added at a time
_STEP_PASSAGES: Final = 50  # the same for one step while others wait: some 40 ms


class Content(NamedTuple):
    """What the indexes should hold at one state of the catalogue or a later one; ids ascend."""

    position: CatalogPosition
    wanted: Fingerprints


@dataclass(frozen=True, slots=True)
class CatalogFollower:
    """Fills indexes from a catalogue with the passages whose vectors can be compared with those of `index_version`.

    Others exist only while `reindex` replaces the vectors of another model, article by article.
    """

    catalog: Catalog
    index_version: IndexVersion

    def content(self) -> Content:
        """Return what the indexes should hold now."""
        position = self.catalog.position()  # first, so that it is never newer than the passages
        return Content(position, Fingerprints(*self.catalog.passage_digests(self._comparable())))

    def changes_since(self, position: CatalogPosition | None) -> Changes | None:
        """Return what has changed since the position of an index, None if everything has to be compared."""
        return self.catalog.changes_since(position) if position else None

    def compare_dense(self, dense: VectorStore, content: Content) -> None:
        """Make the dense index hold what is wanted, by comparing all ids and digests."""
        stale, missing = _differences(content.wanted, dense.fingerprints())
        dense.remove(stale)
        ids, digests = content.wanted
        dense.fill(Fingerprints(missing, digests[np.searchsorted(ids, missing)]))
        dense.position = content.position

    def compare_lexical(self, lexical: LexicalIndex, content: Content) -> None:
        """Make the lexical index hold what is wanted, by comparing all ids and digests."""
        stale, missing = _differences(content.wanted, lexical.fingerprints())
        lexical.remove(stale)
        self._put_words(lexical, missing)
        lexical.position = content.position

    def follow_dense(self, dense: VectorStore, changes: Changes) -> None:
        """Apply changes since the position of the dense index."""
        dense.remove(changes.removed)
        self._put_vectors(dense, self._wanted(changes.added))
        dense.position = changes.position

    def follow_lexical(self, lexical: LexicalIndex, changes: Changes) -> None:
        """Apply changes since the position of the lexical index."""
        lexical.remove(changes.removed)
        self._put_words(lexical, self._wanted(changes.added))
        lexical.position = changes.position

    def follow_in_steps(
        self, dense: VectorStore, lexical: LexicalIndex, changes: Changes
    ) -> Generator[None, None, None]:
        """Apply changes since the position of both indexes, in steps."""
        dense.remove(changes.removed)
        for start in range(0, len(changes.removed), _STEP_PASSAGES):
            yield
            lexical.remove(changes.removed[start : start + _STEP_PASSAGES])
        added = self._wanted(changes.added)
        for start in range(0, len(added), _STEP_PASSAGES):
            yield
            self._put_vectors(dense, added[start : start + _STEP_PASSAGES])
            self._put_words(lexical, added[start : start + _STEP_PASSAGES])
        dense.position = lexical.position = changes.position

    def _put_words(self, lexical: LexicalIndex, ids: np.ndarray) -> None:
        """Add passages to the lexical index, but for those that were removed meanwhile."""
        for start in range(0, len(ids), _BATCH):
            lexical.put(map(lexical_row, self.catalog.passages(ids[start : start + _BATCH])))

    def _put_vectors(self, dense: VectorStore, ids: np.ndarray) -> None:
        """Add passages to the dense index, but for those that were removed meanwhile, and damaged vectors."""
        for start in range(0, len(ids), _BATCH):
            held = self.catalog.passage_digests(ids=ids[start : start + _BATCH])
            known = dict(zip(*(part.tolist() for part in held), strict=True))
            found = self.catalog.vectors(known, self.index_version.dimension)
            digests = np.array([known[key] for key in found.ids.tolist()], np.uint64)
            dense.put(Fingerprints(found.ids, digests), found.vectors)

    def _comparable(self) -> list[str | None] | None:
        """Return the index versions of the catalogue that can be compared; None if all can."""
        stored = self.catalog.index_versions()
        found = self.index_version.comparable_ones(stored)
        return None if len(found) == len(stored) else found

    def _wanted(self, ids: np.ndarray) -> np.ndarray:
        """Return those of some passages that the indexes should hold."""
        comparable = self._comparable() if len(ids) else None
        return ids if comparable is None else self.catalog.passage_digests(comparable, ids)[0]


def lexical_row(row: StoredPassage) -> LexicalRow:
    """Return a passage's row of the lexical index."""
    context = f"{row.title} {row.passage.heading} {row.introduction}"
    title, body = (" ".join(index_terms(text)) for text in (context, row.text))
    return LexicalRow(row.passage.id, title, body, digest_number(row.digest))


def _differences(wanted: Fingerprints, held: Fingerprints) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids to remove from an index, and those to add, by comparing ids and digests.

    Ids alone would not do: a catalogue that was restored from a copy gives the same ids to other passages.
    """
    if not len(wanted.ids):
        return held.ids, wanted.ids
    places = np.minimum(np.searchsorted(wanted.ids, held.ids), len(wanted.ids) - 1)
    same = (wanted.ids[places] == held.ids) & (wanted.digests[places] == held.digests)
    return held.ids[~same], np.setdiff1d(wanted.ids, held.ids[same])

"""Brings the two indexes of a library up to date with its catalogue: by the change log, or by comparing everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.catalog.columns import digest_number
from index.incremental import finish
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

    def bring_up_to_date(self, dense: VectorStore, lexical: LexicalIndex) -> None:
        """Apply to both indexes what has changed since their positions, or compare everything.

        Raises ChangedElsewhereError if another process does the same with the lexical index; the dense one may have
        followed then, and the next call continues.
        """
        position = lexical.begin_changes()
        if dense.position != position:  # one of them was lost, or was saved later than the other
            self._follow_dense(dense)
            self._follow_lexical(lexical, position)
            return
        changes = self.changes_since(position)
        if changes is not None:
            self._follow(dense, lexical, changes, _BATCH)
        else:
            self._compare(dense, lexical, self.content())

    def _compare(self, dense: VectorStore, lexical: LexicalIndex, content: Content) -> None:
        """Make both indexes hold what is wanted, by comparing all ids and digests."""
        self._match_vectors(dense, content.wanted)
        self._match_words(lexical, content.wanted)
        dense.position = content.position
        lexical.position = content.position

    def _match_vectors(self, dense: VectorStore, wanted: Fingerprints) -> None:
        stale, missing = _differences(wanted, dense.fingerprints())
        dense.remove(stale)
        dense.fill(Fingerprints(missing, wanted.digests[np.searchsorted(wanted.ids, missing)]))

    def _match_words(self, lexical: LexicalIndex, wanted: Fingerprints) -> None:
        stale, missing = _differences(wanted, lexical.fingerprints())
        lexical.remove(stale)
        self._put_words(lexical, missing)

    def compare_lexical(self, lexical: LexicalIndex, content: Content) -> None:
        """Make the lexical index hold what is wanted, by comparing all ids and digests."""
        self._match_words(lexical, content.wanted)
        lexical.position = content.position

    def _follow_dense(self, dense: VectorStore) -> None:
        """Bring the dense index up to date by itself."""
        changes = self.changes_since(dense.position)
        if changes is None:
            content = self.content()
            self._match_vectors(dense, content.wanted)
            dense.position = content.position
            return
        dense.remove(changes.removed)
        self._put_vectors(dense, self._wanted(changes.added))
        dense.position = changes.position

    def _follow_lexical(self, lexical: LexicalIndex, position: CatalogPosition | None) -> None:
        """Bring the lexical index up to date from its position by itself."""
        changes = self.changes_since(position)
        if changes is None:
            self.compare_lexical(lexical, self.content())
            return
        lexical.remove(changes.removed)
        self._put_words(lexical, self._wanted(changes.added))
        lexical.position = changes.position

    def _follow(self, dense: VectorStore, lexical: LexicalIndex, changes: Changes, batch: int) -> None:
        """Apply changes since the position of both indexes, some passages at a time."""
        finish(self.follow_in_steps(dense, lexical, changes, batch))

    def follow_in_steps(
        self, dense: VectorStore, lexical: LexicalIndex, changes: Changes, step: int = _STEP_PASSAGES
    ) -> Generator[None, None, None]:
        """Apply changes since the position of both indexes, in steps of `step` passages."""
        dense.remove(changes.removed)
        for start in range(0, len(changes.removed), step):
            yield
            lexical.remove(changes.removed[start : start + step])
        added = self._wanted(changes.added)
        for start in range(0, len(added), step):
            yield
            self._put_vectors(dense, added[start : start + step])
            self._put_words(lexical, added[start : start + step])
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

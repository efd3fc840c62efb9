"""Searches of Milvus that skip what is hidden or gone, and fetch more until enough is left."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from index.indexes.milvus.collection import FILTERED, MOST_FOUND, Found

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from index.indexes.milvus.collection import LibraryEntities

    Search = Callable[[int, str], Found]
    """Returns at most so many passages under a restriction, best first."""

    Exists = Callable[[Found], np.ndarray]
    """Returns (n,) bools: which of some passages the catalogue still has as they were found."""

_WIDER: Final = 4  # times as many are fetched if too few were left
_GROUPS: Final = 4  # of ids, up to which those that a view shows are searched group by group at once


def _none() -> np.ndarray:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class View:
    """Which passages a search may find: not the `hidden`, and only the `shown` if there are any such."""

    hidden: np.ndarray = field(default_factory=_none)
    shown: np.ndarray | None = None

    def visible(self, ids: np.ndarray) -> np.ndarray:
        """Return (n,) bools: which of (n,) ids the view shows."""
        seen = ~np.isin(ids, self.hidden)
        return seen if self.shown is None else seen & np.isin(ids, self.shown)


class HasViews:
    """An index with views of a part of it, which share everything else with it."""

    def __init__(self) -> None:
        self._view = View()

    def without(self, hidden: AbstractSet[int]) -> Self:
        """Return a view whose `search` skips these ids and finds others instead; not to be changed or kept."""
        return self._with_view(View(hidden=np.fromiter(hidden, np.int64, len(hidden))))

    def only(self, shown: np.ndarray) -> Self:
        """Return a view that finds and counts these (n,) int64 ids alone, in ascending order; not to be changed."""
        return self._with_view(View(shown=shown))

    def _with_view(self, view: View) -> Self:
        made = copy.copy(self)
        made._view = view  # noqa: SLF001 - of the same class
        return made


NOTHING: Final = Found(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.float64))


@dataclass(frozen=True, slots=True)
class Searcher:
    """One kind of search of a library.

    `total` returns how many passages there are, where a search may find fewer than it should; approximate ones may.
    """

    entities: LibraryEntities
    search: Search
    exists: Exists
    total: Callable[[], int] | None = None

    def find(self, view: View, limit: int, fetched: int) -> Found:
        """Return at least the `limit` best passages of a view that the catalogue has, best first, if there are so many.

        At least `fetched` are asked for. Restrictions of a request are bounded: of views of more ids, the best of the
        library are looked through first, then what is shown, group by group.
        """
        if limit <= 0:
            return NOTHING
        if view.shown is not None and len(view.shown) <= _GROUPS * FILTERED:
            return self._grouped(np.setdiff1d(view.shown, view.hidden), fetched)
        few_hidden = view.shown is None and len(view.hidden) <= FILTERED
        restriction = self.entities.without_ids(view.hidden) if few_hidden else ""
        found, is_all = self._widened(view, limit, fetched, restriction)
        if len(found.ids) >= limit or (is_all and self._is_complete(found, view)):
            return found
        shown = view.shown if view.shown is not None else self.entities.fingerprints().ids
        return self._grouped(np.setdiff1d(shown, view.hidden), fetched)

    def _is_complete(self, found: Found, view: View) -> bool:
        return self.total is None or len(found.ids) + len(view.hidden) >= self.total()

    def _widened(self, view: View, limit: int, fetched: int, restriction: str) -> tuple[Found, bool]:
        """Return the best passages of a view, fetched in growing numbers, and whether the search found no more."""
        wanted = max(limit, fetched)
        while True:
            wanted = min(wanted, MOST_FOUND)
            found = self.search(wanted, restriction)
            kept = chosen(found, view.visible(found.ids) & self.exists(found))
            is_all = len(found.ids) < min(wanted, MOST_FOUND - 1)
            if len(kept.ids) >= limit or is_all or wanted == MOST_FOUND:
                return kept, is_all
            wanted *= _WIDER

    def _grouped(self, shown: np.ndarray, fetched: int) -> Found:
        """Return the best of some passages, searched some thousand ids at a time."""
        parts = [NOTHING]
        for start in range(0, len(shown), FILTERED):
            group = shown[start : start + FILTERED]
            restriction = self.entities.with_ids(group)
            parts.append(self._widened(View(shown=group), min(fetched, FILTERED), fetched, restriction)[0])
        joined = Found(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
        return chosen(joined, np.argsort(-joined.scores, kind="stable"))


def chosen(found: Found, rows: np.ndarray) -> Found:
    """Return some rows of what was found: those that are True, or those with these numbers."""
    return Found(found.ids[rows], found.digests[rows], found.scores[rows])

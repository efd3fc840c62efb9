"""The log of changes that indexes and other caches follow, and the totals that would take long to count.

A row of the table `changes` is one change of the catalogue: its generation, a random token, and the ids of what it
added, removed or altered. So a cache that remembers a `CatalogPosition` reads what has happened since, at a cost that
depends on the changes alone. The log is bounded: a cache that it does not reach compares everything. Each row also has
the numbers of articles, passages and characters after the change.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.position import CatalogPosition
from index.catalog.schema import articles, changes, passages

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_CHANGES: Final = 10_000  # that are kept
_MOST_IDS: Final = 250_000  # in the changes that are kept: comparing everything costs less than following more
_TOKEN_BYTES: Final = 8
_ID_BYTES: Final = 8
_NONE: Final = np.empty(0, np.int64)


class Totals(NamedTuple):
    """The numbers of articles, passages, and characters (code points) of all texts."""

    articles: int
    passages: int
    characters: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed between two states of a catalogue, the later of which is `position`.

    `added` and `removed` are (n,) int64 ids of passages, ascending; a passage that was added and removed in between is
    only in `removed`. `articles` are ids, ascending, of articles that were added or removed, or whose title, sources,
    tags or links have changed. With `retagged` the tags of others may have changed, too.
    """

    position: CatalogPosition
    added: np.ndarray
    removed: np.ndarray
    articles: np.ndarray
    retagged: bool


@dataclass(slots=True)
class ChangeRecorder:
    """Collects what one transaction changes, and writes it to the log."""

    added: list[np.ndarray] = field(default_factory=list)
    removed: list[np.ndarray] = field(default_factory=list)
    articles: set[int] = field(default_factory=set)
    more_articles: int = 0
    more_passages: int = 0
    more_characters: int = 0
    retagged: bool = False

    def article_added(self, article_id: int, text: str, new: np.ndarray) -> None:
        """Record a new article with the (n,) ids of its passages."""
        self.replaced(article_id, _NONE, new)
        self.more_articles += 1
        self.more_characters += len(text)

    def article_removed(self, article_id: int, text: str, gone: np.ndarray) -> None:
        """Record that an article was removed; `gone` are the (n,) ids its passages had."""
        self.replaced(article_id, gone, _NONE)
        self.more_articles -= 1
        self.more_characters -= len(text)

    def replaced(self, article_id: int, gone: np.ndarray, new: np.ndarray) -> None:
        """Record that an article has other passages: the ids of the old and of the new ones."""
        self.more_passages += len(new) - len(gone)
        self.articles.add(article_id)
        self.removed.append(gone)
        self.added.append(new)

    def write(self, db: sa.Connection) -> None:
        """Write the change to the log, in the caller's transaction: the generation increases by one."""
        before = db.execute(_LATEST).one_or_none()
        totals = _totals(before)
        added, removed = _sorted(self.added), _sorted(self.removed)
        touched = np.array(sorted(self.articles), np.int64)
        logged = len(added) + len(removed) + len(touched) + (before.logged if before else 0)
        generation = before.generation + 1 if before else 1
        db.execute(
            changes.insert().values(
                generation=generation,
                token=os.urandom(_TOKEN_BYTES),
                added=_blob(added),
                removed=_blob(removed),
                articles=_blob(touched),
                retagged=int(self.retagged),
                logged=logged,
                total_articles=totals.articles + self.more_articles,
                total_passages=totals.passages + self.more_passages,
                total_characters=totals.characters + self.more_characters,
            )
        )
        oldest = select(changes.c.generation, changes.c.logged).order_by(changes.c.generation).limit(1)
        while (first := db.execute(oldest).one()).generation < generation and (
            first.generation <= generation - _MOST_CHANGES or first.logged < logged - _MOST_IDS
        ):
            db.execute(changes.delete().where(changes.c.generation == first.generation))


_LATEST: Final = (
    select(*(column for column in changes.c if column.name not in {"added", "removed", "articles"}))
    .order_by(changes.c.generation.desc())
    .limit(1)
)


def record_change(db: sa.Connection, article_ids: Iterable[int] = (), *, retagged: bool = False) -> None:
    """Write a change without passages to the log, in the caller's transaction: of these articles, or of any's tags."""
    ChangeRecorder(articles=set(article_ids), retagged=retagged).write(db)


def position(db: sa.Connection) -> CatalogPosition:
    """Return the present state, of generation 0 if nothing was ever changed."""
    latest = db.execute(select(changes.c.generation, changes.c.token).order_by(changes.c.generation.desc()).limit(1))
    row = latest.one_or_none()
    return CatalogPosition(*row) if row else CatalogPosition(0, b"")


def totals(db: sa.Connection) -> Totals:
    """Return the totals as they were kept with each change."""
    return _totals(db.execute(_LATEST).one_or_none())


def counted(db: sa.Connection) -> Totals:
    """Return the totals by counting, which reads every article."""
    lengths = func.coalesce(func.sum(func.length(articles.c.text)), 0)
    of_passages = select(func.count()).select_from(passages).scalar_subquery()
    return Totals(*db.execute(select(func.count(), of_passages, lengths).select_from(articles)).one())


def correct_totals(db: sa.Connection) -> None:
    """Store the totals that counting gives, as a change, in the caller's transaction."""
    kept, right = totals(db), counted(db)
    more = Totals(*(one - other for one, other in zip(right, kept, strict=True)))
    ChangeRecorder(more_articles=more.articles, more_passages=more.passages, more_characters=more.characters).write(db)


def changes_since(db: sa.Connection, known: CatalogPosition) -> Changes | None:
    """Return what has changed since a state; None if the log does not reach it, is of another history, or damaged."""
    query = select(changes).where(changes.c.generation >= known.generation).order_by(changes.c.generation)
    rows = db.execute(query).all()
    if not rows or CatalogPosition(rows[0].generation, rows[0].token) != known:
        return None
    last, later = rows[-1], rows[1:]
    if any(len(ids) % _ID_BYTES for row in later for ids in (row.added, row.removed, row.articles)):
        return None
    removed = _sorted([_ids(row.removed) for row in later])
    added = np.setdiff1d(_sorted([_ids(row.added) for row in later]), removed, assume_unique=True)
    touched = np.unique(_sorted([_ids(row.articles) for row in later]))
    reached = CatalogPosition(last.generation, last.token)
    return Changes(reached, added, removed, touched, any(row.retagged for row in later))


def _totals(row: sa.Row[tuple[int, ...]] | None) -> Totals:
    found = Totals(row.total_articles, row.total_passages, row.total_characters) if row else Totals(0, 0, 0)
    return found if all(isinstance(number, int) for number in found) else Totals(0, 0, 0)  # damaged: `check` counts


def _sorted(parts: list[np.ndarray]) -> np.ndarray:
    return np.sort(np.concatenate([_NONE, *parts]))


def _blob(ids: np.ndarray) -> bytes:
    return ids.astype("<i8").tobytes()


def _ids(blob: bytes) -> np.ndarray:
    return np.frombuffer(blob, "<i8").astype(np.int64)

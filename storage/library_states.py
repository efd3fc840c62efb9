"""What is known of each library without opening it: its size, its generation, and when it needs attention next.

A cache of the catalogues in discord.db, so that periodic work looks only at the libraries that need it, however many
there are. The state of a library is read again when its files have changed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.engine import write_transaction
from storage.concurrency import one_transaction_each, serialised, upsert
from storage.schema import contributors, library_states, meta

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_DAY: Final = 86400.0
_EVENT_DAYS: Final = 365.0  # as in `index.catalog.history`
_LONGEST_WAIT: Final = _DAY  # until a library's schedules are read again; a later time is that of a wrong clock
_AFTER_CHANGE: Final = 3600.0  # until the schedules of a library that has changed are read again
_FOR_ONE: Final = 500  # libraries in one statement
_INTERVAL: Final = "refresh_hours"  # key in `meta`


@dataclass(frozen=True, slots=True)
class LibraryState:
    """The state of a library when its files had the modification times `stamp`.

    `oldest_version` and `oldest_event` are Unix times of the oldest earlier version of an article, and of the oldest
    entry of the history; None without one. `index_versions` names those of its articles, one a line.
    """

    library: str
    stamp: str
    generation: int
    articles: int
    passages: int
    index_versions: str
    oldest_version: float | None = None
    oldest_event: float | None = None


class Totals(NamedTuple):
    """The numbers of libraries, and of their articles and passages."""

    libraries: int
    articles: int
    passages: int


class NextCheck(NamedTuple):
    """When a source of a library is due next, in Unix time, None for never, by what was read with a stamp of its files.

    If these have changed since, the library is looked at again.
    """

    library: str
    stamp: str
    at: float | None


@one_transaction_each
class LibraryStates:
    """States of libraries in discord.db, with who is named in their histories. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def stamps(self) -> dict[str, str]:
        """Return the recorded stamp of each library."""
        with self._engine.connect() as db:
            return {
                row.library: row.stamp for row in db.execute(select(library_states.c.library, library_states.c.stamp))
            }

    def record(self, found: Iterable[tuple[LibraryState, Collection[str]]], now: float) -> None:
        """Store states of libraries that have changed, each with the names in its history; `now` is Unix time."""
        with write_transaction(self._engine) as db:
            serialised(db, "library_states")
            for state, names in found:
                _record(db, state, now)
                db.execute(contributors.delete().where(contributors.c.library == state.library))
                rows = [{"library": state.library, "name": name} for name in sorted(set(names))]
                if rows:
                    db.execute(contributors.insert(), rows)

    def forget(self, libraries: Sequence[str]) -> None:
        """Forget libraries that do not exist any more."""
        for first in range(0, len(libraries), _FOR_ONE):
            some = libraries[first : first + _FOR_ONE]
            with write_transaction(self._engine) as db:
                serialised(db, "library_states")
                for table in (library_states, contributors):
                    db.execute(table.delete().where(table.c.library.in_(some)))

    def totals(self) -> Totals:
        """Return the sums over all libraries, as they were when each was last read."""
        columns = func.count(), func.sum(library_states.c.articles), func.sum(library_states.c.passages)
        with self._engine.connect() as db:
            count, articles, passages = db.execute(select(*columns)).one()
        return Totals(count, int(articles or 0), int(passages or 0))

    def due_checks(self, now: float) -> list[tuple[str, str]]:
        """Return the libraries whose schedules are to be read at Unix time `now`, longest due first, and their stamps.

        A time that is further away than any that is stored was stored while the clock was ahead.
        """
        at = library_states.c.next_check
        query = select(library_states.c.library, library_states.c.stamp).where(
            (at <= now) | (at > now + 2 * _LONGEST_WAIT)
        )
        with self._engine.connect() as db:
            return [(row.library, row.stamp) for row in db.execute(query.order_by(at))]

    def set_next_checks(self, found: Iterable[NextCheck], now: float) -> None:
        """Store when libraries are due next; they are looked at after a day at the latest."""
        state = library_states.c
        with write_transaction(self._engine) as db:
            serialised(db, "library_states")
            for library, stamp, at in found:
                values = {"next_check": None if at is None else min(at, now + _LONGEST_WAIT)}
                own = (state.library == library) & (state.stamp == stamp)
                db.execute(library_states.update().where(own).values(values))

    def use_interval(self, hours: float) -> None:
        """Let all schedules be read again if the usual interval is another one than the last time."""
        with write_transaction(self._engine) as db:
            serialised(db, "library_states")
            if db.execute(select(meta.c.value).where(meta.c.key == _INTERVAL)).scalar() != repr(hours):
                db.execute(library_states.update().values(next_check=0.0))
                upsert(db, meta, {"key": _INTERVAL, "value": repr(hours)})

    def past_retention(self, now: float, days: float) -> list[str]:
        """Return the libraries with versions older than `days`, or with entries of the history that are too old."""
        version, event = library_states.c.oldest_version, library_states.c.oldest_event
        old = (version < now - days * _DAY) | (event < now - max(_EVENT_DAYS, days) * _DAY)
        ahead = (version > now + _DAY) | (event > now + _DAY)  # written while the clock was ahead
        with self._engine.connect() as db:
            return list(db.execute(select(library_states.c.library).where(old | ahead)).scalars())

    def with_other_passages(self, index_version: str) -> list[str]:
        """Return the libraries that have articles of another index version."""
        known = library_states.c.index_versions
        with self._engine.connect() as db:
            query = select(library_states.c.library).where(known.not_in(("", index_version)))
            return list(db.execute(query.order_by(library_states.c.library)).scalars())

    def all(self) -> list[str]:
        """Return the names of all libraries."""
        with self._engine.connect() as db:
            return list(db.execute(select(library_states.c.library)).scalars())


def _record(db: sa.Connection, state: LibraryState, now: float) -> None:
    own = library_states.c.library == state.library
    values = asdict(state)
    soon, known = now + _AFTER_CHANGE, library_states.c.next_check
    earlier = sa.case((known < soon, known), else_=soon)
    if not db.execute(library_states.update().where(own).values(**values, next_check=earlier)).rowcount:
        db.execute(library_states.insert().values(**values, next_check=0.0))

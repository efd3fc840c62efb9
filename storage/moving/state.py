"""How far a move has come, in the memory of the stores that are filled, so that it goes on after an interruption."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from index.catalog.columns import now
from index.catalog.snapshots import connect_reading
from index.models import UserError
from storage.backups.archive import DISCORD_DB
from storage.moving.rows import STATE
from storage.schema import meta

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from storage.stores import Stores

_LIBRARY: Final = f"{STATE}:"
_DONE: Final = f"{STATE}-done"


@dataclass(frozen=True, slots=True)
class MoveState:
    """A move into some stores: `source` identifies where from, `since` is when it began or ended (ISO 8601, UTC)."""

    source: str
    since: str


@dataclass(frozen=True, slots=True)
class MovedLibrary:
    """A library that was moved: the stamp that it had before, how much of it there is, and what `check` finds."""

    stamp: str
    articles: int
    passages: int
    findings: list[str]


def unfinished_move(db: sa.Connection) -> MoveState | None:
    """Return the move into these stores that has begun and not ended, or None."""
    return _read(db, STATE)


def finished_move(db: sa.Connection) -> MoveState | None:
    """Return the last move into these stores that has ended, or None."""
    return _read(db, _DONE)


def refuse_unfinished(stores: Stores) -> None:
    """Raise UserError if stores are not whole, since a move into them has begun and not ended."""
    if stores.engine is None:
        state = _state_in_file(stores.data_dir / DISCORD_DB)
    else:
        with closing(stores.database()) as database, database.reading() as db:
            state = unfinished_move(db)
    if state is not None:
        raise UserError(
            f"These stores are not whole: what is in others is being moved into them since {state.since}. Run "
            "`python bot.py migrate` (or `restore-backup`) again with the settings and arguments of that time, until "
            "it says that everything was moved."
        )


def begin_move(db: sa.Connection, source: str) -> None:
    """Record that a move has begun."""
    _write(db, STATE, json.dumps({"source": source, "since": now()}))


def end_move(db: sa.Connection) -> None:
    """Record that the move has ended: everything was moved."""
    state = unfinished_move(db)
    db.execute(meta.delete().where(meta.c.key.startswith(STATE)))
    if state is not None:
        _write(db, _DONE, json.dumps({"source": state.source, "since": now()}))


def moved_libraries(db: sa.Connection) -> dict[str, MovedLibrary]:
    """Return what was moved of each library by its name."""
    query = select(meta.c.key, meta.c.value).where(meta.c.key.startswith(_LIBRARY))
    return {row.key.removeprefix(_LIBRARY): MovedLibrary(**json.loads(row.value)) for row in db.execute(query)}


def record_library(db: sa.Connection, name: str, moved: MovedLibrary | None) -> None:
    """Record what was moved of a library; None if it is not in the source any more."""
    if moved is None:
        db.execute(meta.delete().where(meta.c.key == f"{_LIBRARY}{name}"))
    else:
        _write(db, f"{_LIBRARY}{name}", json.dumps(asdict(moved)))


def _read(db: sa.Connection, key: str) -> MoveState | None:
    stored = db.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return None if stored is None else MoveState(**json.loads(stored))


def _state_in_file(path: Path) -> MoveState | None:
    """Return the unfinished move in discord.db, which is neither created nor migrated, and may be unreadable."""
    if not path.exists():
        return None
    try:
        with closing(connect_reading(path)) as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (STATE,)).fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else MoveState(**json.loads(row[0]))


def _write(db: sa.Connection, key: str, value: str) -> None:
    db.execute(meta.delete().where(meta.c.key == key))
    db.execute(meta.insert().values(key=key, value=value))

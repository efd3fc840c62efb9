"""Whether a database is lost or of another kind, so that it must not take the place of a good copy in a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.catalog.engine import is_lost
from index.catalog.snapshots import find_damage
from index.indexes.open_indexes import OpenIndexes
from index.libraries.library_scan import names_in
from storage.backups.archive import DISCORD_DB

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

_FIRST_TABLES: Final = frozenset({"passages", "answers"})  # of a catalogue, and of discord.db


def find_loss(data_dir: Path, name: str) -> str | None:
    """Return why a database of a data folder, given by its path there, was lost; None if it was not."""
    path = data_dir / name
    if name == DISCORD_DB:
        may_be_new = not any(one.startswith("guild-") for one in names_in(data_dir / "libraries"))
    else:
        may_be_new = not OpenIndexes.exist(path.parent)
    return "it is missing or empty" if is_lost(path, may_be_new=may_be_new) else None


def find_problem(copy: sqlite3.Connection) -> str | None:
    """Return what is wrong with the copy of a database, None if it is sound."""
    damage = find_damage(copy)
    if damage is not None:
        return damage
    tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return "it is a database of another kind" if tables and not tables & _FIRST_TABLES else None

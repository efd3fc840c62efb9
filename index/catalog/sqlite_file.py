"""A catalogue in an SQLite file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.catalog.engine import open_engine, truncate_log

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa


class SqliteFile:
    """The file of one catalogue: a `CatalogStorage`. Raises StorageError as `open_engine` does."""

    def __init__(self, path: Path, *, read_only: bool = False, may_be_new: bool = True) -> None:
        self._engine = open_engine(path, read_only=read_only, may_be_new=may_be_new)

    @property
    def engine(self) -> sa.Engine:
        """The engine of the file."""
        return self._engine

    def integrity_errors(self) -> list[str]:
        """Run SQLite's integrity checks on the file."""
        with self._engine.connect() as db:
            found = [str(row[0]) for row in db.exec_driver_sql("PRAGMA integrity_check(20)")]
            found += [f"a broken reference in {row[0]}" for row in db.exec_driver_sql("PRAGMA foreign_key_check")]
        return [line for line in found if line != "ok"]

    def forget_deleted(self) -> None:
        """Truncate the write-ahead log: it still contains what was deleted, and overwritten in the file."""
        truncate_log(self._engine)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

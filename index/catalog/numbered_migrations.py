"""Numbered migrations of an SQLite file that records how many were applied: for the catalogue and for discord.db."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from index.catalog.snapshots import Change, keep_before_migration

_SCHEMA: Final = "schema"  # key in the table `meta`: the number of migrations applied


class ForeignFileError(Exception):
    """An SQLite file has tables, but not those of the expected kind of file; nothing was written to it."""


@dataclass(frozen=True, slots=True)
class NumberedMigrations:
    """The migrations of one kind of file, and its tables as they are after all of them.

    `meta` is the table of keys and values that holds the number; its metadata has all tables. `first` is a table that
    every release wrote. `steps` has one tuple of statements per migration; it is only ever appended to. `clean_copy`
    deletes from the copy, which is kept for weeks, what was stored for minutes.
    """

    meta: sa.Table
    first: sa.Table
    steps: tuple[tuple[str, ...], ...]
    clean_copy: Change | None = None

    def version(self, bind: sa.Engine | sa.Connection) -> int | None:
        """Return the number of migrations applied to a file, None if it has no tables yet. Raises ForeignFileError."""
        tables = set(sa.inspect(bind).get_table_names())
        if not tables:
            return None
        if self.first.name not in tables:
            raise ForeignFileError
        if self.meta.name not in tables:
            return 0
        query = sa.select(self.meta.c.value).where(self.meta.c.key == _SCHEMA)
        if isinstance(bind, sa.Connection):
            return _number(bind.execute(query).scalar())
        with bind.connect() as db:
            return _number(db.execute(query).scalar())

    def apply(self, db: sa.Connection, version: int | None) -> None:
        """Create the tables, or apply the migrations that a file of this version lacks, in the caller's transaction.

        A copy of the file as it was is kept beside it. Raises UserError if it cannot be made.
        """
        if version is None:
            self.meta.metadata.create_all(db)
        else:
            if version < len(self.steps) and db.engine.url.database:
                # Here, where the write lock is held: nobody changes the file between the copy and the migration.
                keep_before_migration(Path(db.engine.url.database), version, self.clean_copy)
            for statement in (line for step in self.steps[version:] for line in step):
                db.exec_driver_sql(statement)
        db.execute(self.meta.delete().where(self.meta.c.key == _SCHEMA))
        db.execute(self.meta.insert().values(key=_SCHEMA, value=str(max(version or 0, len(self.steps)))))


def _number(stored: str | None) -> int:
    if stored is not None and not stored.isdecimal():
        raise ForeignFileError
    return int(stored or 0)

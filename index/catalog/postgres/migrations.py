"""Creates and migrates the schemas of PostgreSQL: the work of the command `prepare-database`, as the tables' owner.

A schema has parts, each with tables of its own and a version, which is the number of migrations applied. The versions
are in the table `schema_versions` of the schema. The bot only compares them, since its role must not change tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from index.catalog.postgres.engine import SCHEMA
from index.catalog.postgres.errors import PREPARE
from index.catalog.postgres.tables import create_directory, create_tables, force_policies, with_library
from index.catalog.schema import schema as catalog_tables
from index.sqlite_errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LOCK: Final = 0x56455242  # advisory lock that one `prepare-database` holds ("VERB")


class NotPreparedError(StorageError):
    """A database lacks tables, or has those of another version."""


@dataclass(frozen=True, slots=True)
class SchemaPart:
    """Tables that are created and migrated together.

    `create` makes all of them as they are after all `steps`. Each step is a tuple of statements, run with the schema as
    search path; steps are only ever appended. `before_steps` and `after_steps` run around them, in one transaction.
    """

    name: str
    schema: str
    create: Callable[[sa.Connection], None]
    steps: tuple[tuple[str, ...], ...] = ()
    before_steps: Callable[[sa.Connection], None] = lambda _: None
    after_steps: Callable[[sa.Connection], None] = lambda _: None

    @property
    def latest(self) -> int:
        """The version that this program writes; the first is 1."""
        return 1 + len(self.steps)

    def version(self, db: sa.Connection) -> int | None:
        """Return the version of this part of a database, None if it is not there."""
        table = f"{self.schema}.schema_versions"
        if db.execute(sa.text("SELECT to_regclass(:table)"), {"table": table}).scalar() is None:
            return None
        query = f"SELECT version FROM {table} WHERE part = :part"  # noqa: S608 - a constant
        return db.execute(sa.text(query), {"part": self.name}).scalar()

    def require_current(self, db: sa.Connection) -> None:
        """Raise NotPreparedError, with what to do, unless the database has the tables of this program."""
        version = self.version(db)
        if version is None:
            raise NotPreparedError(f"The database is not prepared for Verbatim. {PREPARE} once, then start again.")
        if version < self.latest:
            raise NotPreparedError(
                "The database was prepared by an earlier version of Verbatim, and nothing was changed. Stop all "
                f"processes. {PREPARE}, then start again."
            )
        self._refuse_newer(version)

    def apply(self, db: sa.Connection) -> str | None:
        """Create the tables, or apply the steps that are missing; return what was done, None if nothing."""
        version = self.version(db)
        if version == self.latest:
            return None
        if version is None:
            _create_version_table(db, self.schema)
            self.create(db)
            done = f"The tables of {self.name} were created."
        else:
            self._refuse_newer(version)
            self.before_steps(db)
            db.exec_driver_sql(f"SET LOCAL search_path = {self.schema}")
            for statement in (line for step in self.steps[version - 1 :] for line in step):
                db.exec_driver_sql(statement)
            self.after_steps(db)
            done = f"The tables of {self.name} were migrated from version {version} to {self.latest}."
        upsert = f"INSERT INTO {self.schema}.schema_versions (part, version) VALUES (:part, :version) "  # noqa: S608
        upsert += "ON CONFLICT (part) DO UPDATE SET version = excluded.version"
        db.execute(sa.text(upsert), {"part": self.name, "version": self.latest})
        return done

    def _refuse_newer(self, version: int) -> None:
        if version > self.latest:
            raise NotPreparedError(
                f"The database was prepared by a newer version of Verbatim: {self.name} has version {version} there, "
                f"and this program knows {self.latest}. Update Verbatim; nothing was changed."
            )


def apply_all(db: sa.Connection, parts: Iterable[SchemaPart]) -> list[str]:
    """Create or migrate all parts in the caller's transaction, one process at a time; return what was done."""
    db.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    return [done for part in parts if (done := part.apply(db)) is not None]


def _create_version_table(db: sa.Connection, schema: str) -> None:
    db.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    db.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS {schema}.schema_versions (part text PRIMARY KEY, version integer NOT NULL)"
    )


def _create_catalog(db: sa.Connection) -> None:
    create_directory(db)
    create_tables(db, CATALOG_TABLES)


CATALOG_TABLES: Final = with_library(catalog_tables)

CATALOG_PART: Final = SchemaPart(
    "the catalogue",
    SCHEMA,
    _create_catalog,
    before_steps=partial(force_policies, tables=CATALOG_TABLES, forced=False),
    after_steps=partial(force_policies, tables=CATALOG_TABLES, forced=True),
)
"""The tables of all catalogues."""

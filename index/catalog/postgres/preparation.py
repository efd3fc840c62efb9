"""Prepares a database for the bot: tables, migrations, the bot's role and its rights. Checks them at a start, too."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from index.catalog.postgres.engine import ConnectionSettings, Timeouts, open_postgres
from index.catalog.postgres.migrations import apply_all
from index.models import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.catalog.postgres.migrations import SchemaPart

_HOURS: Final = 24 * 3600.0
_PATIENT: Final = Timeouts(statement=_HOURS, idle=_HOURS)
_TOO_MIGHTY: Final = (
    "The user {role!r} of DATABASE_URL {why}, so that PostgreSQL would not keep the servers' articles apart. Give the "
    "bot a role of its own, as `python bot.py prepare-database --owner URL` prepares it."
)
_ENCODING: Final = (
    "The database stores text as {encoding}, not as UTF-8. Create another one with "
    "`createdb --encoding UTF8 --template template0`."
)
_POWERS: Final = sa.text(
    "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE pg_has_role(:role, oid, 'MEMBER') "
    "AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolname IN "
    "('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')) "
    "ORDER BY rolname <> :role, NOT rolsuper, rolname"
)
_SAME_DATABASE: Final = "DATABASE_URL and the owner's address name different databases. Both must name the same one."


def prepare(owner_url: str, bot_url: str, parts: Sequence[SchemaPart]) -> list[str]:
    """Create and migrate all tables as their owner, and give the bot's role, which exists, its rights.

    Returns what was done. All is one transaction. Raises StorageError and OperatorError with what to do; then nothing
    was changed.
    """
    bot, owner = (ConnectionSettings.read(url, _PATIENT).parameters for url in (bot_url, owner_url))
    if owner.get("dbname") != bot.get("dbname"):
        raise OperatorError(_SAME_DATABASE)
    role = str(bot.get("user", ""))
    with _writing(owner_url) as db:
        encoding = db.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise OperatorError(_ENCODING.format(encoding=encoding))
        done = apply_all(db, parts)
        require_weak_role(db, role, parts)
        _grant(db, role, sorted({part.schema for part in parts}))
    return done


def require_prepared(engine: sa.Engine, parts: Sequence[SchemaPart]) -> None:
    """Check what a process needs of the database before it uses it.

    Raises NotPreparedError unless all tables are those of this program, and OperatorError if row-level security would
    not hold for the role: a superuser, one with BYPASSRLS, or an owner of the tables.
    """
    with engine.connect() as db:
        for part in parts:
            part.require_current(db)
        require_weak_role(db, db.exec_driver_sql("SELECT session_user").scalar_one(), parts)


def require_weak_role(db: sa.Connection, role: str, parts: Sequence[SchemaPart]) -> None:
    """Raise OperatorError if a role can see the rows of all libraries, or could free itself to do so.

    The roles that it may become count too (SET ROLE), and those that let it read the server's files as a superuser.
    """
    for name, is_super, bypasses, creates in db.execute(_POWERS, {"role": role}):
        by = f" as a member of {name!r}" if name != role else ""
        if is_super:
            raise OperatorError(_TOO_MIGHTY.format(role=role, why=f"is a superuser{by}"))
        if bypasses:
            raise OperatorError(_TOO_MIGHTY.format(role=role, why=f"may bypass row-level security (BYPASSRLS){by}"))
        if creates:  # and so may become a member of the owner, up to PostgreSQL 15
            raise OperatorError(_TOO_MIGHTY.format(role=role, why=f"may change other roles (CREATEROLE){by}"))
        raise OperatorError(_TOO_MIGHTY.format(role=role, why=f"may use the server's files{by}"))
    owned = sa.text(
        "SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE nspname = ANY(:schemas) AND pg_has_role(:role, relowner, 'MEMBER') LIMIT 1"
    )
    if db.execute(owned, {"schemas": [part.schema for part in parts], "role": role}).first():
        raise OperatorError(_TOO_MIGHTY.format(role=role, why="owns the tables"))


def _grant(db: sa.Connection, role: str, schemas: Sequence[str]) -> None:
    """Let the bot's role read and change rows, but not the versions of the tables."""
    name = _quoted(db, role)
    for schema in schemas:
        db.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        db.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}")
        db.exec_driver_sql(f"REVOKE INSERT, UPDATE, DELETE ON {schema}.schema_versions FROM {name}")
        # UPDATE: to raise a sequence above the ids of articles that were moved here
        db.exec_driver_sql(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {name}")


def _quoted(db: sa.Connection, name: str) -> str:
    return db.dialect.identifier_preparer.quote_identifier(name)


@contextmanager
def _writing(url: str) -> Iterator[sa.Connection]:
    """Yield a connection with one write transaction."""
    engine = open_postgres(url, pool_size=1, timeouts=_PATIENT)
    try:
        with engine.execution_options(write=True, idle=_HOURS).begin() as db:
            yield db
    finally:
        engine.dispose()

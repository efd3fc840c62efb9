"""The tables of drafts: on PostgreSQL in the schema of the bot's memory, else in a file of their own, drafts.db."""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import event

from index.catalog.engine import begin, configure, write_transaction
from index.catalog.postgres.migrations import SchemaPart
from index.catalog.postgres.tables import vacuum_at_once
from index.durable_files import make_folder
from index.models import UserError
from index.sqlite_errors import DamagedError, storage_error
from index.trusted_clock import CLOCK_ERROR
from storage.column_types import BigInt, Words

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 3600.0
"""How long a draft waits for a decision."""

_LOG_BYTES: Final = 8 << 20  # that the write-ahead log keeps on the disk
_VERSION: Final = 2  # of the tables in a file; those of a version before the last two are replaced
_BUSY_SECONDS: Final = 5.0  # that a connection waits for a lock of another process; discord.db is changed on its thread
_NEWER: Final = (
    "The file drafts.db was written by a newer version of the bot (version {version}; this one reads up to {known}). "
    "It was not changed. Install the newer version again, or move it away: what waits for a decision is then lost."
)
_FROM_VERSION_1: Final = ("ALTER TABLE drafts ADD COLUMN holder VARCHAR", "ALTER TABLE parts RENAME TO draft_parts")

schema: Final = sa.MetaData()
"""The tables of drafts."""

drafts: Final = sa.Table(
    "drafts",
    schema,
    sa.Column("id", BigInt, primary_key=True, autoincrement=False),  # random
    sa.Column("kind", Words, nullable=False),
    sa.Column("guild_id", BigInt, nullable=False, index=True),
    sa.Column("member_id", BigInt, nullable=False, index=True),
    sa.Column("stored_at", sa.Float, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("value", Words, nullable=False),
    sa.Column("confirmation", Words),  # JSON; None until the member has confirmed the draft
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("holder", Words),  # the process that carries it out; none until it is confirmed
)

parts: Final = sa.Table(
    "draft_parts",
    schema,
    sa.Column("draft_id", sa.ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)


_SCHEMA: Final = "bot"


def _create(db: sa.Connection) -> None:
    schema.create_all(db.execution_options(schema_translate_map={None: _SCHEMA}))
    for table in schema.sorted_tables:
        db.exec_driver_sql(vacuum_at_once(f"{_SCHEMA}.{table.name}"))


DRAFTS_PART: Final = SchemaPart("the previews", _SCHEMA, _create)
"""The tables on PostgreSQL."""


def is_fresh() -> sa.ColumnElement[bool]:
    """Return the condition for drafts that have not expired; one from the future was stored by a wrong clock."""
    now = time.time()
    return (drafts.c.stored_at > now - KEPT_SECONDS) & (drafts.c.stored_at <= now + CLOCK_ERROR)


def open_drafts_file(path: Path) -> sa.Engine:
    """Open a file, which is created if it is missing and replaced if it is damaged.

    Raises UserError, and leaves the file as it is, if it is locked, cannot be written, as on a full disk, or is of a
    newer version: it may have what members have confirmed.
    """
    make_folder(path.parent)
    try:
        return _open(path)
    except sa.exc.DatabaseError as error:
        trouble = storage_error(error.orig, path) if error.orig else None
        if trouble is not None and not isinstance(trouble, DamagedError):
            raise trouble from error
        _log.warning("%s cannot be read and is replaced; previews have expired: %s", path.name, error.orig)
        try:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
            return _open(path)
        except (sa.exc.DatabaseError, OSError) as failure:
            reason = getattr(failure, "orig", failure)
            raise UserError(f"The file {path.name} cannot be written: {reason}.") from failure


def _open(path: Path) -> sa.Engine:
    """Open or create the file, and delete what was not stored to its end or has expired."""
    address = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(address, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", begin)
    try:
        with write_transaction(engine) as db:
            _make_tables(db)
            db.execute(drafts.delete().where(drafts.c.complete.is_(False)))
            db.execute(drafts.delete().where(~is_fresh(), drafts.c.confirmation.is_(None)))
    except BaseException:
        engine.dispose()
        raise
    return engine


def _make_tables(db: sa.Connection) -> None:
    """Bring the tables of a file up to date; unknown ones are replaced. Raises UserError for a newer version's."""
    version = db.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version == _VERSION:
        return
    if version > _VERSION:
        raise UserError(_NEWER.format(version=version, known=_VERSION))
    if version == 1:
        for statement in _FROM_VERSION_1:
            db.exec_driver_sql(statement)
    else:
        tables = sa.MetaData()
        tables.reflect(db)
        tables.drop_all(db)
        schema.create_all(db)
    db.exec_driver_sql(f"PRAGMA user_version = {_VERSION}")


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Prepare a new connection: deleted drafts leave neither their text nor their space in the file."""
    connection.execute("PRAGMA auto_vacuum = FULL")  # has an effect before the first table only
    configure(connection, read_only=False)
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")

"""Opens the bot's memory: discord.db, whose missing migrations it applies, or the schema `bot` of PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event

from index.catalog.engine import begin, configure, is_lost, write_transaction
from index.catalog.numbered_migrations import ForeignFileError
from index.durable_files import make_folder
from index.models import UserError
from index.sqlite_errors import DamagedError, LockedError, storage_error
from storage.migrations import LATEST, MIGRATIONS, migrate

_REFUSED: Final = (
    "The file {name} cannot be read{reason}. Restore a copy of it, or move it away: "
    "the bot then starts without the buttons of old answers and with default server settings."
)
_BUSY_SECONDS: Final = 5.0  # that a connection waits for a lock of another process; all other changes wait meanwhile


def open_memory(source: Path | sa.Engine) -> sa.Engine:
    """Open discord.db, or return the view of the schema `bot` of a PostgreSQL database. Raises UserError."""
    if isinstance(source, sa.Engine):
        from index.catalog.postgres.preparation import require_prepared
        from storage.postgres import MEMORY_PART, SCHEMA

        require_prepared(source, [MEMORY_PART])
        return source.execution_options(schema=SCHEMA)
    make_folder(source.parent)
    try:
        return open_database(source)
    except sa.exc.DatabaseError as error:
        raise _open_failure(source, error) from error


def _open_failure(path: Path, error: sa.exc.DatabaseError) -> UserError:
    """Return the error that says why discord.db cannot be opened, and what to do.

    Only of a damaged file it says that it may be moved away: settings and pins would be lost.
    """
    trouble = storage_error(error.orig, path) if error.orig else None
    if isinstance(trouble, LockedError):
        return UserError(
            f"The file {path.name} is locked by another process. Stop that process, or wait until it is done."
        )
    if trouble is not None and not isinstance(trouble, DamagedError):
        return trouble
    return UserError(_REFUSED.format(name=path.name, reason=f" ({error.orig})"))


def open_database(path: Path) -> sa.Engine:
    """Open the file, which is created if it does not exist, and bring its schema up to date.

    Connections may be used on any thread, one thread at a time; writes go through `write_transaction`. Raises UserError
    if a newer version of the bot, or another program, wrote the file, or if it was emptied; it is then left as it is.
    Raises sqlalchemy.exc.DatabaseError if it is no database.
    """
    if is_lost(path, may_be_new=not path.exists() or not _has_server_libraries(path.parent)):
        raise UserError(_REFUSED.format(name=path.name, reason=": it is empty, though there were servers"))
    if path.exists():
        _refuse_newer(path)
    engine = _engine(path)
    try:
        if MIGRATIONS.version(engine) != LATEST:
            with write_transaction(engine) as db:
                migrate(db)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _has_server_libraries(data_dir: Path) -> bool:
    """Whether a server has stored articles, which none can before `discord.db` was written for the first time."""
    return any(data_dir.glob("libraries/guild-*"))


def _refuse_newer(path: Path) -> None:
    """Raise UserError if the file is of another kind or a newer schema, on a connection that cannot write."""
    engine = _engine(path, read_only=True)
    try:
        version = MIGRATIONS.version(engine)
    except ForeignFileError as error:
        raise UserError(_REFUSED.format(name=path.name, reason=": it is a database of another kind")) from error
    finally:
        engine.dispose()
    if version is not None and version > LATEST:
        message = (
            f"The file {path.name} was written by a newer version of the bot (schema {version}; this version reads up "
            f"to {LATEST}). It was not changed. Install the newer version again, or restore a copy of the file."
        )
        raise UserError(message)


def _engine(path: Path, *, read_only: bool = False) -> sa.Engine:
    address = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(address, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", lambda connection, _: configure(connection, read_only=read_only))
    event.listen(engine, "begin", begin)
    return engine

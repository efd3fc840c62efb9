"""The SQLite file of the lexical index: verified when it is opened, and replaced when it is damaged."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, TypeVar

from index.indexes import lexical_tables
from index.indexes.lexical import ChangedElsewhereError
from index.indexes.seal import Seal
from index.sqlite_errors import LockedError, is_damage, storage_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_log = logging.getLogger(__name__)

_TIMEOUT = 30.0  # seconds that a locked file is waited for
_PREPARED = 32  # statements that the connection keeps
# A damaged value may have any form, or any size.
_TROUBLES = (sqlite3.Error, ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError)


class LexicalFile:
    """The tables of the lexical index. Those with another stamp than `stamp`, and damaged ones, are emptied.

    Damage that is found while the file is used calls `on_replaced`, which fills the new one, and the interrupted call
    is repeated. If the file cannot be written, the index is kept in memory.

    A checksum of the file is kept beside it. If it does not match, as after a crash, the whole index is verified when
    it is opened: SQLite itself does not notice a changed byte of a value.
    """

    def __init__(self, path: Path, stamp: str, on_replaced: Callable[[], None]) -> None:
        self._path = path
        self._stamp = stamp
        self._seal = Seal(path)
        self.on_replaced = on_replaced
        self._is_sealed = False
        self._watched: int | None = None  # SQLite's number of what other connections have changed
        self._db = self._open()

    @property
    def is_saved(self) -> bool:
        """Whether `save` has no checksum to record."""
        return self._is_sealed

    def problem(self) -> str | None:
        """Return what is wrong with the file, None if nothing is found: its pages, its rows and the lists of terms.

        A file that is locked is taken to be sound.
        """
        try:
            return _problem(self._db)
        except _TROUBLES as error:
            return None if self._is_unavailable(error) else str(error)

    def save(self) -> None:
        """Close the file, then record its checksum if it has changed. It may run in another thread, as the last call.

        Raises OSError and sqlite3.Error; the file is closed nevertheless.
        """
        self._db.close()
        if not self._is_sealed:
            self._seal.write()

    def read(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a job returns that reads; all that it reads is of one state of the file."""

        def run(db: sqlite3.Connection) -> T:
            db.execute("BEGIN")
            try:
                return job(db)
            finally:
                db.rollback()

        return self._healing(run)

    def watch(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Do the same as `read`; from then on `write` refuses if another process has changed the file since."""

        def run(db: sqlite3.Connection) -> tuple[T, int]:
            return job(db), data_version(db)

        found, self._watched = self.read(run)
        return found

    def stop_watching(self) -> None:
        """Let `write` accept what other processes have changed."""
        self._watched = None

    def write(self, change: Callable[[sqlite3.Connection], object]) -> None:
        """Run a change in one transaction. Raises ChangedElsewhereError as `watch` says."""

        def run(db: sqlite3.Connection) -> None:
            with db:
                db.execute("BEGIN IMMEDIATE")  # before it reads what it changes
                if self._watched not in {None, data_version(db)}:
                    raise ChangedElsewhereError
                change(db)

        self._is_sealed = False
        self._healing(run)

    def truncate_log(self) -> None:
        """Empty the write-ahead log, in which the words of removed rows may still be, unless another process reads."""
        self._is_sealed = False
        self._healing(lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    def _healing(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job, once more if the file turns out to be damaged, with a new one that is filled again.

        If the file cannot be written, the new index is in memory. Raises LockedError if another process locks it.
        """
        try:
            return job(self._db)
        except _TROUBLES as error:
            trouble = storage_error(error, self._path)
            if isinstance(trouble, LockedError) or (trouble is None and self.problem() is None):
                raise trouble or error from error
            _log.warning("%s is filled again: %s", self._path, error)
            in_memory = self._is_unavailable(error)
        self._db.close()
        self.stop_watching()  # the number belongs to the connection
        self._db = self._in_memory() if in_memory else self._replaced()
        self.on_replaced()
        return job(self._db)

    def _is_unavailable(self, error: Exception) -> bool:
        """Whether an error says that the file is locked or cannot be read or written, rather than damaged."""
        is_damaged = isinstance(error, sqlite3.Error) and is_damage(error)
        return storage_error(error, self._path) is not None and not is_damaged

    def _open(self) -> sqlite3.Connection:
        """Open the file if it is sound, else a new one; in memory if neither can be opened. Raises LockedError."""
        self._is_sealed = self._seal.matches()
        try:
            db = _connect(self._path)
            try:
                is_new = _empty_unless_current(db, self._stamp)
                problem = None if is_new or self._is_sealed else _problem(db)
            except BaseException:
                db.close()
                raise
        except _TROUBLES as error:
            trouble = storage_error(error, self._path)
            if isinstance(trouble, LockedError):
                raise trouble from error
            if self._is_unavailable(error):
                _log.warning("%s is kept in memory: %s", self._path, trouble)
                return self._in_memory()
            problem = str(error)
        else:
            self._is_sealed = self._is_sealed and not is_new
            if problem is None:
                return db
            db.close()
        _log.warning("%s is filled again: %s", self._path, problem)
        return self._replaced()

    def _replaced(self) -> sqlite3.Connection:
        """Return an empty index in place of a damaged file, in memory if the file cannot be replaced."""
        self._is_sealed = False
        try:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            db = _connect(self._path)
            _empty_unless_current(db, self._stamp)
        except (OSError, sqlite3.Error):
            return self._in_memory()
        return db

    def _in_memory(self) -> sqlite3.Connection:
        self._is_sealed = True  # there is no file to record a checksum of
        db = sqlite3.connect(":memory:", check_same_thread=False)
        _empty_unless_current(db, self._stamp)
        return db


def data_version(db: sqlite3.Connection) -> int:
    """Return a number that is another one once another connection has changed the file."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def _connect(path: Path) -> sqlite3.Connection:
    # It is used by one thread at a time; the last call, `save`, may be in another.
    db = sqlite3.connect(path, timeout=_TIMEOUT, check_same_thread=False, cached_statements=_PREPARED)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # a cache may lose its last write: it is filled again
        db.execute("PRAGMA secure_delete = ON")  # no words of a removed article remain in the file
    except BaseException:
        db.close()
        raise
    return db


def _stored_stamp(db: sqlite3.Connection) -> str | None:
    """Return the stamp, None without tables. Raises sqlite3.DatabaseError if they are those of another kind of file."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "stamp" not in tables:  # whose tables would stay in the file
        raise sqlite3.DatabaseError("it is a database of another kind")
    return str((db.execute("SELECT epoch FROM stamp").fetchone() or ("",))[0])


def _empty_unless_current(db: sqlite3.Connection, stamp: str) -> bool:
    """Recreate the tables unless they have this stamp, in one transaction: others may do the same. Return if so."""
    if _stored_stamp(db) == stamp:
        return False
    with db:
        db.execute("BEGIN IMMEDIATE")
        if _stored_stamp(db) == stamp:
            return False
        for statement in lexical_tables.CREATE:
            db.execute(statement)
        db.execute("INSERT INTO stamp(epoch) VALUES (?)", (stamp,))
    return True


def _problem(db: sqlite3.Connection) -> str | None:
    """Return what is wrong with an index, None for nothing. Raises sqlite3.Error if it cannot be read at all."""
    db.execute("BEGIN")
    try:
        return lexical_tables.problem(db)
    finally:
        db.rollback()

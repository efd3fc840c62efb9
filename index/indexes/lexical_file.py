"""The SQLite file of the lexical index: verified when it is opened, and replaced when it is damaged."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Any, TypeVar

from index.indexes.seal import Seal
from index.sqlite_errors import LockedError, is_damage, storage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

T = TypeVar("T")

_log = logging.getLogger(__name__)

_TIMEOUT = 30.0  # seconds that a locked file is waited for
_PREPARED = 16  # statements that the connection keeps
_CREATE = (
    "DROP TABLE IF EXISTS vocabulary",
    "DROP TABLE IF EXISTS passages",
    "DROP TABLE IF EXISTS digests",
    "DROP TABLE IF EXISTS stamp",
    "CREATE VIRTUAL TABLE passages USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 0')",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(passages, row)",
    "CREATE TABLE digests(id INTEGER PRIMARY KEY, digest INTEGER NOT NULL)",
    "CREATE TABLE stamp(epoch TEXT)",
)


class LexicalFile:
    """The tables of the lexical index. Those with another stamp than `stamp`, and damaged ones, are emptied.

    Damage that is found while the file is used calls `on_replaced`, which fills the new one, and the interrupted call
    is repeated. If the file cannot be written, the index is kept in memory.

    A checksum of the file is kept beside it. If it does not match, as after a crash, the whole index is verified when
    it is opened: SQLite itself does not notice an overwritten page of an FTS5 table.
    """

    def __init__(self, path: Path, stamp: str, on_replaced: Callable[[], None]) -> None:
        self._path = path
        self._stamp = stamp
        self._seal = Seal(path)
        self.on_replaced = on_replaced
        self._is_sealed = False
        self._db = self._open()

    @property
    def is_saved(self) -> bool:
        """Whether `save` has no checksum to record."""
        return self._is_sealed

    def problem(self) -> str | None:
        """Return what is wrong with the file, None if SQLite finds nothing: its pages, its rows and the FTS5 index.

        A file that is locked or cannot be written, which FTS5's check needs, is taken to be sound.
        """
        try:
            return _problem(self._db)
        except sqlite3.Error as error:
            unavailable = storage_error(error, self._path) is not None and not is_damage(error)
            return None if unavailable else str(error)

    def save(self) -> None:
        """Close the file, then record its checksum if it has changed. It may run in another thread, as the last call.

        Raises OSError and sqlite3.Error; the file is closed nevertheless.
        """
        self._db.close()
        if not self._is_sealed:
            self._seal.write()

    def read(self, statement: str, parameters: Sequence[Sequence[Any]] = ((),)) -> list[list[Any]]:
        """Return the rows of a statement for each of the parameters."""
        return self._healing(lambda db: [db.execute(statement, one).fetchall() for one in parameters])

    def write(self, change: Callable[[sqlite3.Connection], object]) -> None:
        """Run a change in one transaction."""

        def run(db: sqlite3.Connection) -> None:
            with db:
                change(db)

        self._is_sealed = False
        self._healing(run)

    def _healing(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job, once more if the file turns out to be damaged, with a new one that is filled again.

        If the file cannot be written, the new index is in memory. Raises LockedError if another process locks it.
        """
        try:
            return job(self._db)
        except sqlite3.Error as error:
            trouble = storage_error(error, self._path)
            if isinstance(trouble, LockedError) or (trouble is None and self.problem() is None):
                raise trouble or error from error
            _log.warning("%s is filled again: %s", self._path, error)
            in_memory = trouble is not None and not is_damage(error)
        self._db.close()
        self._db = self._in_memory() if in_memory else self._replaced()
        self.on_replaced()
        return job(self._db)

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
        except sqlite3.Error as error:
            trouble = storage_error(error, self._path)
            if isinstance(trouble, LockedError):
                raise trouble from error
            if trouble is not None and not is_damage(error):
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
        for statement in _CREATE:
            db.execute(statement)
        db.execute("INSERT INTO stamp VALUES (?)", (stamp,))
    return True


def _problem(db: sqlite3.Connection) -> str | None:
    """Return what is wrong with an index, None for nothing. Raises sqlite3.Error if it cannot be read at all."""
    found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    if found != "ok":
        return found
    with db:  # the check is an INSERT, which begins a transaction
        db.execute("INSERT INTO passages(passages, rank) VALUES ('integrity-check', 1)")
    listed = "SELECT count(*) FROM (SELECT id FROM {} EXCEPT SELECT id FROM {})"
    for one, other in (("digests", "passages_content"), ("passages_content", "digests")):
        if db.execute(listed.format(one, other)).fetchone()[0]:
            return "its rows do not belong together"
    return None

"""The connections of a process to PostgreSQL: one pool, for all libraries and for the bot's memory.

A view of the engine for one schema, or for one library in it, is `engine.execution_options(schema=..., library=...)`.
Both are set anew for each transaction, so that a connection that goes back to the pool carries nothing over.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import sqlalchemy as sa
from sqlalchemy import event

from index.catalog.postgres.errors import ALL_IN_USE, database_error
from index.models import SettingsError, UserError
from index.sqlite_errors import TooSlowError, UnreachableError

if TYPE_CHECKING:
    from index.catalog.postgres.connection import BoundedConnection

SCHEMA: Final = "catalog"
"""The schema of the catalogues."""

LIBRARY: Final = "verbatim.library"
"""The setting of a transaction that has the id of the library whose rows it may see."""

_POOL_SECONDS: Final = 30.0  # that a thread waits for a connection
_EXTRA: Final = 10  # connections beyond the pool's size, closed when they are returned
_APPLICATION: Final = "verbatim"
_WAIT_AFTER_FAILURE: Final = 2.0  # seconds in which nobody tries to connect again
_GRACE: Final = 2.0  # seconds that a server may exceed its own timeout for a statement
_WRITING_IDLE: Final = 10.0  # seconds: less than others wait for a library that a frozen process has locked
_MISSING: Final = (
    "DATABASE_URL names PostgreSQL, for which a package is missing. Install it with `pip install 'verbatim[cluster]'`."
)
_INVALID: Final = (
    "DATABASE_URL cannot be understood. Write it like postgresql://USER:PASSWORD@HOST:5432/DATABASE, with special "
    "characters of the password percent-encoded."
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a process waits for PostgreSQL, in seconds.

    `connect` is for a connection to be made, `lock` for another transaction to end, `statement` for one statement,
    `answer` for a server that has vanished from the network. After `idle` seconds in which the program does nothing in
    a transaction, the server ends it; after ten at the latest if it writes, so that a process that hangs keeps nobody
    out of a library.
    """

    connect: int = 5
    lock: float = 30.0
    statement: float = 60.0
    idle: float = 120.0
    answer: float = 20.0


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """What a connection is made with; `place` names the server and the database without user and password."""

    parameters: dict[str, Any] = field(repr=False)
    place: str

    @classmethod
    def read(cls, url: str, timeouts: Timeouts) -> Self:
        """Read an address as libpq does. Raises SettingsError, never with the address, which has a password."""
        psycopg = _psycopg()
        try:
            given = psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.Error:
            raise SettingsError(_INVALID) from None
        defaults = {
            "connect_timeout": timeouts.connect,
            "application_name": _APPLICATION,
            "client_encoding": "UTF8",
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": _milliseconds(timeouts.answer),
        }
        wanted = {
            "lock_timeout": _milliseconds(timeouts.lock),
            "statement_timeout": _milliseconds(timeouts.statement),
            "idle_in_transaction_session_timeout": _milliseconds(timeouts.idle),
            "tcp_keepalives_idle": 30,
            "tcp_keepalives_interval": 10,
            "tcp_keepalives_count": 3,
            "plan_cache_mode": "force_custom_plan",  # libraries differ in size: a plan for one is not for another
            "jit": "off",  # compiling takes longer than most statements
        }
        options = " ".join([*(f"-c {name}={value}" for name, value in wanted.items()), str(given.get("options") or "")])
        place = f"{given.get('host') or 'localhost'}:{given.get('port') or 5432}/{given.get('dbname') or ''}"
        return cls(defaults | given | {"options": options.strip()}, place)


def open_postgres(url: str, *, pool_size: int = 5, timeouts: Timeouts = Timeouts()) -> sa.Engine:
    """Return an engine for the database at an address; the first statement connects.

    Connections beyond `pool_size`, of which there may be ten, are closed after use. Every statement raises StorageError
    with a sentence for the operator if the server is down, too slow, or refuses: UnreachableError and LockedError if
    trying again helps. Raises SettingsError if the address is invalid or psycopg is not installed.
    """
    connector = _Connector(ConnectionSettings.read(url, timeouts), timeouts)
    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=connector.connect,
        hide_parameters=True,
        poolclass=_Pool,
        pool_size=pool_size,
        max_overflow=_EXTRA,
        pool_timeout=_POOL_SECONDS,
        pool_reset_on_return="rollback",
        use_native_hstore=False,
    )
    event.listen(engine, "checkout", _refuse_closed)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", connector.explain)
    return engine


def _begin(connection: sa.Connection) -> None:
    """Begin a transaction in one round trip: its schema, and the library whose rows it may see and change.

    A write transaction counts itself in the library's row, which keeps other writers out until it ends: the counterpart
    of SQLite's BEGIN IMMEDIATE. Others read one unchanging state.
    """
    options = connection.get_execution_options()
    schema, library, write = options.get("schema"), options.get("library"), options.get("write", False)
    may_write = write and not options.get("read_only", False)
    statements = [
        "BEGIN ISOLATION LEVEL READ COMMITTED" if may_write else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    ]
    if schema is not None:
        statements.append(f"SET LOCAL search_path = {schema}")
    if write:
        idle = options.get("idle", _WRITING_IDLE)
        statements.append(f"SET LOCAL idle_in_transaction_session_timeout = {_milliseconds(idle)}")
    if library is not None:
        statements.append(f"SET LOCAL {LIBRARY} = '{library:d}'")
        if write:
            statements.append(f"UPDATE libraries SET writes = writes + 1 WHERE id = {library:d}")  # noqa: S608 - a number
    connection.exec_driver_sql("; ".join(statements))


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Make the pool replace a connection that the server has closed in the meantime."""
    from index.catalog.postgres.connection import closed_by_server

    if closed_by_server(connection):
        raise sa.exc.DisconnectionError


class _Pool(sa.QueuePool):
    """A pool that says in a sentence when all connections have been in use for too long."""

    __module__ = sa.QueuePool.__module__  # SQLAlchemy names its logger after it

    def connect(self) -> sa.PoolProxiedConnection:
        try:
            return super().connect()
        except sa.exc.TimeoutError as error:
            raise TooSlowError(ALL_IN_USE) from error


class _Connector:
    """Makes connections; after a failure, the next two seconds' attempts fail at once, so that nobody waits in vain."""

    def __init__(self, settings: ConnectionSettings, timeouts: Timeouts) -> None:
        self._settings = settings
        self._longest = timeouts.statement + _GRACE
        self._lock = threading.Lock()
        self._failure: tuple[float, str] | None = None  # when, by the monotonic clock, and what is said about it

    def connect(self) -> BoundedConnection:
        """Return a new connection, on which transactions begin with `_begin`. Raises StorageError."""
        with self._lock:
            failure = self._failure
        if failure is not None and time.monotonic() - failure[0] < _WAIT_AFTER_FAILURE:
            raise UnreachableError(failure[1])
        from index.catalog.postgres.connection import connect

        try:
            made = connect(self._settings.parameters, self._longest)
        except _psycopg().Error as error:
            trouble = database_error(error, self._settings.place, connecting=True)
            self._note(trouble)
            raise trouble or error from error
        self._note(None)
        return made

    def explain(self, context: sa.engine.ExceptionContext) -> None:
        """Raise the sentence for an error of PostgreSQL: the listener for an engine's event "handle_error"."""
        error = context.original_exception
        if isinstance(error, UserError):  # of a column's type: SQLAlchemy would wrap it
            raise error
        if trouble := database_error(error, self._settings.place, disconnected=context.is_disconnect):
            from index.catalog.postgres.connection import NoAnswerError

            if isinstance(error, NoAnswerError):
                self._note(trouble)
            raise trouble from error

    def _note(self, trouble: Exception | None) -> None:
        with self._lock:
            self._failure = (time.monotonic(), str(trouble)) if isinstance(trouble, UnreachableError) else None


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _psycopg() -> Any:
    """Return the module. Raises SettingsError if it is not installed."""
    try:
        import psycopg
    except ImportError:
        raise SettingsError(_MISSING) from None
    return psycopg

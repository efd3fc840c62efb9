"""A real PostgreSQL server for tests: started on a free loopback port in a folder of its own, and ended with them.

Fixtures: `postgres_server` is the server of the session (of the worker, with xdist), `empty_postgres` a new empty
database on it for one test. Without PostgreSQL's programs such tests are skipped; with VERBATIM_REQUIRE_POSTGRES=1 they
fail. Scripts use `running_postgres()`.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

SUPERUSER, OWNER, BOT = "postgres", "verbatim_owner", "verbatim_bot"
"""The roles of a server: the owner of the databases and the bot are ordinary roles."""

PASSWORD = "only-for-tests"

_REQUIRED = "VERBATIM_REQUIRE_POSTGRES"
_MISSING = "PostgreSQL's programs (initdb, postgres) are not installed"
_UNPRIVILEGED = ("postgres", "nobody")  # users as whom the server runs when the tests are run by root: it refuses root
_PATIENCE = 120.0  # seconds for which a start or an end is waited for
_TRIES = 5  # of a start: another program may take the port first
_MEMORY_NEEDED = 1 << 30  # free bytes in memory for which the data is kept there
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    # Nothing here outlives the tests.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "lc_messages": "C",
    "log_statement": "none",
}


class PostgresMissingError(Exception):
    """PostgreSQL's programs are not installed."""


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A database of a test server. The addresses have the form of the setting DATABASE_URL."""

    name: str
    port: int

    def url(self, role: str = BOT, *, port: int | None = None) -> str:
        """Return the address for a role, by default the bot's; a `port` is that of a proxy before the server."""
        return f"postgresql://{role}:{PASSWORD}@127.0.0.1:{port or self.port}/{self.name}"

    @property
    def bot_url(self) -> str:
        """The address for the bot's role."""
        return self.url(BOT)

    @property
    def owner_url(self) -> str:
        """The address for the owner of the database."""
        return self.url(OWNER)

    @property
    def superuser_url(self) -> str:
        """The address for the server's superuser."""
        return self.url(SUPERUSER)


@dataclass(slots=True)
class PostgresServer:
    """A running server. `folder` holds its data and the file `log`."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    _templates: dict[str, str] = field(default_factory=dict)
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def create_database(self, template: str = "template0") -> PostgresDatabase:
        """Create a database of the owner's, empty or a copy of another database to which nobody is connected."""
        name = f"test_{next(self._names)}"
        # Without full_page_writes and fsync, copying files is the faster of the two ways that there are since 15.
        how = " STRATEGY file_copy" if self.version >= 15 else ""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{OWNER}"{how}')
        return PostgresDatabase(name, self.port)

    @property
    def version(self) -> int:
        """The major version, such as 15."""
        return int((self.folder / "data" / "PG_VERSION").read_text())

    def drop_database(self, database: PostgresDatabase) -> None:
        """Delete a database; whoever is connected to it is disconnected."""
        self.execute(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[PostgresDatabase]:
        """Create a database as `create_database` does, and delete it at the end."""
        made = self.create_database(template)
        try:
            yield made
        finally:
            self.drop_database(made)

    def template(self, key: str, prepare: Callable[[PostgresDatabase], object]) -> str:
        """Return the name of a database to copy, which `prepare` filled when `key` was first asked for.

        `prepare` must close its connections. What is set for a database as a whole (ALTER DATABASE, GRANT ON DATABASE)
        is not copied.
        """
        if key not in self._templates:
            made = self.create_database()
            prepare(made)
            self._templates[key] = made.name
        return self._templates[key]

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, outside a transaction; return its rows."""
        address = PostgresDatabase(database, self.port).superuser_url
        with psycopg.connect(address, autocommit=True) as connection:
            result = connection.execute(statement.encode())
            return result.fetchall() if result.description else []

    def log(self) -> str:
        """Return what the server has logged."""
        return (self.folder / "log").read_text(errors="replace")


def programs() -> Path:
    """Return the folder of PostgreSQL's programs. Raises PostgresMissingError."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    by_version = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: _number(one.parent.name))
    for folder in found + by_version[::-1]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise PostgresMissingError(_MISSING)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server in a temporary folder, with the roles OWNER and BOT; end it and delete the folder afterwards.

    Raises PostgresMissingError if it is not installed.
    """
    installed, user = programs(), _user()
    # Not below pytest's temporary folders, which only the user who runs the tests may enter.
    folder = Path(tempfile.mkdtemp(prefix="verbatim-postgres-", dir=_place()))
    try:
        _create(installed, folder, user)
        server = _start(installed, folder, user)
        try:
            for role in (OWNER, BOT):
                server.execute(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{PASSWORD}'")
            yield server
        finally:
            _stop(server.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Return a PostgreSQL server that lasts as long as the tests; skip the test without one, or fail if required."""
    try:
        programs()
    except PostgresMissingError as error:
        if os.environ.get(_REQUIRED, "0") not in {"", "0"}:
            pytest.fail(f"{error}, and {_REQUIRED} is set")
        pytest.skip(str(error))
    with running_postgres() as server:
        yield server


@pytest.fixture
def empty_postgres(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Return a new database without schemas or tables, deleted after the test."""
    with postgres_server.database() as database:
        yield database


def _place() -> str | None:
    """Return the folder in which temporary files are fastest, None for the usual one.

    In memory, a test's database is made in a tenth of a second instead of up to two on a busy disk.
    """
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _MEMORY_NEEDED else None


def _number(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        return 0.0


def _user() -> pwd.struct_passwd | None:
    """Return the user as whom the server is to run, None for the present one."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresMissingError(f"PostgreSQL does not run as root, and there is no user {' or '.join(_UNPRIVILEGED)}")


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return the arguments of `subprocess` that run a program as a user."""
    # Messages in English, and no settings of the caller's (PGDATA, PGPORT, ...).
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    if user is None:
        return {"env": environment}
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {"env": environment | {"HOME": "/"}, "cwd": "/", **identity}


def _create(installed: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    """Create the files of a server in `folder`, with the superuser SUPERUSER."""
    (folder / "password").write_text(PASSWORD)
    if user is not None:
        for path in (folder, folder / "password"):
            os.chown(path, user.pw_uid, user.pw_gid)
    initdb = str(installed / "initdb")
    options = ["--encoding=UTF8", "--no-sync", "--auth=scram-sha-256", f"--username={SUPERUSER}"]
    # Sorting by the rules of a language, so that a test notices a statement that relies on the order of bytes.
    known = subprocess.run([initdb, "--help"], capture_output=True, text=True, check=True, **_as(user))
    locale = ["--locale=C"]
    if "--icu-locale" in known.stdout:
        locale += ["--locale-provider=icu", "--icu-locale=en-US"]
    command = [initdb, f"--pgdata={folder / 'data'}", f"--pwfile={folder / 'password'}", *options]
    result = subprocess.run([*command, *locale], capture_output=True, text=True, check=False, **_as(user))
    if result.returncode != 0:  # a build without ICU
        shutil.rmtree(folder / "data", ignore_errors=True)
        result = subprocess.run([*command, "--locale=C"], capture_output=True, text=True, check=False, **_as(user))
    if result.returncode != 0:
        raise RuntimeError(f"initdb failed: {result.stderr.strip() or result.stdout.strip()}")


def _start(installed: Path, folder: Path, user: pwd.struct_passwd | None) -> PostgresServer:
    for _ in range(_TRIES):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
        command = [str(installed / "postgres"), "-D", str(folder / "data"), "-p", str(port), *options]
        if found := shutil.which("setpriv"):  # on Linux the server ends with the tests, even if they are killed
            command = [found, "--pdeathsig", "INT", "--", *command]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_as(user))
        server = PostgresServer(folder, port, process)
        if _is_ready(server):
            return server
        _stop(process)
    raise RuntimeError(f"PostgreSQL does not start: {server.log()[-2000:]}")


def _is_ready(server: PostgresServer) -> bool:
    """Wait until the server accepts connections; return False if it has ended instead."""
    until = time.monotonic() + _PATIENCE
    while server.process.poll() is None and time.monotonic() < until:
        with suppress(psycopg.OperationalError):
            server.execute("SELECT 1")
            return True
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server: connections are closed, not waited for."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE / 4)

"""Checks of PostgreSQL and Milvus, if the settings name them. Nothing here waits for more than a few seconds."""

from __future__ import annotations

import logging
import statistics
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from index.models import OperatorError
from settings import INSTALL_EXTRA
from storage import store_urls
from storage.backups.writing import names_to_back_up
from storage.cluster_models import PARTS_REMEDY
from terminal.article_reports import count
from terminal.doctor.findings import ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

    from settings import Settings
    from storage.stores import Stores
    from terminal.doctor.findings import Finding

_PACKAGES: Final = {"psycopg": "DATABASE_URL", "pymilvus": "VECTOR_STORE"}
_PLACE: Final = "docs/operating.md has the steps, under 'Past one machine'."
_SECONDS: Final = 15.0  # for each server; its own limits below are shorter, but finding an address has none
_CONNECT: Final = 3
_STATEMENT: Final = 5.0
_TESTED: Final = 15  # major version of PostgreSQL on which the tests run
_READS: Final = 5
_SLOW: Final = 0.05  # seconds for a statement: an answer takes some dozens, one after the other
_CLOCK: Final = 5.0  # seconds; leases of shards expire by the database's clock


def check_stores(settings: Settings) -> Iterator[Finding]:
    """Yield which stores are used, and whether the packages for them are installed."""
    given = {"DATABASE_URL": settings.database_url, "VECTOR_STORE": settings.vector_store}
    missing = [package for package, setting in _PACKAGES.items() if given[setting] and find_spec(package) is None]
    if missing:
        yield problem("stores", f"Not installed: {', '.join(missing)}.", f"Run `{INSTALL_EXTRA}`.")
        return
    names = [store_urls.shown(url.get_secret_value()) for url in given.values() if url]
    database = f"PostgreSQL ({names[0]})" if settings.database_url else f"SQLite ({settings.data_dir})"
    vectors = f"Milvus ({names[1]})" if settings.vector_store else "FAISS"
    yield ok("stores", f"{database} and {vectors}.")
    folder = settings.data_dir
    unused = [name for name in names_to_back_up(folder) if name.endswith(".db") and (folder / name).is_file()]
    if names and unused:
        yield warning(
            "stores", f"{folder} has {count(len(unused), 'database')} of SQLite, which nothing reads now.",
            "If their articles are missing, unset DATABASE_URL and run `python bot.py migrate`; else delete them.",
        )  # fmt: skip


def check_postgresql(settings: Settings) -> Iterator[Finding]:
    """Yield whether PostgreSQL answers, is prepared, keeps libraries apart, and has the right time."""
    if settings.database_url is not None and find_spec("psycopg") is not None:
        yield from _in_time("PostgreSQL", lambda: _postgresql(settings.stores()))


def check_milvus(settings: Settings) -> Iterator[Finding]:
    """Yield whether Milvus answers, and which collections of Verbatim it has."""
    if settings.vector_store is not None and find_spec("pymilvus") is not None:
        yield from _in_time("Milvus", lambda: _milvus(settings.stores()))


def _in_time(check: str, find: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what `find` yields, on a thread that is given up when it takes too long."""
    found: list[Finding] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.extend(find())
        except Exception as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    yield from list(found)
    if failed:
        raise failed[0]
    if thread.is_alive():
        yield problem(check, f"It has not answered for {_SECONDS:.0f} s.", "See whether it runs and can be reached.")


def _postgresql(stores: Stores) -> Iterator[Finding]:
    # Not importable without SQLAlchemy's loading time, which the other checks do not need.
    from index.catalog.postgres.engine import Timeouts

    limits = Timeouts(connect=_CONNECT, lock=_STATEMENT, statement=_STATEMENT, answer=2 * _STATEMENT)
    quick = replace(stores, timeouts=limits)
    try:
        assert quick.engine is not None
        with quick.engine.connect() as db:
            yield from _version(db)
            yield from _latency(db)
            yield from _clock(db)
        quick.require_ready()
    except OperatorError as error:  # says what to do
        yield problem("PostgreSQL", str(error), _PLACE)
    else:
        role = store_urls.role_of(stores.database_url or "")
        yield ok("PostgreSQL", f"It is prepared, and the role {role} sees one library at a time.")
        yield from _processes(quick)
    finally:
        quick.close()


def _processes(stores: Stores) -> Iterator[Finding]:
    """Yield which processes of the bot run, and whether they run all shards."""
    leases = stores.shard_leases("doctor")
    assert leases is not None
    try:
        view = leases.view()
    finally:
        leases.dispose()
    for sentence in view.wrong_parts():
        yield problem("processes", sentence, f"{PARTS_REMEDY} If one was just killed, look again in a minute.")
    free = [str(lease.shard) for lease in view.leases if lease.is_free]
    if not view.processes:
        yield ok("processes", "No process of the bot runs.")
    elif free:
        remedy = "Look again in a minute; then see what the processes log. With --cluster I/N all N have to run."
        yield warning("processes", f"No process runs the shards {', '.join(free)} of {view.shards}.", remedy)
    else:
        yield ok("processes", f"Processes that run: {len(view.processes)}. Shards: {view.shards}, all of them run.")


def _version(db: sa.Connection) -> Iterator[Finding]:
    version = str(db.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]
    major = int(db.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    if major < _TESTED:
        remedy = f"Update it: Verbatim is tested with {_TESTED}."
        yield warning("PostgreSQL", f"It answers, and is version {version}.", remedy)
    else:
        yield ok("PostgreSQL", f"It answers, and is version {version}.")


def _latency(db: sa.Connection) -> Iterator[Finding]:
    times = []
    for _ in range(_READS):
        begun = time.perf_counter()
        db.exec_driver_sql("SELECT 1").scalar_one()
        times.append(time.perf_counter() - begun)
    taken = statistics.median(times)
    text = f"A statement takes {taken * 1000:.1f} ms from here."
    if taken > _SLOW:
        yield warning("PostgreSQL", text, "Run the bot nearer to it: an answer needs some dozens of statements.")
    else:
        yield ok("PostgreSQL", text)


def _clock(db: sa.Connection) -> Iterator[Finding]:
    before = datetime.now(UTC)
    there = db.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    here = before + (datetime.now(UTC) - before) / 2
    difference = (here - there).total_seconds()
    if abs(difference) > _CLOCK:
        text = (
            f"The clock here is {abs(difference):,.0f} s {'ahead of' if difference > 0 else 'behind'} the database's."
        )
        yield warning("PostgreSQL", text, "Let both machines set their clocks from the network (NTP).")
    else:
        yield ok("PostgreSQL", "Its clock and the one here agree.")


def _milvus(stores: Stores) -> Iterator[Finding]:
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what it says is in the finding
    remedy = "See whether it runs and can be reached from here, and VECTOR_STORE and VECTOR_STORE_TOKEN. Until then no "
    remedy += "question is answered; the articles are safe in PostgreSQL."
    try:
        client: Any = MilvusClient(uri=stores.vector_url, token=stores.vector_token or "", timeout=_CONNECT)
        version = client.get_server_version(timeout=_STATEMENT)
        own = [name for name in client.list_collections(timeout=_STATEMENT) if name.startswith("verbatim")]
    except MilvusException as error:
        reason = " ".join(str(error.message).split()).rstrip(".")
        yield problem("Milvus", f"It cannot be used ({reason}).", remedy)
        return
    held = f"Collections: {', '.join(own)}." if own else "It has no collection yet; the first article makes one."
    yield ok("Milvus", f"It answers, and is version {version}. {held}")

"""The memory is the same on both engines: texts, numbers, order; and what happens without tables or a server."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from index.catalog.postgres.engine import Timeouts, open_postgres
from index.incremental import finish
from index.models import UserError
from index.sqlite_errors import LockedError, StorageError, UnreachableError
from storage.column_types import storable
from storage.concurrency import serialised
from storage.database import Database
from storage.import_models import ImportStage, SiteImport
from storage.library_states import LibraryState
from storage.schema import answers
from tests.postgres_server import PostgresDatabase, PostgresServer
from tests.storage.test_database import ANSWER, recent
from tests.tcp_proxy import TcpProxy

LARGEST = 2**63 - 1


def test_a_question_may_contain_anything(store: Database) -> None:
    """What neither UTF-8 nor PostgreSQL can store is stored as U+FFFD; quotes are stored letter for letter."""
    quote = replace(ANSWER.quotes[0], key="NUL \0, half \ud83d💡")
    key = store.keep(recent(question="Who\0 \ud83d💡 \ude00?", quotes=(quote,)))
    store.votes.put(key, 7, helpful=False)
    store.votes.set_reason(key, 7, "missing: \0")

    found = store.answer(key)

    assert found.question == "Who\ufffd \ufffd💡 \ufffd?" == storable("Who\0 \ud83d💡 \ude00?")
    assert found.quotes == (quote,)
    store.update(key, question="\udc00")
    assert store.answer(key).question == "\ufffd"


def test_ids_have_64_bits(store: Database) -> None:
    """The largest number that both engines have is stored, compared and found in settings."""
    key = store.keep(recent(channel_id=LARGEST, message_id=LARGEST))
    store.server_settings.change(LARGEST, lambda now: now.changed(digest_channel=1_300_000_000_000_000_000))

    assert store.answer_in(LARGEST).id == key
    assert store.last_answer(LARGEST).channel_id == LARGEST
    assert store.staff_messages.servers_with_channel() == {LARGEST: 1_300_000_000_000_000_000}


def test_order_is_that_of_bytes(store: Database) -> None:
    """Texts are not ordered by the rules of a language."""
    names = ["guild-9", "Zebra", "guild-10", "élan", "apple", "_"]
    store.library_states.record([(LibraryState(name, "", 1, 0, 0, "old"), ["7"]) for name in names], 0.0)

    assert store.contributors.libraries_of("7") == sorted(names, key=str.encode)
    assert store.library_states.with_other_passages("new") == sorted(names, key=str.encode)


def test_an_address_that_is_too_long_is_no_page(store: Database) -> None:
    """A link that the index of PostgreSQL would refuse is not followed; the import goes on."""
    offered = SiteImport(1, 10, 7, "https://a.org", None, 5, more=False, plain=False, begun_at=time.time())
    long = "https://a.org/" + "é" * 1500
    key = finish(store.site_imports.offer_in_steps(offered, ["https://a.org/0", long]))
    store.site_imports.advance(key, ImportStage.OFFERED, ImportStage.RUNNING)

    store.site_imports.pages.record_page(
        store.site_imports.get(key), "https://a.org/0", "stored", links=[long, "https://a.org/1"]
    )

    assert store.site_imports.pages.tally(key).total == 2


def test_a_database_must_be_prepared(empty_postgres: PostgresDatabase) -> None:
    """Without its tables the memory is not opened, and the sentence says which command makes them."""
    engine = open_postgres(empty_postgres.bot_url)

    with pytest.raises(UserError, match="prepare-database"):
        Database(engine)
    engine.dispose()


def test_the_bot_cannot_change_tables(memory_postgres: PostgresDatabase) -> None:
    """Its role may change rows only."""
    statements = (
        "DROP TABLE bot.answers",
        "ALTER TABLE bot.answers ADD x int",
        "UPDATE bot.schema_versions SET version = 9",
    )
    for statement in statements:
        with psycopg.connect(memory_postgres.bot_url) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


def test_the_server_goes_away(postgres_server: PostgresServer, memory_postgres: PostgresDatabase) -> None:
    """A change that is cut off changes nothing and is told in one sentence; afterwards everything goes on."""
    engine = open_postgres(memory_postgres.bot_url, timeouts=Timeouts(connect=2))
    with closing(Database(engine)) as store:
        first = store.keep(recent())

        def end() -> None:
            of_store = f"FROM pg_stat_activity WHERE datname = '{memory_postgres.name}'"
            postgres_server.execute(f"SELECT pg_terminate_backend(pid, 60000) {of_store}")

        def change() -> None:
            with store.writing() as db:
                db.execute(answers.delete())
                end()
                db.execute(answers.delete())

        with pytest.raises(UnreachableError):
            change()
        assert store.answer(first) is not None
        end()
        assert store.keep(recent()) > first
    engine.dispose()


def test_the_server_is_slow_or_refuses(memory_postgres: PostgresDatabase) -> None:
    """Nobody waits for a frozen server, a lock or a refused connection for longer than was set."""
    proxy = TcpProxy(memory_postgres.port)
    engine = open_postgres(
        memory_postgres.url(port=proxy.port), timeouts=Timeouts(connect=1, lock=0.2, statement=0.5, answer=1)
    )
    store = Database(engine)
    direct = open_postgres(memory_postgres.bot_url)
    with Database(direct).writing() as db:
        serialised(db, "settings", 1)
        with pytest.raises(LockedError):
            store.server_settings.change(1, lambda now: now.changed(plain=True))
    direct.dispose()
    proxy.hold()
    with pytest.raises(UnreachableError):
        store.is_silenced(1)
    proxy.refuse()
    with pytest.raises(UnreachableError):
        store.votes.put(1, 1, helpful=True)
    with pytest.raises(StorageError):
        store.require_readable()
    engine.dispose()

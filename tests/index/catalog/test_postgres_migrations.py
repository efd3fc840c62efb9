"""Promises of `prepare-database`: tables are created and migrated once, completely or not at all, by their owner."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from index.catalog.postgres.catalogs import PostgresCatalogs
from index.catalog.postgres.engine import open_postgres
from index.catalog.postgres.migrations import CATALOG_PART, NotPreparedError
from index.catalog.postgres.preparation import prepare, require_prepared
from index.models import OperatorError
from index.sqlite_errors import StorageError
from storage.stores import PARTS
from storage.stores import prepare as prepare_all
from tests.postgres_server import PostgresDatabase, PostgresServer

NEXT = replace(
    CATALOG_PART,
    steps=(
        (
            "ALTER TABLE articles ADD COLUMN color text",
            "UPDATE articles SET color = 'blue'",
            "CREATE INDEX ix_articles_color ON articles (library_id, color)",
        ),
    ),
)
BROKEN = replace(NEXT, steps=(*NEXT.steps, ("ALTER TABLE articles DROP COLUMN published", "SELECT 1 / 0")))


@contextmanager
def bot(database: PostgresDatabase) -> Iterator[sa.Engine]:
    engine = open_postgres(database.bot_url)
    try:
        yield engine
    finally:
        engine.dispose()


def colors(database: PostgresDatabase, library: str) -> list[str]:
    with bot(database) as engine, PostgresCatalogs(engine).open(library).engine.connect() as db:
        return list(db.exec_driver_sql("SELECT color FROM articles").scalars())


def test_a_database_that_is_not_prepared(empty_postgres: PostgresDatabase) -> None:
    """The bot says which command to run: at its start, and if it does not ask then, with the first statement."""
    with bot(empty_postgres) as engine:
        with pytest.raises(NotPreparedError, match=r"Run `python bot\.py prepare-database` once"):
            require_prepared(engine, PARTS)
        with pytest.raises(StorageError, match="prepare-database"):
            PostgresCatalogs(engine).names()


def test_preparing_again_changes_nothing(postgres: PostgresDatabase) -> None:
    """The second time there is nothing to do, and what is stored stays."""
    with bot(postgres) as engine:
        PostgresCatalogs(engine).open("one")
        assert prepare_all(postgres.owner_url, postgres.bot_url) == []
        require_prepared(engine, PARTS)
        assert PostgresCatalogs(engine).names() == ["one"]


def test_a_later_version_migrates_every_library(postgres: PostgresDatabase) -> None:
    """A step reaches the rows of all libraries; then only the bot of the newer version starts."""
    with bot(postgres) as engine:
        for name in ("one", "other"):
            with PostgresCatalogs(engine).open(name).engine.execution_options(write=True).begin() as db:
                db.exec_driver_sql("INSERT INTO articles (title, text, sections, text_digest) VALUES ('', '', '', '')")
        with pytest.raises(NotPreparedError, match="by an earlier version"):
            require_prepared(engine, [NEXT])
    assert prepare(postgres.owner_url, postgres.bot_url, [NEXT]) == [
        "The tables of the catalogue were migrated from version 1 to 2."
    ]
    assert colors(postgres, "one") == colors(postgres, "other") == ["blue"]
    with bot(postgres) as engine:
        require_prepared(engine, [NEXT])
        with pytest.raises(NotPreparedError, match="by a newer version"):
            require_prepared(engine, PARTS)
        with engine.connect() as db:
            assert db.exec_driver_sql("SELECT count(*) FROM catalog.articles").scalar_one() == 0
    with pytest.raises(NotPreparedError, match="by a newer version"):
        prepare_all(postgres.owner_url, postgres.bot_url)


def test_a_migration_that_fails_changes_nothing(postgres: PostgresDatabase) -> None:
    """All steps are one transaction: after an error in the last, the database is as it was."""
    with pytest.raises(sa.exc.DBAPIError):
        prepare(postgres.owner_url, postgres.bot_url, [BROKEN])
    with bot(postgres) as engine:
        require_prepared(engine, PARTS)
        with PostgresCatalogs(engine).open("one").engine.connect() as db:
            assert db.exec_driver_sql("SELECT published FROM articles").all() == []
        forced = "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE oid = 'catalog.articles'::regclass"
        with engine.connect() as db:
            assert db.exec_driver_sql(forced).scalar_one()


def test_preparing_twice_at_once(empty_postgres: PostgresDatabase) -> None:
    """Of two commands at the same time, one creates the tables and the other finds them."""
    done: list[list[str]] = []

    def run() -> None:
        done.append(prepare_all(empty_postgres.owner_url, empty_postgres.bot_url))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, done)) == [0, len(PARTS)]


def test_the_bot_cannot_change_tables(postgres: PostgresDatabase) -> None:
    """Its role may neither alter tables or policies nor their versions, nor prepare the database itself."""
    with bot(postgres) as engine:
        for statement in (
            "ALTER TABLE catalog.articles DISABLE ROW LEVEL SECURITY",
            "DROP POLICY own_library ON catalog.articles",
            "UPDATE catalog.schema_versions SET version = 9",
            "TRUNCATE catalog.articles",
            "CREATE TABLE catalog.mine (id integer)",
        ):
            with pytest.raises(StorageError), engine.execution_options(write=True).begin() as db:
                db.exec_driver_sql(statement)
    with pytest.raises(OperatorError, match="owns the tables"):
        prepare_all(postgres.owner_url, postgres.owner_url)


def test_a_database_of_another_encoding(postgres_server: PostgresServer) -> None:
    """Text has to be stored as UTF-8: any other encoding is refused, and nothing is created."""
    postgres_server.execute(
        "CREATE DATABASE latin OWNER verbatim_owner ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' "
        "TEMPLATE template0"
    )
    database = PostgresDatabase("latin", postgres_server.port)
    with pytest.raises(OperatorError, match="LATIN1, not as UTF-8"):
        prepare_all(database.owner_url, database.bot_url)
    with pytest.raises(OperatorError, match="different databases"):
        prepare_all(database.owner_url, database.bot_url.replace("latin", "other"))
    postgres_server.drop_database(database)

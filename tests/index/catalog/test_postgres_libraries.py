"""Promises of the catalogues on PostgreSQL: libraries are kept apart for the bot's role, and writers take turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa

from index.catalog.engine import write_transaction
from index.catalog.postgres.catalogs import PostgresCatalogs
from index.catalog.postgres.engine import SCHEMA, Timeouts, open_postgres
from index.catalog.postgres.migrations import CATALOG_TABLES
from index.catalog.postgres.preparation import require_prepared
from index.catalog.schema import articles, passages, schema
from index.catalog.store import Catalog
from index.models import Chunk, Draft, OperatorError, Span
from index.sources.loader import draft_from_text
from index.sqlite_errors import LockedError, StorageError
from storage.stores import PARTS
from tests.postgres_server import PostgresDatabase, PostgresServer

FERRY = "The ferry leaves at seven."
OF_LIBRARIES = sorted(name for name in CATALOG_TABLES.tables if name != "catalog.libraries")


@pytest.fixture
def engine(postgres: PostgresDatabase) -> Iterator[sa.Engine]:
    """Return the engine of the bot's role, whose locks are waited for a moment only."""
    made = open_postgres(postgres.bot_url, timeouts=Timeouts(lock=0.5))
    yield made
    made.dispose()


@pytest.fixture
def catalogs(engine: sa.Engine) -> PostgresCatalogs:
    return PostgresCatalogs(engine)


def add(catalog: Catalog, text: str = FERRY, key: str = "a.txt", **told: object) -> int:
    """Store an article with one passage, a tag and a history; return its id."""
    made = draft_from_text(text, key=key, source=key, title="Ferry")
    fields = {"origin": "folder", "tags": ("Rules",)} | told
    draft = Draft(made.key, made.source, made.title, made.text, None, made.sections, **fields)  # type: ignore[arg-type]
    return catalog.put(draft, [Chunk(Span(0, len(text)), "")], np.eye(1, 4, dtype=np.float32), "v1")[0]


def filled(catalogs: PostgresCatalogs, name: str) -> Catalog:
    """Return a library that has rows in most tables."""
    catalog = catalogs.open(name)
    catalog.sources.remember_origin("folder", 3)
    catalog.tags.set_of_origin("folder", ["Boats"])
    add(catalog, "It leaves at noon.")
    add(catalog)
    add(catalog, key="b.txt")
    catalog.remove(add(catalog, "Dogs travel free.", "c.txt"))
    return catalog


def rows_of(db: sa.Connection, table: str) -> int:
    return int(db.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_without_a_library_nothing_is_seen(catalogs: PostgresCatalogs, engine: sa.Engine) -> None:
    """A statement outside of a library reads, changes and deletes nothing, and cannot insert anything."""
    filled(catalogs, "one")
    with engine.connect() as db:
        assert {table: rows_of(db, table) for table in OF_LIBRARIES} == dict.fromkeys(OF_LIBRARIES, 0)
    with write_transaction(engine) as db:
        for table in OF_LIBRARIES:
            assert db.exec_driver_sql(f"DELETE FROM {table}").rowcount == 0
    with pytest.raises(StorageError), write_transaction(engine) as db:
        db.exec_driver_sql("INSERT INTO catalog.meta (key, value) VALUES ('a', 'b')")
    assert catalogs.open("one").counts() == (2, 2)


def test_a_library_never_sees_another(catalogs: PostgresCatalogs) -> None:
    """No statement of one library reads, changes or deletes rows of another, whatever ids it names."""
    one, other = filled(catalogs, "one"), filled(catalogs, "other")
    its_article, its_passage = other.article_ids()[1], int(other.passage_ids()[0])
    assert one.article(its_article) is None
    assert one.remove(its_article) is None
    assert list(one.passages([its_passage])) == []
    assert not set(one.article_ids()) & set(other.article_ids())
    with write_transaction(one.engine) as db:
        for table in schema.tables:
            others = f"SELECT count(*) FROM {table} WHERE library_id <> current_setting('verbatim.library')::bigint"
            assert db.exec_driver_sql(others).scalar_one() == 0
        assert db.execute(articles.update().where(articles.c.id == its_article).values(title="Mine")).rowcount == 0
        assert db.execute(articles.delete().where(articles.c.id == its_article)).rowcount == 0
        assert db.exec_driver_sql("UPDATE libraries SET name = 'mine' WHERE name = 'other'").rowcount == 0
        assert db.exec_driver_sql("DELETE FROM libraries WHERE name = 'other'").rowcount == 0
    assert other.titles() == [(its_article, "Ferry"), (other.article_ids()[0], "Ferry")]


def test_no_row_can_be_given_to_another_library(catalogs: PostgresCatalogs) -> None:
    """A row with another library's id is refused, and so is a reference to another library's article."""
    one, other = filled(catalogs, "one"), filled(catalogs, "other")
    its_id = catalogs.library_id("other")
    for statement in (
        f"INSERT INTO meta (library_id, key, value) VALUES ({its_id}, 'a', 'b')",
        f"UPDATE articles SET library_id = {its_id}",
    ):
        with pytest.raises(StorageError), write_transaction(one.engine) as db:
            db.exec_driver_sql(statement)
    new = passages.insert().values(article_id=other.article_ids()[0], start=0, end=1, heading="", digest=b"")
    with pytest.raises(sa.exc.IntegrityError), write_transaction(one.engine) as db:
        db.execute(new)
    assert one.counts() == other.counts() == (2, 2)


def test_a_connection_carries_no_library_over(catalogs: PostgresCatalogs, engine: sa.Engine) -> None:
    """Once a transaction has ended, the same connection sees nothing, whether it was committed or failed."""
    one = filled(catalogs, "one")
    with pytest.raises(sa.exc.DBAPIError), write_transaction(one.engine) as db:
        db.exec_driver_sql("SELECT 1 / 0")
    with engine.connect() as db:
        assert db.exec_driver_sql("SELECT current_setting('verbatim.library', true)").scalar() in {None, ""}
        assert rows_of(db, "catalog.articles") == 0
    with pytest.raises(StorageError), engine.execution_options(schema=SCHEMA, write=True).begin() as db:
        db.execute(sa.insert(articles).values(title="", text="", sections="", text_digest=b""))


def test_readers_cannot_write(catalogs: PostgresCatalogs) -> None:
    """A catalogue that was opened for reading refuses every change."""
    filled(catalogs, "one")
    reader = catalogs.open("one", read_only=True)
    with pytest.raises(StorageError):
        reader.remove(reader.article_ids()[0])
    with pytest.raises(StorageError):
        catalogs.open("nobody", read_only=True)
    assert catalogs.names() == ["one"]


RIGHTS = [
    ("SUPERUSER", "is a superuser,"),
    ("BYPASSRLS", r"\(BYPASSRLS\),"),
    ("CREATEROLE", r"\(CREATEROLE\),"),
    ("IN ROLE verbatim_owner", "owns the tables"),
    ("IN ROLE mighty_group", r"\(BYPASSRLS\) as a member of 'mighty_group'"),
    ("IN ROLE pg_execute_server_program", "files as a member of 'pg_execute_server_program'"),
]


@pytest.mark.parametrize(("right", "said"), RIGHTS)
def test_a_role_that_could_see_everything_is_refused(
    postgres: PostgresDatabase, postgres_server: PostgresServer, right: str, said: str
) -> None:
    """Neither a superuser nor one who bypasses row-level security may be the bot, nor the owner, nor their members."""
    role, url = "mighty_role", postgres.bot_url
    postgres_server.execute(f"DROP ROLE IF EXISTS {role}")
    postgres_server.execute("DROP ROLE IF EXISTS mighty_group")
    postgres_server.execute("CREATE ROLE mighty_group BYPASSRLS")
    postgres_server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'only-for-tests' {right}")
    with closing(psycopg.connect(postgres.superuser_url, autocommit=True)) as db:
        db.execute(f"GRANT USAGE ON SCHEMA catalog, bot TO {role}".encode())
        db.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA catalog, bot TO {role}".encode())
    for name, why in ((role, said), ("verbatim_owner", "owns the tables")):
        engine = open_postgres(url.replace("verbatim_bot", name))
        with pytest.raises(OperatorError, match=f"{why}.*would not keep the servers' articles apart"):
            require_prepared(engine, PARTS)
        engine.dispose()
    with closing(psycopg.connect(postgres.superuser_url, autocommit=True)) as db:
        db.execute(f"DROP OWNED BY {role}".encode())
    postgres_server.execute(f"DROP ROLE {role}")
    postgres_server.execute("DROP ROLE mighty_group")


def test_the_owner_sees_nothing_either(catalogs: PostgresCatalogs, postgres: PostgresDatabase) -> None:
    """Row-level security is forced: without a library, the owner of the tables has no rows before them."""
    filled(catalogs, "one")
    with closing(psycopg.connect(postgres.owner_url)) as db:
        for table in OF_LIBRARIES:
            assert db.execute(f"SELECT count(*) FROM {table}".encode()).fetchall() == [(0,)]


def test_writers_of_one_library_take_turns(catalogs: PostgresCatalogs) -> None:
    """A second writer waits for the first, and sees what it has stored; one of another library does not wait."""
    one, other = catalogs.open("one"), catalogs.open("other")
    with write_transaction(one.engine) as db:
        db.exec_driver_sql("INSERT INTO meta (key, value) VALUES ('a', 'b')")
        add(other)
        assert catalogs.open("one", read_only=True).meta("a") is None
        with pytest.raises(LockedError, match="try again"):
            add(one)
    add(one)
    assert (one.meta("a"), one.counts(), other.counts()) == ("b", (1, 1), (1, 1))


def test_changes_of_many_writers_are_all_there(catalogs: PostgresCatalogs, postgres: PostgresDatabase) -> None:
    """Writers of one library that come together store one after another: nothing is lost, and totals are right."""
    engine = open_postgres(postgres.bot_url)
    names = ["one", "one", "one", "other"]

    def write(number: int) -> None:
        catalog = PostgresCatalogs(engine).open(names[number])
        for at in range(5):
            add(catalog, f"Ferry {number} leaves at {at}.", f"{number}-{at}.txt")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(names))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    one = catalogs.open("one")
    assert one.counts() == (15, 15)
    assert not one.recount()
    assert one.generation == 15
    assert catalogs.open("other").counts() == (5, 5)


def test_names_and_stamps(catalogs: PostgresCatalogs, engine: sa.Engine) -> None:
    """Stamps of all libraries come from one query, and differ after every change of the library alone."""
    assert (catalogs.names(), list(catalogs.stamps()), catalogs.exists("b")) == ([], [], False)
    b, a = catalogs.open("b"), catalogs.open("A")
    assert catalogs.names() == ["A", "b"]
    assert catalogs.exists("b")
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    before = dict(catalogs.stamps())
    assert [one for one in statements if "FROM" in one] == statements[-1:]
    add(b)
    second = dict(catalogs.stamps())
    assert second["A"] == before["A"] == catalogs.stamp("A")
    b.sources.set_missing(["a.txt"], "2026-01-01T00:00:00+00:00")  # not a change that indexes follow
    assert len({before["b"], second["b"], catalogs.stamp("b")}) == 3
    assert a.counts() == (0, 0)


def test_ids_are_never_used_again(catalogs: PostgresCatalogs) -> None:
    """Ids of removed articles and passages, and of those whose transaction failed, do not come back."""
    one = catalogs.open("one")
    first = add(one)
    with one.engine.execution_options(write=True).connect() as db:
        db.execute(sa.insert(articles).values(title="", text="", sections="", text_digest=b""))
        db.rollback()
    one.remove(first, purge=True)
    assert add(one) > first + 1

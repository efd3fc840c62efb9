"""`prepare-database`: from an empty database to one that the bot can use, in one command that may be repeated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Run
from tests.postgres_server import OWNER, PostgresDatabase, PostgresServer

Command = Callable[..., Run]
ELSEWHERE = "postgresql://a:b@127.0.0.1:1/d"


def test_from_nothing_to_an_article(command_line: Command, empty_postgres: PostgresDatabase, tmp_path: Path) -> None:
    """Before, every command says what to run; then the tables are made, and the second time nothing is done."""
    urls = {"DATABASE_URL": empty_postgres.bot_url, "DATABASE_OWNER_URL": empty_postgres.owner_url}
    (tmp_path / "ferry.txt").write_text("The ferry leaves at seven.", encoding="utf-8")
    arguments = ("--data-dir", tmp_path / "data")
    before = command_line("articles", *arguments, **urls)
    first = command_line("prepare-database", *arguments, **urls)
    second = command_line("prepare-database", *arguments, **urls)
    added = command_line("add", tmp_path / "ferry.txt", *arguments, DATABASE_URL=empty_postgres.bot_url)

    assert (before.status, before.out) == (1, "")
    assert "`python bot.py prepare-database`" in before.err
    assert (first.status, second.status, added.status) == (0, 0, 0)
    assert first.out.count(" were created.\n") >= 2
    assert second.out == ""
    assert "nothing was changed" in second.err
    assert "only-for-tests" not in before.err + first.err + second.err


def test_a_role_of_its_own(
    command_line: Command, postgres_server: PostgresServer, empty_postgres: PostgresDatabase, tmp_path: Path
) -> None:
    """A role that does not exist is created if the owner may, and can then do what the bot does."""
    bot = empty_postgres.bot_url.replace("verbatim_bot", "another_bot")
    arguments = ("--data-dir", tmp_path / "data")
    try:
        done = command_line("prepare-database", *arguments, "--owner", empty_postgres.superuser_url, DATABASE_URL=bot)
        listed = command_line("articles", *arguments, DATABASE_URL=bot)
        with psycopg.connect(bot) as db:
            owned = db.execute("SELECT count(*) FROM pg_tables WHERE tableowner = 'another_bot'").fetchone()
    finally:
        postgres_server.execute('DROP OWNED BY "another_bot"', empty_postgres.name)
        postgres_server.execute('DROP ROLE "another_bot"')

    assert done.out.startswith("Created the role another_bot.\n")
    assert (done.status, listed.status) == (0, 0)
    assert owned == (0,)


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        ({}, "prepare-database needs DATABASE_URL:"),
        ({"DATABASE_URL": ELSEWHERE}, "prepare-database needs DATABASE_OWNER_URL, or --owner:"),
        ({"DATABASE_URL": ELSEWHERE, "DATABASE_OWNER_URL": "postgresql://o:b@h/e"}, "names the database d, and"),
    ],
)
def test_what_is_missing_is_told(command_line: Command, tmp_path: Path, urls: dict[str, str], said: str) -> None:
    """Wrong settings are status 2, and one sentence."""
    done = command_line("prepare-database", "--data-dir", tmp_path / "data", **urls)

    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_a_role_that_may_do_too_much_is_a_wrong_setting(
    command_line: Command, postgres: PostgresDatabase, tmp_path: Path
) -> None:
    """No command works as the owner of the tables: it would see all libraries. A server that is down is status 1."""
    owner = command_line("articles", "--data-dir", tmp_path, DATABASE_URL=postgres.url(OWNER))
    down = command_line("articles", "--data-dir", tmp_path, DATABASE_URL=ELSEWHERE)
    pair = command_line("articles", "--data-dir", tmp_path, VECTOR_STORE="http://127.0.0.1:1")
    cluster = command_line("--cluster", "0/2", "--data-dir", tmp_path, DISCORD_TOKEN="a.token.of.nobody")

    assert [owner.status, down.status, pair.status, cluster.status] == [2, 1, 2, 2]
    assert OWNER in owner.err
    assert "127.0.0.1:1/d cannot be reached" in down.err
    assert "VECTOR_STORE needs DATABASE_URL" in pair.err
    assert "--cluster needs DATABASE_URL" in cluster.err
    assert all(one.err.count("\n") == 1 for one in (owner, down, pair, cluster))

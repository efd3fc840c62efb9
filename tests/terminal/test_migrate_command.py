"""The command migrate, through `main()`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.process_lock import sole_process
from tests.conftest import Run
from tests.postgres_server import PostgresDatabase

Command = Callable[..., Run]


@pytest.fixture
def data(tmp_path: Path, command_line: Command) -> Path:
    """Return a data folder with one article and a fit of confidence."""
    (tmp_path / "ferry.txt").write_text("The ferry leaves at seven.", encoding="utf-8")
    assert command_line("add", tmp_path / "ferry.txt", "--data-dir", tmp_path / "data").status == 0
    (tmp_path / "data/calibration.json").write_text("{}\n", encoding="utf-8")
    return tmp_path / "data"


def test_move_to_postgres_and_ask(data: Path, postgres: PostgresDatabase, command_line: Command) -> None:
    """While a bot runs the status is 1, with what to do; then it is 0, and the new settings answer the same."""
    move = ("migrate", "--database", postgres.bot_url, "--data-dir", data)
    with sole_process(data):
        first = command_line(*move)
        refused = command_line("articles", "--data-dir", data, DATABASE_URL=postgres.bot_url)
    last, again = command_line(*move), command_line(*move)
    asked = command_line("ask", "When does the ferry leave?", "--data-dir", data, DATABASE_URL=postgres.bot_url)
    checked = command_line("check", "--data-dir", data, DATABASE_URL=postgres.bot_url)

    assert [one.status for one in (first, refused, last, again, asked, checked)] == [1, 1, 0, 1, 0, 0]
    assert first.out.startswith("Copied to postgresql://verbatim_bot@127.0.0.1:")
    assert "Stop it and run the same command again" in first.err
    assert "not whole" in refused.err
    assert "1 library with 1 article and 1 passage, and the bot's memory with 0 answers, equal by" in last.out
    assert "with DATABASE_URL set to this database" in last.err
    assert (again.out, again.err.count("\n")) == ("", 1)
    assert "> The ferry leaves at seven." in asked.out


def test_move_to_another_folder(data: Path, tmp_path: Path, command_line: Command) -> None:
    """`sqlite:FOLDER` names the files of another data folder; what is in no database goes along."""
    moved = command_line("migrate", "--database", f"sqlite:{tmp_path / 'new'}", "--data-dir", data)
    checked = command_line("check", "--data-dir", tmp_path / "new")

    assert [moved.status, checked.status] == [0, 0]
    assert f"DATA_DIR={tmp_path / 'new'}" in moved.err
    assert (tmp_path / "new/calibration.json").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ((), 2, "migrate needs --database URL, --vectors URL, or both"),
        (("--database", "sqlite"), 2, "are those in use"),
        (("--vectors", "faiss"), 2, "are those in use"),
        (("--database", "mysql://a:secret@b/c"), 2, "--database cannot be used. Only PostgreSQL is supported"),
        (("--vectors", "http://127.0.0.1:1"), 2, "Milvus needs PostgreSQL"),
        (("--database", "postgresql://a:secret@127.0.0.1:1/b"), 1, "127.0.0.1:1"),
    ],
)
def test_wrong_targets(
    arguments: tuple[str, ...], status: int, sentence: str, data: Path, command_line: Command
) -> None:
    """Each is one sentence, without the password, and nothing is moved."""
    run = command_line("migrate", *arguments, "--data-dir", data)
    assert (run.status, run.out, run.err.count("\n")) == (status, "", 1)
    assert sentence in run.err
    assert "secret" not in run.err


def test_a_database_that_is_not_prepared(data: Path, empty_postgres: PostgresDatabase, command_line: Command) -> None:
    """The sentence says which command to run, and with which setting."""
    run = command_line("migrate", "--database", empty_postgres.bot_url, "--data-dir", data)
    assert (run.status, run.out, run.err.count("\n")) == (1, "", 1)
    assert "prepare-database` once with it as DATABASE_URL" in run.err

"""The commands backup and restore-backup, through `main()`."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Run

Command = Callable[..., Run]


@pytest.fixture
def data(tmp_path: Path, command_line: Command) -> Path:
    """Return a data folder with one article."""
    (tmp_path / "ferry.txt").write_text("The ferry leaves at seven.", encoding="utf-8")
    assert command_line("add", tmp_path / "ferry.txt", "--data-dir", tmp_path / "data").status == 0
    return tmp_path / "data"


def test_back_up_restore_and_ask(data: Path, tmp_path: Path, command_line: Command) -> None:
    """What was backed up answers in another folder; an existing file and a used folder are one sentence each."""
    made = command_line("backup", tmp_path / "b.zip", "--data-dir", data)
    again = command_line("backup", tmp_path / "b.zip", "--data-dir", data)
    forced = command_line("backup", tmp_path / "b.zip", "--overwrite", "--data-dir", data)
    restored = command_line("restore-backup", tmp_path / "b.zip", "--data-dir", tmp_path / "new")
    used = command_line("restore-backup", tmp_path / "b.zip", "--data-dir", tmp_path / "new")
    asked = command_line("ask", "When does the ferry leave?", "--data-dir", tmp_path / "new")

    assert [made.status, again.status, forced.status, restored.status, used.status] == [0, 1, 0, 0, 1]
    assert made.out.startswith("Backed up: 1 library, ")
    assert restored.out.startswith("Restored: 1 library, of 20")
    assert restored.out.endswith("Consistent: every slice, vector and index of 1 article.\n")
    for run in (again, used):
        assert (run.out, run.err.count("\n")) == ("", 1)
    assert "> The ferry leaves at seven." in asked.out


def test_what_is_damaged_gives_status_1(data: Path, tmp_path: Path, command_line: Command) -> None:
    """A damaged library is named by both commands; the rest is backed up and restored."""
    (data / "libraries/broken").mkdir()
    (data / "libraries/broken/catalog.db").write_bytes(b"no database" * 1000)
    made = command_line("backup", tmp_path / "b.zip", "--data-dir", data)
    restored = command_line("restore-backup", tmp_path / "b.zip", "--data-dir", tmp_path / "new")

    assert [made.status, restored.status] == [1, 1]
    assert "libraries/broken/catalog.db is damaged and was left out" in made.err
    assert "libraries/broken/catalog.db was damaged when the backup was made" in restored.err
    assert (tmp_path / "new/libraries/shared/catalog.db").exists()


def test_what_check_finds_is_said(data: Path, tmp_path: Path, command_line: Command) -> None:
    """A library that was inconsistent when it was backed up is restored, with status 1 and what `check` says of it."""
    with closing(sqlite3.connect(data / "libraries/shared/catalog.db")) as db:
        db.execute("UPDATE articles SET text = replace(text, 'seven', 'eight')")
        db.commit()
    command_line("backup", tmp_path / "b.zip", "--data-dir", data)
    restored = command_line("restore-backup", tmp_path / "b.zip", "--data-dir", tmp_path / "new")

    assert restored.status == 1
    assert "its text is not the text that was added" in restored.err
    assert command_line("check", "--data-dir", tmp_path / "new").status == 1


def test_a_half_restored_folder_is_refused(data: Path, tmp_path: Path, command_line: Command) -> None:
    """Every command says in one sentence that the folder is not whole, until a restore has ended."""
    made = command_line("backup", tmp_path / "b.zip", "--data-dir", data)
    volume = tmp_path / "volume"
    shutil.copytree(data, volume)
    (volume / ".restoring").mkdir()
    for command in (["articles"], ["check"], ["backup", str(tmp_path / "c.zip")], []):
        refused = command_line(*command, "--data-dir", volume, DISCORD_TOKEN="a.b.c")
        assert (refused.status, refused.out) == (1, "")
        assert "restoring a backup into it was interrupted" in refused.err

    assert made.status == 0
    assert command_line("restore-backup", tmp_path / "b.zip", "--data-dir", volume).status == 0
    assert command_line("check", "--data-dir", volume).status == 0

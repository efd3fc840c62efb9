"""Tests of the commands rename, remove, history and restore, with a real library in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.libraries.library import Library
from index.libraries.library_names import SHARED
from index.libraries.registry import Libraries
from index.models import UserError
from index.passages.embedder import Embedder
from index.sources.loader import draft_from_text
from terminal import version_commands


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    yield libraries.open(SHARED)
    libraries.close()


def add(library: Library, text: str) -> int:
    return library.add(draft_from_text(text, key="a.txt", source="a.txt", title="Ferries"), "terminal").article_id


def test_each_change_is_listed_and_can_be_undone(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    """Each change has a line in the history, with the command that undoes it."""
    first = add(library, "The ferry leaves at seven.")
    assert version_commands.rename(library, first, "Boats\x1b[1m") == 0
    second = add(library, "The ferry leaves at eight.")
    assert version_commands.remove(library, [second, 99], purge=False) == 1
    assert version_commands.restore(library, 4) == 0
    assert version_commands.history(library, second, as_json=False) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()

    assert lines[:3] == [
        "Renamed: 1 Boats [1m (a.txt, 1 passage)",
        "Removed: 2",
        "Restored: 3 Boats [1m (a.txt, 1 passage)",
    ]
    assert "no article 99" in err
    assert [line.partition("terminal  ")[2].partition("  (")[0] for line in lines[3:]] == [
        "restored: 3 Boats [1m",
        "removed: 2 Boats [1m",
        "replaced by a new version: 2 Boats [1m",
        "renamed: 1 Boats [1m",
        "added: 1 Ferries",
    ]
    assert "(8 characters; 1 new passage; `restore 3` restores the version before this)" in lines[5]
    assert "(before: Ferries)" in lines[6]


def test_history_as_json(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    """With --json each entry is one object per line."""
    add(library, "The ferry leaves at seven.")
    assert version_commands.history(library, None, as_json=True) == 0
    (entry,) = map(json.loads, capfd.readouterr().out.splitlines())

    assert {name: entry[name] for name in ("number", "by", "what", "article_id", "title", "kept")} == {
        "number": 1, "by": "terminal", "what": "added", "article_id": 1, "title": "Ferries", "kept": False,
    }  # fmt: skip


def test_unknown_ids_are_reported(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    """An unknown article or entry is reported in one sentence with exit status 1; an empty history is no failure."""
    assert version_commands.history(library, None, as_json=False) == 0
    assert version_commands.history(library, 10**30, as_json=False) == 1
    assert version_commands.rename(library, 5, "x") == 1
    assert version_commands.restore(library, 10**30) == 1
    with pytest.raises(UserError, match="holds no articles"):
        version_commands.restore(library, 1)
    out, err = capfd.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 4


def test_removing_for_good(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    """With `--purge` nothing can be restored, even if the article was removed before."""
    first = add(library, "The ferry leaves at seven.")
    assert version_commands.remove(library, [first], purge=False) == 0
    assert version_commands.remove(library, [first], purge=False) == 1
    assert version_commands.remove(library, [first], purge=True) == 0
    assert version_commands.history(library, first, as_json=False) == 0
    assert "removed for good: 1" in capfd.readouterr().out.splitlines()[-1]

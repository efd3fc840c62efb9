"""Promises of migrations: a catalogue of a newer version is refused, and nothing of it is changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from index.catalog.migrations import _MIGRATIONS, NewerSchemaError
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from tests.conftest import Run
from tests.small_embedder import SmallEmbedder


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Return the catalogue of a library in `tmp_path` that a later version wrote."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    libraries.open("shared").add(draft_from_text("The ferry leaves at seven.", key="a", source="a", title="A"))
    libraries.close()
    path = tmp_path / "libraries" / "shared" / "catalog.db"
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(len(_MIGRATIONS) + 2),))
    db.close()
    return path


def test_a_newer_schema_is_refused(newer: Path, tmp_path: Path) -> None:
    """Reading, adding and reindexing name the schema that is needed; the file stays as it is."""
    before = newer.read_bytes()
    library = Libraries(tmp_path, SmallEmbedder).open("shared")
    draft = draft_from_text("Dogs travel free.", key="b", source="b", title="B")
    refused: tuple[Callable[[], object], ...] = (
        library.articles,
        library.indexes,
        library.check,
        lambda: library.add(draft),
        lambda: library.reindex(lambda *_: None),
        lambda: ReadOnlyLibraries(tmp_path).titles(["shared"]),
    )
    for use in refused:
        with pytest.raises(NewerSchemaError, match=f"a version with schema {len(_MIGRATIONS) + 2} or later"):
            use()
    assert newer.read_bytes() == before


def test_it_is_one_sentence_in_the_terminal(newer: Path, tmp_path: Path, command_line: Callable[..., Run]) -> None:
    """No traceback, and status 1."""
    done = command_line("--data-dir", tmp_path, "articles")

    assert done.status == 1
    assert done.out == ""
    assert done.err.startswith("The library was written by a newer version of Verbatim")
    assert done.err.count("\n") == 1

"""Tests of the commands export and import, with real libraries in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import UserError
from index.passages.embedder import Embedder
from index.sources.loader import draft_from_text
from terminal import import_export


@pytest.fixture
def libraries(tmp_path: Path, embedder: Embedder) -> Iterator[Libraries]:
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    yield libraries
    libraries.close()


@pytest.fixture
def library(libraries: Libraries) -> Library:
    library = libraries.open("one")
    for name, text in (("a.txt", "The ferry leaves at seven."), ("b.txt", "Dogs travel free.")):
        library.add(draft_from_text(text, key=f"/private/{name}", source=name, title=name))
    return library


def test_there_and_back(
    libraries: Libraries, library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An export replaces an existing file, has all articles, and can be imported twice."""
    file = tmp_path / "old.jsonl"
    file.write_text("something else")
    assert import_export.export(library, str(file)) == 0
    for _ in range(2):
        assert import_export.import_(libraries.open("two"), str(file)) == 0
    assert capfd.readouterr().out.splitlines() == [
        "Exported: 2 articles.",
        "Imported: 2 added.",
        "Imported: 2 unchanged.",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "old.jsonl"]


def test_through_a_pipe(
    libraries: Libraries, library: Library, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` is standard output and standard input; an export writes nothing else there."""
    assert import_export.export(library, "-") == 0
    out = capfd.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(out.encode())))
    assert import_export.import_(libraries.open("two"), "-") == 0
    assert capfd.readouterr().out == "Imported: 2 added.\n"


def test_failures_are_reported(libraries: Libraries, library: Library, tmp_path: Path) -> None:
    """An empty library is not exported; a missing or unsuitable file is reported in one sentence."""
    assert import_export.export(libraries.open("none"), str(tmp_path / "none.jsonl")) == 1
    assert not (tmp_path / "none.jsonl").exists()
    (tmp_path / "notes.txt").write_text("Dogs travel free.")
    for name in ("missing.jsonl", "notes.txt", "", "\0"):
        with pytest.raises(UserError, match="othing was imported"):
            import_export.import_(library, str(tmp_path / name))
    nowhere = [tmp_path / "nowhere" / "old.jsonl", tmp_path, tmp_path / "notes.txt" / "old.jsonl"]
    for name in (*nowhere, tmp_path / "\0", "", "/", "~nobody-of-this-name/old.jsonl"):
        with pytest.raises(UserError, match="cannot be written"):
            import_export.export(library, str(name))
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))

"""Promises of updating passages before a question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from index.sqlite_errors import StorageError
from terminal.library_update import update_passages
from tests.small_embedder import SmallEmbedder


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Return a library whose one article was split by an earlier chunker."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    with monkeypatch.context() as patch:
        patch.setattr("index.passages.batch_embedding.CHUNKER_VERSION", "0")
        libraries.open("test").add(draft_from_text("The ferry leaves.", key="a", source="a", title="A"))
    yield libraries.open("test")
    libraries.close()


def test_passages_of_an_earlier_chunker_are_updated(library: Library) -> None:
    """Afterwards none is out of date."""
    assert library.outdated_articles() == [1]
    update_passages(library)
    assert library.outdated_articles() == []


def test_a_question_does_not_need_the_update(
    library: Library, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On a disk that is full the reason is printed, and the question can be asked all the same."""

    def full(*_: object, **__: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr("index.catalog.store.Catalog.update_passages", full)
    update_passages(library)
    assert capfd.readouterr().err == "The disk is full.\n"
    assert library.indexes() is not None

"""Promises of read-only access to libraries that another process owns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.catalog.store import Catalog
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.title_list import ArticleTitle
from index.models import Draft, Section
from index.sqlite_errors import StorageError


def put(data_dir: Path, library: str, title: str, text: str = "Words.") -> int:
    """Store an article as another process would."""
    folder = data_dir / "libraries" / library
    folder.mkdir(parents=True, exist_ok=True)
    catalog = Catalog(folder / "catalog.db")
    draft = Draft(title, f"{title}.md", title, text, None, (Section(0, len(text), ""),))
    key, _ = catalog.put(draft, [], np.empty((0, 3), np.float32), "{}")
    catalog.close()
    return key


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[ReadOnlyLibraries]:
    """Return read-only libraries over an empty folder, closed after the test."""
    made = ReadOnlyLibraries(tmp_path)
    yield made
    made.close()


def test_titles_newest_first(read_only: ReadOnlyLibraries, tmp_path: Path) -> None:
    """Titles are listed by library in the given order, newest first, and follow every change."""
    first = put(tmp_path, "shared", "Tides")
    assert read_only.titles(["guild-1", "shared"]) == [ArticleTitle.of("shared", first, "Tides")]

    second = put(tmp_path, "shared", "Moon")
    own = put(tmp_path, "guild-1", "Rules")
    put(tmp_path, "guild-2", "Secret")

    assert read_only.titles(["guild-1", "shared"]) == [
        ArticleTitle.of("guild-1", own, "Rules"),
        ArticleTitle.of("shared", second, "Moon"),
        ArticleTitle.of("shared", first, "Tides"),
    ]


def test_articles_are_read_as_stored(read_only: ReadOnlyLibraries, tmp_path: Path) -> None:
    """An article is returned as stored; a missing one is None, and reading it creates nothing."""
    key = put(tmp_path, "shared", "Tides", "The sea 🌊 rises.")

    assert read_only.article("shared", key).text == "The sea 🌊 rises."
    assert read_only.article("shared", key + 1) is None
    assert read_only.article("guild-9", 1) is None
    assert not (tmp_path / "libraries" / "guild-9").exists()


def test_many_libraries(read_only: ReadOnlyLibraries, tmp_path: Path) -> None:
    """More libraries than are kept open can be read."""
    names = [f"guild-{number}" for number in range(40)]
    for name in names:
        put(tmp_path, name, name)

    assert [title.title for title in read_only.titles(names)] == names
    assert len(read_only._open) == 32
    assert read_only.article(names[0], 1).title == names[0]


def test_nothing_can_be_changed(tmp_path: Path) -> None:
    """The connection refuses to write."""
    key = put(tmp_path, "shared", "Tides")
    catalog = Catalog(tmp_path / "libraries" / "shared" / "catalog.db", read_only=True)

    with pytest.raises(StorageError, match="readonly"):
        catalog.remove(key)
    catalog.close()


def test_titles_in_memory_are_bounded_in_bytes(tmp_path: Path) -> None:
    """Titles of many libraries are listed whatever may be kept of them."""
    read_only = ReadOnlyLibraries(tmp_path, kept_bytes=3000)
    keys = {f"guild-{number}": put(tmp_path, f"guild-{number}", "T" * 200) for number in range(8)}

    for name, key in keys.items():
        assert read_only.titles([name]) == [ArticleTitle.of(name, key, "T" * 200)]
        assert read_only.ids(name) == {key}
    assert sum(one.bytes for one in read_only._titles.values()) <= 3000
    read_only.close()

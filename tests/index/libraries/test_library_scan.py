"""Which libraries there are, and which have changed, is known without opening one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.libraries.library_scan import names_in, stamp_of, stamps_in
from index.libraries.registry import Libraries
from index.models import Draft
from index.sources.loader import draft_from_text
from tests.small_embedder import SmallEmbedder


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Libraries]:
    """Return libraries that need no model."""
    opened = Libraries(tmp_path, SmallEmbedder)
    yield opened
    opened.close()


def draft(text: str, key: str = "a.txt") -> Draft:
    """Return an article."""
    return draft_from_text(text, key=key, source=key, title="Ferries")


def test_names_and_stamps(small: Libraries, tmp_path: Path) -> None:
    """Folders that are no libraries are left out, libraries that have lost their catalogue are not."""
    root = tmp_path / "libraries"
    for name in ("shared", "guild-1", "guild-2"):
        small.open(name).add(draft("The ferry leaves at seven."))
        small.open(name).indexes()
    small.close()
    (root / "guild-2" / "catalog.db").unlink()
    (root / "empty").mkdir()
    (root / "No library").mkdir()
    (root / "file").write_text("nothing")

    assert names_in(root) == ["guild-1", "guild-2", "shared"]
    stamps = dict(stamps_in(root))
    assert list(stamps) == ["guild-1", "guild-2", "shared"]
    assert stamps["guild-2"] == (0, 0)
    assert stamps["shared"] == stamp_of(root, "shared")


def test_every_change_shows(small: Libraries, tmp_path: Path) -> None:
    """Also one that is still in the write-ahead log, and one whose library was closed since."""
    library, seen = small.open("shared"), set()
    for number in range(3):
        library.add(draft(f"Ferry {number} leaves.", key=f"{number}"))
        seen.add(stamp_of(tmp_path / "libraries", "shared"))
    library.close()
    library.remove(1)
    small.close()
    seen.add(stamp_of(tmp_path / "libraries", "shared"))

    assert len(seen) == 4


def test_a_folder_without_libraries(tmp_path: Path) -> None:
    """It may not even exist."""
    assert names_in(tmp_path / "libraries") == []
    assert list(stamps_in(tmp_path / "libraries")) == []

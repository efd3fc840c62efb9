"""The titles in memory are those of the catalogue after any change, and only what has changed is read again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.catalog.engine import write_transaction
from index.catalog.store import Catalog
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.title_list import TitleList
from index.models import Draft, Section


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """Return an empty catalogue."""
    folder = tmp_path / "libraries" / "shared"
    folder.mkdir(parents=True)
    made = Catalog(folder / "catalog.db")
    yield made
    made.close()


def put(catalog: Catalog, title: str, key: str) -> int:
    """Store an article, in place of that of the same key."""
    draft = Draft(key, f"{key}.md", title, title, None, (Section(0, len(title), ""),))
    return catalog.put(draft, [], np.empty((0, 3), np.float32), "{}")[0]


def test_any_changes_are_followed(catalog: Catalog) -> None:
    """Additions, replacements and removals, a few at a time."""
    rng, followed = random.Random(5), TitleList("shared")
    for step in range(60):
        for _ in range(rng.randrange(3)):
            put(catalog, f"Title {step} {rng.random()}", str(rng.randrange(20)))
        if rng.random() < 0.4 and (known := catalog.titles()):
            catalog.remove(rng.choice(known)[0])
        followed.follow(catalog)

        assert [(one.article_id, one.title) for one in followed.titles] == catalog.titles()
        assert followed.ids == {one.article_id for one in followed.titles}
    fresh = TitleList("shared")
    fresh.follow(catalog)
    assert (fresh.titles, fresh.bytes) == (followed.titles, followed.bytes)


def test_only_what_has_changed_is_read(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many articles there are."""
    for number in range(30):
        put(catalog, f"Title {number}", str(number))
    followed, read = TitleList("shared"), list[object]()
    followed.follow(catalog)
    titles = catalog.titles
    monkeypatch.setattr(catalog, "titles", lambda ids=None: read.append(ids) or titles(ids))
    followed.follow(catalog)
    new = put(catalog, "Another title", "7")
    followed.follow(catalog)

    assert read == [[8, new]]


def test_another_history(catalog: Catalog) -> None:
    """The titles of a copy that was put in place of the catalogue are read in full."""
    for number in range(3):
        put(catalog, f"Title {number}", str(number))
    followed = TitleList("shared")
    followed.follow(catalog)
    with write_transaction(catalog._engine) as db:
        db.exec_driver_sql("UPDATE changes SET token = x'0102030405060708'")
        db.exec_driver_sql("UPDATE articles SET title = 'Of the copy' WHERE id = 2")
    followed.follow(catalog)

    assert [one.title for one in followed.titles] == ["Title 2", "Of the copy", "Title 0"]


def test_the_largest_library_is_kept_alone(catalog: Catalog, tmp_path: Path) -> None:
    """Its titles are not read for each key that is pressed, whatever the bound; those of others go."""
    put(catalog, "Title", "1")
    small = ReadOnlyLibraries(tmp_path, kept_bytes=1)
    small.titles(["shared"])
    kept = small._titles["shared"]
    small.titles(["shared"])
    assert small._titles == {"shared": kept}
    small.close()

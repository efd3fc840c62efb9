"""Promises of the change log: it tells what has changed since any state it reaches, and nothing of another history."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.catalog import change_log
from index.catalog.change_log import Totals, counted, totals
from index.catalog.engine import write_transaction
from index.catalog.position import CatalogPosition
from index.catalog.schema import changes
from index.catalog.store import Catalog
from index.incremental import finish
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from storage.stores import Stores
from tests.small_embedder import SmallEmbedder


@pytest.fixture
def library(stores: Stores) -> Iterator[Library]:
    libraries = stores.libraries(SmallEmbedder)
    yield libraries.open("test")
    libraries.close()


def add(library: Library, number: int, text: str = "The ferry to island {} leaves at seven.") -> int:
    draft = draft_from_text(text.format(number), key=f"/srv/{number}.txt", source=f"{number}.txt", title=f"T{number}")
    return library.add(draft).article_id


def catalog_of(library: Library) -> Catalog:
    assert library.catalog is not None
    return library.catalog


def test_each_change_is_told(library: Library) -> None:
    """Added, replaced, renamed, restored and removed articles come with the ids of their passages, old and new."""
    first, other = add(library, 1), add(library, 2)
    catalog = catalog_of(library)
    start, held = catalog.position(), set(catalog.passage_ids().tolist())
    replaced = add(library, 1, "The ferry to island {} leaves at eight now.")
    finish(library.rename_in_steps(other, "Boats"))
    removed = add(library, 3)
    library.remove(removed)
    finish(library.restore_in_steps(library.history(first)[0].number))

    changes = catalog.changes_since(start)
    assert changes is not None
    assert changes.position == catalog.position()
    assert (held - set(changes.removed.tolist())) | set(changes.added.tolist()) == set(catalog.passage_ids().tolist())
    assert not set(changes.added) & set(changes.removed)
    assert {first, other, replaced, removed} <= set(changes.articles.tolist())
    assert not changes.retagged


def test_changes_without_passages(library: Library) -> None:
    """Tags and further sources are told with their articles, tags of a whole folder as such."""
    first = add(library, 1)
    catalog = catalog_of(library)
    start = catalog.position()
    library.set_tags(first, ["Rules"])
    tagged = catalog.changes_since(start)
    assert tagged is not None
    assert (tagged.articles.tolist(), len(tagged.added), tagged.retagged) == ([first], 0, False)

    library.tag_origin("/srv", ["Boats"])
    everything = catalog.changes_since(tagged.position)
    assert everything is not None
    assert everything.retagged
    nothing = catalog.changes_since(everything.position)
    assert nothing is not None
    assert (nothing.position, len(nothing.articles), nothing.retagged) == (everything.position, 0, False)


def test_an_unknown_state_is_not_reached(library: Library) -> None:
    """Neither the state before the first change nor one of a later generation or another token is."""
    empty = CatalogPosition(0, b"")
    add(library, 1)
    catalog = catalog_of(library)
    now = catalog.position()
    for unknown in (
        empty,
        CatalogPosition(now.generation + 1, now.token),
        CatalogPosition(now.generation, b"another "),
    ):
        assert catalog.changes_since(unknown) is None


def test_a_copy_that_is_put_back_has_another_history(tmp_path: Path) -> None:
    """What happens after an older copy was put back is not mistaken for what happened before."""
    library = Libraries(tmp_path, SmallEmbedder).open("test")
    add(library, 1)
    library.close()
    path = tmp_path / "libraries" / "test" / "catalog.db"
    shutil.copy(path, tmp_path / "copy.db")
    add(library, 2)
    known = catalog_of(library).position()
    library.close()
    shutil.copy(tmp_path / "copy.db", path)
    add(library, 3)

    assert catalog_of(library).generation == known.generation
    assert catalog_of(library).changes_since(known) is None
    library.close()


@pytest.mark.parametrize("bound", ["_MOST_CHANGES", "_MOST_IDS"])
def test_the_log_is_bounded(library: Library, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """Old changes are dropped by number and by the ids they name; what is left tells all since."""
    monkeypatch.setattr(change_log, bound, 6)
    first = add(library, 0)
    catalog, start = catalog_of(library), catalog_of(library).position()
    positions = []
    for number in range(1, 12):
        add(library, number)
        positions.append(catalog.position())
    library.remove(first)

    assert catalog.changes_since(start) is None
    assert catalog.changes_since(positions[0]) is None
    near = catalog.changes_since(positions[-2])
    assert near is not None
    assert (len(near.added), len(near.removed)) == (1, 1)


def test_totals_are_those_that_counting_gives(library: Library) -> None:
    """Whatever happens, the running totals are what counting articles, passages and characters gives."""
    add(library, 1)
    engine = catalog_of(library).engine

    def assert_right() -> None:
        with engine.connect() as db:
            assert totals(db) == counted(db)

    second = add(library, 2)
    assert_right()
    replaced = add(library, 1, "Ferry {}. It leaves at eight, when the gate is closed.")
    finish(library.rename_in_steps(second, "Boats"))
    assert_right()
    library.add(draft_from_text("The ferry to island 2 leaves at seven.", key="same", source="same", title="Same"))
    library.remove_source("/srv/2.txt")
    assert_right()
    library.reindex(lambda *_: None)
    library.remove(second, purge=True)
    assert_right()
    library.remove(replaced)
    with engine.connect() as db:
        assert totals(db) == Totals(0, 0, 0)
    finish(library.restore_in_steps(library.history()[0].number))
    assert_right()
    assert catalog_of(library).counts() == (1, len(catalog_of(library).passage_ids()))
    assert np.array_equal(catalog_of(library).passage_ids(), np.sort(catalog_of(library).passage_ids()))


def test_a_damaged_log_is_not_followed(library: Library) -> None:
    """A log that is damaged leads to comparing everything, and to no error."""
    add(library, 1)
    indexes = library.indexes()
    assert indexes is not None
    add(library, 2)
    with write_transaction(catalog_of(library).engine) as db:
        db.execute(changes.update().values(added=b"\1", removed=b"\xff\xff"))
    library.close(sync=False)
    add(library, 3)

    assert library.check() == []
    assert library.indexes() is not None

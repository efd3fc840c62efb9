"""Promises of history: titles can be changed, every change is recorded, and earlier versions can be restored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from index.catalog.engine import write_transaction
from index.catalog.history import HistoryEntry, Retention, changed_characters
from index.catalog.schema import events
from index.incremental import finish
from index.libraries.library import Library
from index.libraries.read_only import ReadOnlyLibraries
from index.models import Draft, Receipt, UserError
from index.passages.embedder import Embedder
from index.sources.loader import draft_from_text
from storage.stores import Stores
from tests.index.catalog.earlier_schema import WITH_VECTORS_IN_PASSAGES
from tests.small_embedder import SmallEmbedder
from tests.two_engines import everything

FERRY = "The ferry leaves at seven. Dogs travel free of charge.\n\nIn winter there is no ferry."
LATER = "The ferry leaves at eight. Dogs travel free of charge.\n\nIn winter there is no ferry."
SECRET = "The harbour master's cat is called Pomegranate."


def draft(text: str, key: str = "a.txt", **told: object) -> Draft:
    return replace(draft_from_text(text, key=key, source=key, title="Ferries"), **told)  # type: ignore[arg-type]


def opened(stores: Stores, embedder: Embedder, keep: Retention = Retention()) -> Library:  # noqa: B008 - frozen
    return stores.libraries(lambda: embedder, keep).open("test")


@pytest.fixture
def library(stores: Stores, embedder: Embedder) -> Iterator[Library]:
    library = opened(stores, embedder)
    yield library
    library.close()


def rename(library: Library, article_id: int, title: str) -> Receipt:
    return finish(library.rename_in_steps(article_id, title, "terminal"))


def restore(library: Library, number: int) -> Receipt:
    return finish(library.restore_in_steps(number, "discord:7"))


def told(library: Library, article_id: int | None = None) -> list[tuple[str, int]]:
    return [(entry.what, entry.article_id) for entry in library.history(article_id)]


def text_of(library: Library, article_id: int) -> str:
    article = library.article(article_id)
    assert article is not None
    return article.text


def days_pass(library: Library, days: int) -> None:
    """Make every entry of the history older."""
    assert library.catalog is not None
    with write_transaction(library.catalog.engine) as db:
        for number, at in db.execute(sa.select(events.c.id, events.c.at)).all():
            earlier = (datetime.fromisoformat(at) - timedelta(days=days)).isoformat(timespec="seconds")
            db.execute(events.update().where(events.c.id == number).values(at=earlier))


def test_a_new_title_is_everywhere(library: Library, embedder: Embedder) -> None:
    """A rename keeps text and id, and both indexes know the new title of each passage."""
    kept = library.add(draft(FERRY)).article_id
    library.indexes()
    receipt = rename(library, kept, "  Boats to\nSkarholm ")
    indexes = library.indexes()

    assert (receipt.status, receipt.article_id, receipt.title) == ("renamed", kept, "Boats to Skarholm")
    assert text_of(library, kept) == FERRY
    assert [row.title for row in library.articles()] == ["Boats to Skarholm"]
    assert indexes is not None
    assert len(indexes.lexical.search(["skarholm"], 5)[0]) == receipt.passages
    (vector,) = library.vectors(library.passage_ids(kept)).values()
    np.testing.assert_allclose(vector, embedder.passages([f"Boats to Skarholm\n{FERRY}"])[0], atol=0.02)
    assert library.check() == []


def test_a_title_given_by_hand_stays(library: Library) -> None:
    """A source that is read again is unchanged under the new title, and its new version keeps the title."""
    first = library.add(draft(FERRY)).article_id
    rename(library, first, "Boats")
    assert library.add(draft(FERRY)).status == "unchanged"
    second = library.add(draft(LATER))

    assert (second.status, second.title) == ("replaced", "Boats")
    assert [row.title for row in library.articles()] == ["Boats"]
    assert restore(library, library.history()[0].number).title == "Boats"
    assert library.add(draft(LATER)).title == "Boats"
    assert library.check() == []


@pytest.mark.parametrize("title", ["", " \n ", "x" * 301, "\x07"])
def test_a_title_that_cannot_be_is_refused(library: Library, title: str) -> None:
    """An invalid title changes nothing, and the message says which titles are valid."""
    kept = library.add(draft(FERRY)).article_id
    with pytest.raises(UserError, match="A title must have 1 to 300 characters"):
        rename(library, kept, title)
    assert [row.title for row in library.articles()] == ["Ferries"]


def test_renaming_what_is_gone_is_refused(library: Library) -> None:
    """Renaming an article that is missing, or replaced between two steps, raises an error and stores nothing."""
    with pytest.raises(UserError, match="holds no articles"):
        rename(library, 1, "Boats")
    kept = library.add(draft(FERRY)).article_id
    with pytest.raises(UserError, match="Article 99 no longer exists"):
        rename(library, 99, "Boats")
    pieces = library.rename_in_steps(kept, "Boats")
    next(pieces)
    library.add(draft(LATER))
    with pytest.raises(UserError, match="in the meantime"):
        finish(pieces)
    assert [row.title for row in library.articles()] == ["Ferries"]


def test_the_history_tells_what_happened(library: Library) -> None:
    """An entry says when, by whom, what and how much; an article's history includes those it replaced."""
    first = library.add(draft(FERRY), "terminal").article_id
    second = library.add(draft(LATER), "refresh").article_id
    other = library.add(draft(SECRET, "b.txt"), "discord:7").article_id
    rename(library, second, "Boats")
    library.add(draft(LATER, "c.txt"), "terminal")
    library.remove(second, "terminal")

    assert told(library, second) == told(library, first)
    assert told(library, second) == [
        ("removed", second),
        ("joined", second),
        ("renamed", second),
        ("replaced", second),
        ("added", first),
    ]
    assert told(library, other) == [("added", other)]
    replaced = library.history(second)[3]
    assert (replaced.by, replaced.characters, replaced.passages, replaced.kept) == ("refresh", 8, 1, True)
    assert library.history(second)[2].was == "Ferries"
    assert len(library.history()) == 6
    assert library.history()[0].at > "2026"


def test_an_earlier_version_comes_back(library: Library) -> None:
    """A restored version replaces the present one under a new id, which can be restored in turn."""
    library.add(draft(FERRY, published="2024-05-06", author="Jon Vik", pages=(0, 30)))
    second = library.add(draft(LATER, version="new")).article_id
    back = restore(library, library.history()[0].number)
    (row,) = library.articles()

    assert (back.status, row.id, row.author, row.published) == ("restored", back.article_id, "Jon Vik", "2024-05-06")
    assert back.article_id > second
    assert text_of(library, back.article_id) == FERRY
    assert library.source_version("a.txt") == "new"  # a refresh does not undo it before the source changes

    again = restore(library, library.history()[0].number)
    assert text_of(library, again.article_id) == LATER
    assert [what for what, _ in told(library, again.article_id)] == ["restored", "restored", "replaced", "added"]
    assert library.check() == []


def test_a_removed_article_comes_back_with_all_its_sources(library: Library) -> None:
    """A restored article has both sources again, and a refresh may change it again."""
    kept = library.add(draft(FERRY, origin="folder")).article_id
    library.add(draft(FERRY, "b.txt"))
    library.remove(kept)
    assert library.catalog is not None
    assert library.catalog.sources.dismissed() == {"a.txt"}
    back = restore(library, library.history()[0].number)

    assert [row.source for row in library.articles()] == ["a.txt, b.txt"]
    assert library.catalog.sources.dismissed() == set()
    assert library.catalog.sources.all()[0].origin == "folder"
    assert restore(library, library.history(kept)[1].number) == replace(back, status="unchanged")
    assert library.check() == []


def test_a_text_that_is_there_again_gets_its_sources_back(library: Library) -> None:
    """If another source has the same text by now, its article gets the sources of the restored version too."""
    library.add(draft(FERRY, origin="folder"))
    library.add(draft(FERRY, "b.txt"))
    library.remove(1)
    other = library.add(draft(FERRY, "c.txt")).article_id
    number = library.history()[1].number
    back = restore(library, number)

    assert (back.article_id, back.status) == (other, "same_text")
    assert [row.source for row in library.articles()] == ["c.txt, a.txt, b.txt"]
    assert library.catalog is not None
    assert library.catalog.sources.dismissed() == set()
    assert restore(library, number) == replace(back, status="unchanged")
    assert library.check() == []


def test_no_more_is_kept_than_the_settings_say(stores: Stores, embedder: Embedder) -> None:
    """Only the newest few versions of an article can be restored, and none after their retention."""
    library = opened(stores, embedder, Retention(2, 30))
    for number in range(5):
        library.add(draft(f"The ferry number {number} leaves."))
    library.add(draft(SECRET, "b.txt"))
    kept = [entry.kept for entry in library.history(1)]
    assert kept == [True, True, False, False, False]

    days_pass(library, 31)
    assert not any(entry.kept for entry in library.history())
    with pytest.raises(UserError, match="Nothing is kept"):
        restore(library, library.history(1)[0].number)
    assert library.catalog is not None
    library.catalog.history.expire()
    library.close()
    assert b"number 3" not in everything(stores)

    days_pass(library, 365)
    assert library.catalog is not None
    library.catalog.history.expire()
    assert library.history() == []
    library.close()


def test_what_is_kept_for_years_comes_back(stores: Stores, embedder: Embedder) -> None:
    """An entry is kept as long as its version, even for more than a year."""
    library = opened(stores, embedder, Retention(5, 800))
    library.add(draft(SECRET))
    library.add(draft(FERRY))
    days_pass(library, 700)
    library.remove(library.add(draft(LATER, "b.txt")).article_id)
    (number,) = [entry.number for entry in library.history() if entry.what == "replaced"]
    assert text_of(library, restore(library, number).article_id) == SECRET
    library.close()


@pytest.mark.parametrize("keep", [Retention(0, 30), Retention(5, 0)])
def test_nothing_is_kept_where_that_is_set(stores: Stores, embedder: Embedder, keep: Retention) -> None:
    """With a retention of zero, removed articles and earlier versions are deleted at once."""
    library = opened(stores, embedder, keep)
    library.add(draft(SECRET))
    library.remove(library.add(draft(FERRY)).article_id)
    assert not any(entry.kept for entry in library.history())
    library.close()
    assert b"Pomegranate" not in everything(stores)


def test_what_is_purged_leaves_no_trace(stores: Stores, embedder: Embedder) -> None:
    """Neither the article nor earlier versions or titles remain in any file, even if it was removed before."""
    library = opened(stores, embedder)
    library.add(draft(SECRET, title="Pomegranate"))
    first = library.add(draft(FERRY)).article_id
    other = library.add(draft(f"{SECRET} It sleeps.", "b.txt")).article_id
    library.remove(other)
    library.indexes()
    assert b"Pomegranate" in everything(stores)

    assert library.remove(first, "terminal", purge=True)
    assert library.remove(other, "terminal", purge=True)
    assert not library.remove(99, purge=True)
    assert not library.remove(other, purge=True)
    assert told(library) == [("erased", other), ("erased", first)]
    assert library.check() == []
    library.close()
    left = everything(stores).lower()
    assert b"pomegranate" not in left
    assert b"pomegran" not in left  # its stem, in the word index


def test_who_did_what_can_be_forgotten(stores: Stores, library: Library, embedder: Embedder) -> None:
    """A person's name is removed from the entries of a library; the entries remain."""
    library.add(draft(FERRY), "discord:7")
    library.add(draft(SECRET, "b.txt"), "discord:8")
    libraries = stores.libraries(lambda: embedder)
    catalogues = stores.read_only_libraries()
    before = catalogues.summary(library.name)
    libraries.anonymize("discord:7", library.name)
    libraries.close()
    after = catalogues.summary(library.name)
    assert before is not None
    assert after is not None
    assert sorted(before.contributors) == ["discord:7", "discord:8"]
    assert after.contributors == ("discord:8",)
    catalogues.close()
    assert [entry.by for entry in library.history()] == ["discord:8", ""]


YOUNGER = """
DROP TABLE versions; DROP TABLE events; DROP TABLE failures; DROP TABLE bands; DROP TABLE twins;
ALTER TABLE sources DROP COLUMN titled; ALTER TABLE sources DROP COLUMN every; ALTER TABLE sources DROP COLUMN looked;
ALTER TABLE origins DROP COLUMN depth; ALTER TABLE origins DROP COLUMN every; ALTER TABLE origins DROP COLUMN looked;
ALTER TABLE passages DROP COLUMN introductions;
DROP INDEX ix_articles_index_version; ALTER TABLE articles DROP COLUMN index_version;
ALTER TABLE articles DROP COLUMN links;
DROP INDEX ix_sources_origin; DROP TABLE source_tags; DROP TABLE origin_tags; DROP TABLE tags;
"""


def test_a_list_that_is_only_read_sees_an_old_library(tmp_path: Path, embedder: Embedder) -> None:
    """A catalogue from before the history is migrated even if it is opened read-only."""
    library = opened(Stores(tmp_path), embedder)
    kept = library.add(draft(FERRY)).article_id
    library.close()
    with sqlite3.connect(tmp_path / "libraries" / "test" / "catalog.db") as db:
        db.executescript(WITH_VECTORS_IN_PASSAGES + YOUNGER)
        db.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    db.close()

    shelves = ReadOnlyLibraries(tmp_path)
    article = shelves.article("test", kept)
    shelves.close()
    assert article is not None
    library = opened(Stores(tmp_path), embedder)
    assert library.history() == []
    second = library.add(draft(LATER)).article_id
    assert told(library, second) == told(library, kept) == [("replaced", second)]
    assert restore(library, library.history()[0].number).status == "restored"
    library.close()


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_difference_is_none_only_between_equals(one: str, other: str) -> None:
    """The count of changed characters is symmetric, zero for equal texts only, and at most all characters."""
    lines = sorted(one.split("\n")) == sorted(other.split("\n"))
    assert (changed_characters(one, other) == 0) == lines
    assert changed_characters(one, other) == changed_characters(other, one) <= len(one) + len(other)


def test_entries_are_plain_values() -> None:
    """These are the names in the output of `history --json`."""
    assert HistoryEntry._fields == (
        "number", "at", "by", "what", "article_id", "title", "was", "characters", "passages", "kept",
    )  # fmt: skip


def test_purging_an_id_whose_text_was_restored_tells_the_truth(stores: Stores) -> None:
    """The text of the old id is in a new article: nothing is purged, and the message names the article to purge."""
    library = stores.libraries(SmallEmbedder).open("test")
    first = library.add(draft(SECRET)).article_id
    library.remove(first)
    again = restore(library, library.history()[0].number).article_id
    before = library.history()

    with pytest.raises(UserError, match=f"is in article {again}, which still exists, so nothing was purged"):
        library.remove(first, purge=True)
    assert (library.history(), text_of(library, again)) == (before, SECRET)

    assert library.remove(again, purge=True)
    assert told(library) == [("erased", again)]
    library.close()
    assert b"omegranate" not in everything(stores).lower()


def test_purging_an_id_whose_text_was_added_again_tells_the_truth(stores: Stores) -> None:
    """It is the same if the text came back from another source, in an article with a history of its own."""
    library = stores.libraries(SmallEmbedder).open("test")
    first = library.add(draft(SECRET)).article_id
    library.remove(first)
    again = library.add(draft(SECRET, "b.txt")).article_id

    with pytest.raises(UserError, match=f"is in article {again}"):
        library.remove(first, purge=True)
    library.close()


def test_purging_what_was_replaced_leaves_the_living_article_its_history(stores: Stores) -> None:
    """The old text and its title go; when the present article came and how it was renamed stays."""
    library = stores.libraries(SmallEmbedder).open("test")
    first = library.add(draft(SECRET, title="Pomegranate")).article_id
    second = library.add(draft(FERRY)).article_id
    rename(library, second, "Boats")

    assert library.remove(first, purge=True)
    assert told(library, second) == [("erased", first), ("renamed", second), ("replaced", second)]
    assert [entry.was for entry in library.history()] == [None, "Ferries", None]
    assert text_of(library, second) == FERRY
    assert library.check() == []
    library.close()
    assert b"omegranate" not in everything(stores).lower()

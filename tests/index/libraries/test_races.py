"""Promises about changes by two processes at once: what a change was prepared from is compared again under the lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalog.basis import SourceChangedError
from index.incremental import finish
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Draft, Receipt, UserError
from index.sources.loader import draft_from_text
from tests.index.interruptions import between
from tests.small_embedder import SmallEmbedder

OLD, NEW = "The keeper counts gulls.", "The keeper counts terns. He writes them down."


def draft(text: str, key: str = "a.txt", title: str = "Harbour") -> Draft:
    return draft_from_text(text, key=key, source=key, title=title)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    libraries = Libraries(tmp_path, SmallEmbedder)
    yield libraries.open("test")
    libraries.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Library]:
    """Return the same library as another process has it."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    yield libraries.open("test")
    libraries.close()


def test_equal_texts_are_stored_once(library: Library, other: Library) -> None:
    """Two processes that add the same text under two names at once make one article with both sources."""
    between(library, lambda: other.add(draft(NEW, "b.txt")))
    receipt = library.add(draft(NEW, "a.txt"))

    assert receipt.status == "same_text"
    assert [row.source for row in library.articles()] == ["b.txt, a.txt"]
    assert library.check() == []


def test_the_same_source_twice_at_once(library: Library, other: Library) -> None:
    """Two processes that add one file at once make one article."""
    between(library, lambda: other.add(draft(NEW)))

    assert library.add(draft(NEW)).status == "unchanged"
    assert len(library.articles()) == 1


def test_a_removal_during_a_refresh_is_kept(library: Library, other: Library) -> None:
    """A new version that was embedded meanwhile is given up; one that somebody adds by hand is stored."""
    first = library.add(replace(draft(OLD), origin="/folder"))
    between(library, lambda: other.remove(first.article_id))

    with pytest.raises(SourceChangedError):
        finish(library.add_in_steps(replace(draft(NEW), origin="/folder"), "refresh", unless_changed=True))
    assert library.articles() == []

    library.add(draft(OLD))
    between(library, lambda: other.remove(other.articles()[0].id))
    assert library.add(draft(NEW)).status == "added"
    assert library.check() == []


def test_a_newer_version_is_not_replaced_by_a_refresh(library: Library, other: Library) -> None:
    """What somebody adds while a refresh embeds what it has read before stays."""
    library.add(draft(OLD))
    between(library, lambda: other.add(draft("The keeper has left.")))

    with pytest.raises(SourceChangedError):
        finish(library.add_in_steps(draft(NEW), "refresh", unless_changed=True))
    assert library.article(library.articles()[0].id).text == "The keeper has left."  # type: ignore[union-attr]


def test_a_name_given_meanwhile_is_kept(library: Library, other: Library) -> None:
    """A title that somebody gives while a new version is embedded is the title of the new version."""
    first = library.add(draft(OLD))
    between(library, lambda: finish(other.rename_in_steps(first.article_id, "Lighthouse")))
    receipt = library.add(draft(NEW))

    assert (receipt.status, receipt.title) == ("replaced", "Lighthouse")
    assert [row.title for row in library.articles()] == ["Lighthouse"]
    indexes = library.indexes()
    assert indexes is not None
    assert indexes.lexical.search(["lighthous"], 5)[0].tolist() == library.passage_ids(receipt.article_id)
    assert library.check() == []


def test_a_name_given_while_passages_are_updated(library: Library, other: Library) -> None:
    """Reindexing embeds the title that an article has in the end."""
    first = library.add(draft(OLD))
    between(library, lambda: finish(other.rename_in_steps(first.article_id, "Lighthouse")))
    library.reindex(lambda *_: None)

    (row,) = library.passages(library.passage_ids(first.article_id))
    assert row.title == "Lighthouse"
    (vector,) = library.vectors([row.passage.id]).values()
    assert (vector == SmallEmbedder().query(f"Lighthouse\n{row.text}")).all()


def test_a_text_removed_while_its_source_is_added(library: Library, other: Library) -> None:
    """If an article with the same text disappears before the second source is added to it, the text is stored again."""
    first = library.add(draft(NEW, "b.txt"))
    catalog = library.catalog
    assert catalog is not None
    match = catalog.match

    def and_remove(one: Draft) -> tuple[int, bool] | None:
        found = match(one)
        other.remove(first.article_id)
        return found

    catalog.match = and_remove  # type: ignore[method-assign]
    receipt = library.add(draft(NEW, "a.txt"))

    assert receipt.status == "added"
    assert [row.source for row in library.articles()] == ["a.txt"]


def test_a_purged_version_is_not_restored(library: Library, other: Library) -> None:
    """Purging while an earlier version is being restored wins."""
    first = library.add(draft(OLD))
    library.remove(first.article_id)
    (number, *_) = [entry.number for entry in library.history()]
    between(library, lambda: other.remove(first.article_id, purge=True))

    with pytest.raises(UserError, match="Nothing is kept"):
        finish(library.restore_in_steps(number))
    assert library.articles() == []


def test_a_source_that_is_back_is_not_removed(library: Library, other: Library) -> None:
    """A missing source is removed only if it is still missing when the database is locked."""
    library.add(draft(OLD))
    catalog = library.catalog
    assert catalog is not None
    catalog.sources.set_missing(["a.txt"], "2026-01-01T00:00:00+00:00")
    other.add(draft(OLD))

    assert not library.remove_source("a.txt", missing="2026-01-01T00:00:00+00:00")
    assert len(library.articles()) == 1


def test_many_at_once(library: Library, other: Library) -> None:
    """Steps of two processes in turn leave a sound library with each text once."""

    def all_of(one: Library, names: str) -> Iterator[Receipt | None]:
        for name in names:
            text = "".join(f"Sentence {number} of {ord(name) % 3}. " for number in range(40))
            receipt = yield from one.add_in_steps(draft(text, f"{names}{name}"), batch_size=1)
            yield receipt

    running = [all_of(library, "abcdef"), all_of(other, "fedcba")]
    while running:
        for work in list(running):
            try:
                next(work)
            except StopIteration:
                running.remove(work)

    assert len(library.articles()) == 3
    assert library.check() == []
    assert other.check() == []

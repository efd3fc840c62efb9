"""Promises of both engines: what one of them could not store is refused by both, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from index.incremental import finish
from index.libraries.library import Library
from index.models import Draft, Section, UserError
from index.sources.discovery import Failure
from index.sources.loader import draft_from_text
from storage.stores import Stores
from tests.small_embedder import SmallEmbedder

NUL, HALF = "no\0thing", "half \ud83d of a pair"
STRANGE = "𝔘 \U0010ffff ﷽ \u202e \x01 \ufeff e\u0301 ß İ"  # all of these can be stored


def draft(text: str = "The ferry leaves at seven.", **told: object) -> Draft:
    made = draft_from_text(text, key="/srv/a.txt", source="a.txt", title="Ferry")
    return replace(made, **told)  # type: ignore[arg-type]


CHANGES: dict[str, Callable[[Library, str], object]] = {
    "title": lambda library, text: library.add(draft(title=text)),
    "source": lambda library, text: library.add(draft(source=text)),
    "key": lambda library, text: library.add(draft(key=text)),
    "author": lambda library, text: library.add(draft(author=text)),
    "heading": lambda library, text: library.add(draft(sections=(Section(0, 26, text),))),
    "batch": lambda library, text: _raise_all(library, [draft(), draft("It leaves at noon.", key="b", title=text)]),
    "origin": lambda library, text: library.remember_origin(text, 3),
    "editor": lambda library, text: library.remove(1, text),
    "failure": lambda library, text: _sources(library).record_check([], "folder", [Failure(text, "a.txt", "gone")]),
    "search": lambda library, text: library.source_version(text),
}


def _raise_all(library: Library, drafts: list[Draft]) -> None:
    for outcome in library.add_all(drafts):
        if isinstance(outcome, UserError):
            raise outcome


def _sources(library: Library):  # noqa: ANN202 - of the catalogue
    assert library.catalog is not None
    return library.catalog.sources


@pytest.fixture
def library(stores: Stores) -> Library:
    library = stores.libraries(SmallEmbedder).open("test")
    library.add(draft())
    return library


def test_what_no_engine_stores_is_refused(library: Library) -> None:
    """NUL and halves of surrogate pairs are refused wherever a text is stored, in one sentence, and nothing changes."""
    assert library.catalog is not None
    before = library.articles(), library.history(), library.catalog.position()
    for where, change in CHANGES.items():
        for text in (NUL, HALF):
            with pytest.raises(UserError):
                change(library, text)
            assert (library.articles(), library.history()) == before[:2], where
    assert library.catalog.position() == before[2]
    assert library.check() == []


def test_strange_texts_come_back_as_they_were(stores: Stores, library: Library) -> None:
    """Everything that Unicode allows is stored and found again letter for letter, and sorted by its bytes."""
    text = f"{STRANGE} The ferry leaves at seven.\n{STRANGE}"
    receipt = library.add(draft(text, title=STRANGE, source=STRANGE, author=STRANGE, key="strange"), STRANGE)
    for tag in ("b", "A", "ä", "a b", "Z"):
        library.add(draft(f"Boats of {tag}.", key=tag, tags=(tag,)))
    finish(library.rename_in_steps(receipt.article_id, "Other"))
    with closing(stores.read_only_libraries()) as reading:
        article = reading.article("test", receipt.article_id)
        assert list(reading.collections("test")) == ["a", "a b", "b", "z", "ä"]
    assert article is not None
    assert (article.text, article.source) == (text, STRANGE)
    assert [entry.was for entry in library.history(receipt.article_id)] == [STRANGE, None]
    assert library.history(receipt.article_id)[1].by == STRANGE
    assert library.check() == []

"""Promises of near duplicates: articles that are one text with small differences are recognised, and only those."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Receipt
from index.passages.embedder import Embedder
from index.passages.near_duplicates import RESEMBLANCE, minhash_bands, resemblance, shingles
from index.sources.loader import draft_from_text

WORDS = (
    "ferry harbour keeper gull winter ticket island lamp storm captain rope bell anchor tide pier dog sail net".split()
)
PAGE = " ".join(f"The {one} and the {other} meet at noon." for one, other in zip(WORDS, WORDS[5:], strict=False))
PRINTED = f"Print this page\n\n{PAGE.replace('meet at noon', 'meet at noon', 1)}\n\nAll rights reserved by the harbour."
OTHER = " ".join(f"Nobody saw the {one} near the {other} today." for one, other in zip(WORDS, WORDS[3:], strict=False))


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    libraries = Libraries(tmp_path, lambda: embedder)
    yield libraries.open("test")
    libraries.close()


def add(library: Library, text: str, key: str) -> Receipt:
    return library.add(draft_from_text(text, key=key, source=key, title=key))


def test_the_version_for_printing_is_recognised(library: Library) -> None:
    """The receipt names it, the relation is mutual, and another text on the same topic is not included."""
    first = add(library, PAGE, "page")
    other = add(library, OTHER, "other")
    printed = add(library, PRINTED, "printed")

    assert (first.near_duplicates, other.near_duplicates, printed.near_duplicates) == ((), (), (first.article_id,))
    assert library.near_duplicates(first.article_id) == [printed.article_id]
    assert library.near_duplicates(other.article_id) == []


def test_what_goes_is_no_near_duplicate_any_more(library: Library) -> None:
    """A new version is compared again, a removed article is forgotten, and reindexing finds the same pairs."""
    first = add(library, PAGE, "page").article_id
    printed = add(library, PRINTED, "printed").article_id
    again = add(library, PAGE.replace("noon", "dusk", 1), "page")
    assert again.near_duplicates == (printed,)
    assert library.near_duplicates(first) == []
    library.reindex(lambda _done, _total: None)
    assert library.near_duplicates(printed) == [again.article_id]
    add(library, OTHER, "printed")
    assert library.near_duplicates(again.article_id) == []
    library.remove(again.article_id)
    assert library.check() == []


def test_short_texts_are_never_near_duplicates(library: Library) -> None:
    """Texts of a few words often resemble each other, so they never count as near duplicates."""
    add(library, "The ferry is cancelled today. Please take the bus.", "one")
    assert add(library, "The ferry is cancelled today. Please take the tram.", "two").near_duplicates == ()


@given(st.lists(st.sampled_from(WORDS), min_size=40, max_size=120), st.integers(0, 2**32))
def test_a_small_change_keeps_a_band(words: list[str], at: int) -> None:
    """After one word is exchanged, a text of a hundred words still resembles the original and shares a band with it."""
    text = " ".join(f"{word}{number % 7}" for number, word in enumerate(words))
    changed = text.split()
    changed[at % len(changed)] = "otherwise"
    one, other = shingles(text), shingles(" ".join(changed))
    assert resemblance(one, one) == 1
    assert resemblance(one, other) == resemblance(other, one) < 1
    if resemblance(one, other) >= 0.8 > RESEMBLANCE:
        assert set(minhash_bands(one)) & set(minhash_bands(other))


def test_nothing_resembles_nothing() -> None:
    """An empty text has no shingles, no bands and no resemblance to another."""
    assert (len(shingles("")), minhash_bands(shingles("")), resemblance(shingles(""), shingles(""))) == (0, [], 0.0)

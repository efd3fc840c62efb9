"""Promises of pins: a passage is found where it was pinned, in a new version of its article, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.catalog.store import Catalog
from index.libraries.read_only import ReadOnlyLibraries
from index.models import Draft, Section, Span
from qa.pins.pinned import Pin, current_quote, find_pinned, sentences_with
from qa.quoting.anchoring import digest_of

RULE = "A ban is appealed in the office."
TEXT = f"Be kind.\n\n{RULE} It takes\na week, sometimes two. Be kind.\n\nNotes\n\nNothing else. Be kind to the staff."
CUT = TEXT.index("Notes")
SECTIONS = (Section(0, CUT, ""), Section(CUT + 7, len(TEXT), "Notes"))
QUESTION = "How do I appeal a ban?"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """Return the catalogue of a library."""
    folder = tmp_path / "libraries" / "shared"
    folder.mkdir(parents=True)
    catalog = Catalog(folder / "catalog.db")
    yield catalog
    catalog.close()


@pytest.fixture
def shelves(tmp_path: Path) -> Iterator[ReadOnlyLibraries]:
    """Return read-only access to it."""
    shelves = ReadOnlyLibraries(tmp_path)
    yield shelves
    shelves.close()


def put(catalog: Catalog, text: str, *, key: str = "rules", sections: tuple[Section, ...] = ()) -> int:
    """Store an article that replaces what its source held."""
    sections = sections or (Section(0, len(text), ""),)
    draft = Draft(key, "https://example.org/rules", "Rules", text, None, sections)
    return catalog.put(draft, [], np.empty((0, 3), np.float32), "{}")[0]


def pin_of(article_id: int, *questions: str) -> Pin:
    """Return a pin of the rule on bans."""
    start = TEXT.index(RULE)
    marked = (Span(start + 2, start + 5),)
    return Pin(
        "shared", "rules", article_id, start, start + len(RULE), digest_of(RULE), marked, questions or (QUESTION,)
    )


def test_a_pin_is_a_quote(catalog: Catalog, shelves: ReadOnlyLibraries) -> None:
    """A pinned passage is quoted exactly, with its place, as chosen, for its question in nearly the same words."""
    pin = pin_of(put(catalog, TEXT, sections=SECTIONS))

    quote = find_pinned("how can i appeal a ban", [pin], shelves)

    assert quote is not None
    assert (quote.text, quote.paragraph, quote.paragraphs, quote.confidence, quote.chosen) == (RULE, 2, 3, 1.0, True)
    assert [span.of(TEXT) for span in quote.highlights] == ["ban"]
    assert find_pinned("how long does a ban last?", [pin], shelves) is None


def test_a_pin_follows_its_source(catalog: Catalog, shelves: ReadOnlyLibraries) -> None:
    """In a new version of the article a pin is at the nearest place of the same words."""
    pin = pin_of(put(catalog, TEXT))
    before = "Welcome to all of you, old and new!\n\n"
    new = put(catalog, f"{before}{TEXT}\n\nA last word. {RULE}")

    quote = current_quote(pin, shelves)

    assert quote is not None
    assert (quote.article_id, quote.start, quote.text) == (new, len(before) + pin.start, RULE)
    assert [span.of(f"{before}{TEXT}") for span in quote.highlights] == ["ban"]


@pytest.mark.parametrize("now", [TEXT.replace("office", "lobby"), TEXT.replace("ban is", "ban  is"), ""])
def test_a_pin_rests(catalog: Catalog, shelves: ReadOnlyLibraries, now: str) -> None:
    """If no version contains the exact text nothing is shown, until a version does again."""
    pin = pin_of(put(catalog, TEXT))
    if now:
        put(catalog, now)
    else:
        catalog.remove_source("rules")

    assert current_quote(pin, shelves) is None
    assert find_pinned(QUESTION, [pin], shelves) is None
    put(catalog, TEXT)
    assert current_quote(pin, shelves) is not None


def test_a_pin_spans_no_heading(catalog: Catalog, shelves: ReadOnlyLibraries) -> None:
    """Words that a new version separates by a heading or a deletion are not quoted there."""
    pin = pin_of(put(catalog, TEXT))
    middle = pin.start + 5
    put(catalog, f"{TEXT} ", sections=(Section(0, middle, ""), Section(middle, len(TEXT), "")))

    assert current_quote(pin, shelves) is None


def test_the_newest_that_stands(catalog: Catalog, shelves: ReadOnlyLibraries) -> None:
    """Of two pins for one question the newer one is shown, unless its text is gone."""
    old = pin_of(put(catalog, TEXT))
    new = replace(old, start=0, end=8, digest=digest_of("Be kind."), highlights=())
    gone = replace(old, digest=digest_of("Nobody says this."), end=old.start + 17)

    assert find_pinned(QUESTION, [old, new], shelves).text == "Be kind."
    assert find_pinned(QUESTION, [old, gone], shelves).text == RULE
    assert find_pinned(QUESTION, [pin_of(old.article_id, "other one?", QUESTION)], shelves) is not None
    assert find_pinned(QUESTION, [replace(old, library="guild-1")], shelves) is None


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        ("appealed in the", [RULE]),
        ("It takes a week", ["It takes\na week, sometimes two."]),
        ("office. It", [f"{RULE} It takes\na week, sometimes two."]),
        ("Be kind.", ["Be kind."]),
        ("Be kind", ["Be kind.", "Be kind to the staff."]),
        ("appealed in The", []),
        ("Be kind. Notes", []),
        ("Notes", []),
        (" ", []),
    ],
)
def test_sentences_with_words(catalog: Catalog, shelves: ReadOnlyLibraries, words: str, sentences: list[str]) -> None:
    """Exact words, with any white space between them, are expanded to whole sentences."""
    article = shelves.article("shared", put(catalog, TEXT, sections=SECTIONS))

    assert [span.of(TEXT) for span in sentences_with(article, words)] == sentences

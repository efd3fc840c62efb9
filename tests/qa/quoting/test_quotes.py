"""Promises of turning readings into quotes."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Article, Passage, Section, StoredPassage
from index.text.sentences import sentence_spans
from qa.quoting.clipping import clip_to_block
from qa.quoting.quotes import distinct, is_verbatim, make_quote, propose
from qa.reading.protocol import Reading
from qa.retrieval.retriever import Candidate

TEXT = "Intro.\n\nMira Holt keeps the light. She counts 3.5 gulls. Nobody else comes.\n\nThe end of it all."
ARTICLE = Article(7, "a.txt", "Harbour", TEXT, None, (Section(0, len(TEXT), ""),))


def candidate(start: int, end: int, text: str = TEXT, passage_id: int = 1) -> Candidate:
    stored = StoredPassage(Passage(passage_id, 7, start, end, ""), "Harbour", text[start:end], b"")
    return Candidate("shared", stored, 0.5, 0.5, 1.0)


def reading(found: Candidate, words: str, *, exact: bool = True) -> Reading:
    start = found.stored.text.index(words)
    return Reading(0, start, start + len(words), 1.0, exact)


WHOLE = candidate(8, 75)


def test_words_become_their_whole_sentence() -> None:
    """The sentence that contains the words is quoted, the words are highlighted, and the paragraph is counted."""
    made = make_quote(propose(WHOLE, reading(WHOLE, "Mira Holt")), ARTICLE, 0.9)

    assert made.text == "Mira Holt keeps the light."
    assert [span.of(TEXT) for span in made.highlights] == ["Mira Holt"]
    assert (made.paragraph, made.paragraphs) == (2, 3)
    assert is_verbatim(made, ARTICLE)


def test_the_page_is_that_of_the_first_word() -> None:
    """A quote from a source with pages names its page; any other has none."""
    found = propose(WHOLE, reading(WHOLE, "Nobody else"))

    assert make_quote(found, dataclasses.replace(ARTICLE, pages=(0, 20, 60, 80)), 0.9).page == 2
    assert make_quote(found, ARTICLE, 0.9).page is None


def test_a_sentence_that_leans_on_the_one_before_brings_it() -> None:
    """A sentence that begins with "She" is quoted with the one before, which says who."""
    assert propose(WHOLE, reading(WHOLE, "3.5 gulls")).text == "Mira Holt keeps the light. She counts 3.5 gulls."
    assert propose(WHOLE, reading(WHOLE, "Nobody else")).text == "Nobody else comes."


def test_words_over_two_sentences_quote_both() -> None:
    """A reading that spans two sentences is never cut to one."""
    assert propose(WHOLE, reading(WHOLE, "gulls. Nobody")).text.endswith("She counts 3.5 gulls. Nobody else comes.")


def test_a_whole_sentence_is_not_marked() -> None:
    """If the reading is a whole sentence, nothing is highlighted."""
    assert propose(WHOLE, reading(WHOLE, "Mira Holt keeps the light.", exact=False)).highlights == ()


def test_overlapping_and_repeated_quotes_are_shown_once() -> None:
    """The better of two overlapping quotes is kept, and the first of two that say the same."""
    first = propose(WHOLE, reading(WHOLE, "Mira Holt"))
    overlapping = propose(WHOLE, reading(WHOLE, "3.5 gulls"))
    twin_text = "Mira Holt  keeps\nthe light."
    twin = candidate(0, len(twin_text), twin_text, passage_id=9)
    other = propose(WHOLE, reading(WHOLE, "Nobody else"))

    assert distinct([first, overlapping, propose(twin, reading(twin, "Mira")), other]) == [first, other]


def test_a_statement_inside_another_is_no_quote_of_its_own() -> None:
    """A statement that another one contains is not quoted again, unless it is only a word or two."""
    first = propose(WHOLE, reading(WHOLE, "Mira Holt"))
    text = " " * 100 + "News! Mira Holt keeps the light. More soon.\n\nThe light."
    longer, short = candidate(100, 143, text), candidate(145, 155, text)
    repeated, phrase = propose(longer, reading(longer, "News! Mira")), propose(short, reading(short, "The light."))

    assert distinct([first, repeated, phrase]) == [first, phrase]
    assert distinct([repeated, first]) == [repeated]


@pytest.mark.parametrize("change", [{"start": 9}, {"end": 33}, {"text": "Mira Holt keeps the night."}, {"text": ""}])
def test_anything_but_the_exact_slice_is_refused(change: dict[str, object]) -> None:
    """A quote that differs by a single character or offset is not verbatim."""
    made = make_quote(propose(WHOLE, reading(WHOLE, "Mira Holt")), ARTICLE, 0.9)

    assert not is_verbatim(dataclasses.replace(made, **change), ARTICLE)
    assert not is_verbatim(made, None)


ANY = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=200)


@given(ANY, st.data())
def test_every_quote_is_a_slice_that_holds_its_reading(text: str, data: st.DataObject) -> None:
    """For any text and reading, the quote is the slice it names and contains every word of the reading in one block."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    article = Article(7, "a.txt", "Any", text, None, (Section(0, len(text), ""),))
    whole = candidate(0, len(text), text)
    read = Reading(0, start, end, 1.0, exact=True)
    made = make_quote(propose(whole, read), article, 0.5)

    assert is_verbatim(made, article)
    clipped = clip_to_block(text, read)
    touched = [s for s in sentence_spans(text) if s.start < clipped.end and clipped.start < s.end]
    assert all(made.start <= s.start and s.end <= made.end for s in touched)
    assert all(made.start <= span.start < span.end <= made.end for span in made.highlights)
    marked = {at for span in made.highlights for at in range(span.start, span.end)}
    assert marked <= set(range(start, end))
    plain = not any(char in text for char in "|*+-.)(\u2022")  # no cells and no list markers
    assert not plain or {at for at in range(clipped.start, clipped.end) if text[at].isalnum()} <= marked

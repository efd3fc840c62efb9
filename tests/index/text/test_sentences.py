"""Sentences are whole, in order, and cover the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Span
from index.text.sentences import MAX_SENTENCE, cut, sentence_spans
from tests.index.texts import TEXTS


def sentences(text: str) -> list[str]:
    """Return the texts of the sentences."""
    return [span.of(text) for span in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Kim met Dr. Han on Jan. 3 in the U.S. capital.", "They talked."],
        ["It was Friday (13/11/2020).", "Version 3.14 came out at 9 a.m. sharp."],
        ["“I hope to bring good news. It will not be easy,” he wrote.", "Nobody replied."],
        ['"Why?" she asked.', "He was silent."],
        ["これは文です。", "次の文です。"],
        ["هل هذا سؤال؟", "نعم."],
        ["Call from 8 a.m. to 9 p.m. ET on weekdays.", "See Vol. 3 for Non-U.S. numbers."],
        ["It ended.[1]", "It began again.[2][3]"],
        ["Wow 😀!", "Good 👍🏽."],
        ["So it says, wrote Mr. Kim. on his account, on Friday.", "Nobody replied."],
        ["i went home.", "then i slept."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    """Abbreviations, dates, numbers, quotations and other scripts are split correctly."""
    text = ("" if "。" in expected[0] else " ").join(expected)
    assert sentences(text) == expected


def test_wrapped_lines_are_one_sentence() -> None:
    """A line break inside a sentence does not end it."""
    text = "The old lighthouse at the end of the pier was\nbuilt by Mr.\nSmith. It still\nstands."
    assert sentences(text) == [text[:65], "It still\nstands."]


def test_lines_that_stand_for_themselves_are_sentences() -> None:
    """Verses, list items, table rows and a title above its text end with their line."""
    assert sentences("- one thing\n- another thing\n  in two lines\n3. third") == [
        "- one thing",
        "- another thing\n  in two lines",
        "3. third",
    ]
    assert sentences("Opening hours\nThe museum is open every day of the week from nine to five.") == [
        "Opening hours",
        "The museum is open every day of the week from nine to five.",
    ]
    assert sentences("| a | b |\n|---|---|\n| c. D | e |") == ["| a | b |\n|---|---|", "| c. D | e |"]
    assert sentences("Run this:\n\n```\na. B\n\nc\n```") == ["Run this:", "```\na. B\n\nc\n```"]


def test_a_list_marker_is_no_sentence() -> None:
    """The number of a list item stays with its text."""
    assert sentences("1. Press the button. Then wait.\n2. Go.") == ["1. Press the button.", "Then wait.", "2. Go."]


def test_a_long_quotation_is_split_inside() -> None:
    """A long quotation is split into its sentences."""
    said = ["“It was a long way home.", *["We walked on through the rain and the wind."] * 12, "We came.”"]
    assert sentences(" ".join(said)) == said


def test_text_without_punctuation_is_bounded() -> None:
    """A text without punctuation is cut at white space, and a text without white space anywhere."""
    assert all(len(part) <= MAX_SENTENCE for part in sentences("word " * 3000))
    assert all(part.strip("word ") == "" and part.endswith("word") for part in sentences("word " * 3000))
    assert [len(part) for part in sentences("x" * 2500)] == [1000, 1000, 500]


def test_a_very_long_paragraph_is_split_like_a_short_one() -> None:
    """The length of a paragraph does not change its sentences."""
    said = ["Mr. Kim met Dr. Han on Jan. 3 in the U.S. capital.", "They talked for a long time."] * 400
    assert sentences(" ".join(said)) == said


def test_a_cut_keeps_combined_characters_together() -> None:
    """A character is not separated from its accents and joiners."""
    text = "e\u0301" * 8
    assert [span.of(text) for span in cut(text, Span(0, 16), 5)] == ["e\u0301" * 2] * 4


@given(TEXTS)
def test_sentences_are_the_text(text: str) -> None:
    """Sentences are in order, trimmed, do not overlap, and leave out nothing but white space."""
    spans = sentence_spans(text)
    assert all(span.start < span.end for span in spans)
    assert all(span.of(text) == span.of(text).strip() for span in spans)
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), len(text)]
    assert all(text[end:start].strip() == "" and end <= start for end, start in zip(ends, starts, strict=True))


@given(TEXTS, st.integers(1, 30))
def test_cut_pieces_are_the_text(text: str, limit: int) -> None:
    """Cut pieces are within the limit and leave out nothing but white space."""
    pieces = cut(text, Span(0, len(text)), limit)
    assert all(0 < piece.end - piece.start <= limit for piece in pieces)
    assert "".join("".join(piece.of(text) for piece in pieces).split()) == "".join(text.split())

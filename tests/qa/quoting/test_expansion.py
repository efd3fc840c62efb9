"""Promises of which whole sentences are quoted for the words that answer."""

from __future__ import annotations

import pytest

from qa.quoting.expansion import LONGEST, whole
from qa.reading.protocol import Reading

LIST = """You need the following to join:

- a library card
- a form, signed by a parent
- two photographs

The office opens at nine. It closes at noon."""
TABLE = """| Day | Opens |
|---|---|
| Monday | nine |
| Sunday | never |"""
STORY = "The mill burned down in 1804. A baker owned the ruin. Nobody rebuilt it before 1811."


def reading(text: str, words: str, score: float = 8.0, *, exact: bool = True) -> Reading:
    start = text.index(words)
    return Reading(0, start, start + len(words), score, exact)


def quoted(text: str, words: str, *others: Reading, exact: bool = True) -> str:
    return whole(text, reading(text, words, exact=exact), others).of(text)


@pytest.mark.parametrize("words", ["the following", "library card", "signed"])
def test_an_introduced_list_is_quoted_whole(words: str) -> None:
    """Neither "You need:" without what, nor an item without what it is needed for."""
    assert quoted(LIST, words) == LIST[: LIST.index("\n\nThe office")]


def test_a_long_list_gives_the_item_that_answers() -> None:
    """Where the whole list is too long to be a quote, its item answers alone, whole."""
    text = LIST.replace("- two", "- " + "a very long paper about nothing, " * 12 + "\n- two")

    assert quoted(text, "signed") == "- a form, signed by a parent"


def test_a_list_without_introduction_gives_what_answers() -> None:
    """Unrelated items stay apart; items that answer together are quoted together."""
    rules = "- Ask before you post.\n- Pets are welcome.\n- Shoes stay outside."

    assert quoted(rules, "welcome") == "- Pets are welcome."
    assert quoted(rules, "welcome", reading(rules, "outside", 7.0)) == rules
    assert quoted(rules, "welcome", reading(rules, "outside", -9.0)) == "- Pets are welcome."


def test_a_row_comes_with_the_head_of_its_table() -> None:
    """Without its head a row's cells say nothing; what follows the row is not needed."""
    assert quoted(TABLE, "nine") == TABLE[: TABLE.index("\n| Sunday")]


def test_a_neighbour_that_answers_nearly_as_well_is_quoted_too() -> None:
    """Where the reader sees the answer in either of two sentences, a person sees both."""
    near, far = reading(STORY, "before 1811", 5.0), reading(STORY, "before 1811", 1.0)

    assert quoted(STORY, "A baker", near) == "A baker owned the ruin. Nobody rebuilt it before 1811."
    assert quoted(STORY, "A baker", far) == "A baker owned the ruin."
    assert quoted(STORY, "1804", near) == "The mill burned down in 1804."


def test_scores_of_whole_sentences_are_no_log_odds() -> None:
    """A reader that scores sentences on a scale of its own never pulls neighbours in."""
    assert quoted(STORY, "A baker owned the ruin.", reading(STORY, "1804"), exact=False) == "A baker owned the ruin."


def test_widening_stops_where_a_quote_gets_long() -> None:
    """However near the neighbour's answer, a quote that was short does not become a passage."""
    text = f"{'It rained and rained ' * 17}in 1804. The mill was lost."

    assert quoted(text, "The mill", reading(text, "1804")) == "The mill was lost."
    assert len(text) > LONGEST

"""Promises of expansion: which whole sentences are quoted for the words that answer."""

from __future__ import annotations

import pytest

from qa.quoting.expansion import LONGEST, expand_to_sentences
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
    return expand_to_sentences(text, reading(text, words, exact=exact), others).of(text)


@pytest.mark.parametrize("words", ["the following", "library card", "signed"])
def test_an_introduced_list_is_quoted_whole(words: str) -> None:
    """An introduction such as "You need:" and its list are always quoted together."""
    assert quoted(LIST, words) == LIST[: LIST.index("\n\nThe office")]


def test_a_long_list_gives_the_item_that_answers() -> None:
    """If the whole list is too long for a quote, the item that answers is quoted alone."""
    text = LIST.replace("- two", "- " + "a very long paper about nothing, " * 12 + "\n- two")

    assert quoted(text, "signed") == "- a form, signed by a parent"


def test_a_list_without_introduction_gives_what_answers() -> None:
    """Unrelated items are not quoted together; items that both answer are."""
    rules = "- Ask before you post.\n- Pets are welcome.\n- Shoes stay outside."

    assert quoted(rules, "welcome") == "- Pets are welcome."
    assert quoted(rules, "welcome", reading(rules, "outside", 7.0)) == rules
    assert quoted(rules, "welcome", reading(rules, "outside", -9.0)) == "- Pets are welcome."


def test_a_row_is_quoted_alone() -> None:
    """A row is quoted without the rows above and below; the head of its table is context of the quote."""
    assert quoted(TABLE, "nine") == "| Monday | nine |"
    assert quoted(TABLE, "never", reading(TABLE, "nine", 7.9)) == "| Sunday | never |"


def test_a_neighbour_that_answers_nearly_as_well_is_quoted_too() -> None:
    """If the reader finds nearly equal answers in two adjacent sentences, both are quoted."""
    near, far = reading(STORY, "before 1811", 5.0), reading(STORY, "before 1811", 1.0)

    assert quoted(STORY, "A baker", near) == "A baker owned the ruin. Nobody rebuilt it before 1811."
    assert quoted(STORY, "A baker", far) == "A baker owned the ruin."
    assert quoted(STORY, "1804", near) == "The mill burned down in 1804."


def test_scores_of_whole_sentences_are_no_log_odds() -> None:
    """A reader that scores whole sentences on another scale never adds neighbours."""
    assert quoted(STORY, "A baker owned the ruin.", reading(STORY, "1804"), exact=False) == "A baker owned the ruin."


def test_widening_stops_where_a_quote_gets_long() -> None:
    """A neighbour is not added if the quote would become too long, however well it answers."""
    text = f"{'It rained and rained ' * 17}in 1804. The mill was lost."

    assert quoted(text, "The mill", reading(text, "1804")) == "The mill was lost."
    assert len(text) > LONGEST

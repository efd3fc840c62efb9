"""Promises of "how many" questions: what counts nothing is no answer."""

from __future__ import annotations

import pytest

from qa.quoting.quantities import below_counts, counts_nothing
from qa.quoting.quotes import propose
from tests.qa.quoting.articles import article, candidates, reading

FAIR = "# Fair\n\nThe fair of 2019 was called off because of a storm. In 2018 there were 41 stalls.\n"


@pytest.mark.parametrize(
    "text",
    [
        "The fair of 2019 was called off because of a storm.",
        "It was held from 28 June to 3 July 2015.",
        "The 14th fair takes place in 2022 instead.",
        "Register by 2024-04-30 or on 01/02/2024.",
        "The stalls open early.",
    ],
)
def test_dates_years_and_ordinals_are_no_counts(text: str) -> None:
    """Nothing here tells how many stalls there are."""
    assert counts_nothing("How many stalls were there in 2019?", text)


@pytest.mark.parametrize(
    "text",
    [
        "In 2017 there were 38.",
        "A team of 1000 people helped.",
        "Close to 1100 bidders came.",
        "Each table seats four people.",
        "You can bring as many as you like.",
        "There is no limit.",
        "It has no stalls.",
        "The stalls are Apple, Birch and Cedar.",
        "- Apple\n- Birch",
        "Several stalls stayed away.",
    ],
)
def test_numbers_words_and_lists_can_tell_how_many(text: str) -> None:
    """A quantity may be written in digits or words, or be counted in a list."""
    assert not counts_nothing("How many stalls were there in 2019?", text)


@pytest.mark.parametrize("question", ["When was the fair of 2019?", "How many years did the fair last?"])
def test_other_questions_need_no_count(question: str) -> None:
    """Only questions after a number of things are looked at; two dates can tell how many years."""
    assert not counts_nothing(question, "It was held from 28 June 2015 to 2017.")


def test_a_quote_without_a_count_is_no_answer() -> None:
    """Its confidence is below the threshold of an answer; that of another quote, and a lower one, stays."""
    (candidate,) = candidates(article(FAIR))
    called_off = propose(candidate, reading(candidate, "a storm"))
    counted = propose(candidate, reading(candidate, "41 stalls"))

    scores = below_counts(
        "How many stalls were there in 2019?", [0.8, 0.2, 0.7], [called_off, called_off, counted], 0.3
    )
    assert scores[0] < 0.3
    assert scores[1:] == [0.2, 0.7]

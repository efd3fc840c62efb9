"""Promises of proposals: readings stay in one block, and in a table they lead to the row that was asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa.quoting.proposing import propose_all
from qa.quoting.quotes import Proposal
from qa.reading.protocol import Reading
from tests.qa.quoting.articles import PLANS, article, candidates, reading

ARCADE = """# Arcade

The rules.

| Game | Tokens |
|---|---|
| Pinball | 2 |
| Racing | 3 |

1. Put a token into the slot.
2. Press the red button.
"""


def proposed(question: str, text: str, *words: str) -> list[Proposal]:
    """Return the proposals for readings of some words of an article's only section."""
    (candidate,) = candidates(article(text))
    return propose_all(question, [candidate], [reading(candidate, each) for each in words])


def marked(text: str, proposal: Proposal) -> list[str]:
    return [span.of(article(text).text) for span in proposal.highlights]


def test_a_reading_over_two_blocks_counts_where_most_of_it_is() -> None:
    """A reading from a row into the list below it quotes the row, and highlights one cell of it."""
    (proposal,) = proposed("How many tokens does racing cost?", ARCADE, "Racing | 3 |\n\n1.")

    assert proposal.text == "| Racing | 3 |"
    assert marked(ARCADE, proposal) == ["3"]


def test_a_list_marker_is_not_highlighted() -> None:
    """Highlights begin with a word; a reading of nothing else highlights nothing."""
    (item,) = proposed("What next?", ARCADE, "2. Press the red button")
    (marker,) = proposed("What next?", ARCADE, "2. ")

    assert marked(ARCADE, item) == ["Press the red button"]
    assert (marker.text, marker.highlights) == ("2. Press the red button.", ())


@pytest.mark.parametrize("words", ["Support", "forum", "| Nest | 0 | forum |\n| Delta"])
def test_the_row_is_the_one_that_the_question_names(words: str) -> None:
    """A reading in the head or in another row leads to the row with the words of the question."""
    (proposal,) = proposed("Which support does Ocean have?", PLANS, words)

    assert proposal.text == "| Ocean | 99 | telephone |"


def test_the_cell_in_the_same_column_is_highlighted() -> None:
    """If the question names the column, the cell of the other row is highlighted, else none."""
    (named,) = proposed("Which support does Ocean have?", PLANS, "forum")
    (other,) = proposed("What does Ocean cost?", PLANS, "forum")

    assert marked(PLANS, named) == ["telephone"]
    assert marked(PLANS, other) == []


BRANCHES = """# Branches

| Branch | Mon-Fri | Saturday | Sunday | Phone | What to do |
|---|---|---|---|---|---|
| Harbour | 8 to 18 | 9 to 14 | closed | 555-0101 | Ring twice |
| Old Town | 10 to 19 | 10 to 16 | 11 to 15 | 555-0102 | Walk in |
| Station | 6 to 22 | 7 to 21 | 8 to 20 | 555-0103 | Take a number |
"""


@pytest.mark.parametrize(
    ("question", "cells"),
    [
        ("When is the Old Town branch open on Saturday?", ["10 to 16"]),
        ("is old town open sun", ["11 to 15"]),
        ("When is Old Town open on Tuesday?", ["10 to 19"]),
        ("What is the phone number of the Old Town branch?", ["555-0102"]),
        ("What should I do in Old Town?", ["Walk in"]),
        ("Which branch is open from 11 to 15?", ["Old Town"]),
        ("What about the 555-0102 number?", ["Old Town"]),
    ],
)
def test_the_highlighted_cell_is_in_the_column_that_the_question_names(question: str, cells: list[str]) -> None:
    """The reader may have read any cell of the right row; a cell whose words are in the question is no answer."""
    (candidate,) = candidates(article(BRANCHES))

    for read in ("Old Town", "10 to 19", "10 to 16", "11 to 15", "555-0102", "Walk in"):
        (proposal,) = propose_all(question, [candidate], [reading(candidate, read)])
        assert proposal.text.startswith("| Old Town")
        assert marked(BRANCHES, proposal) == cells, read


def test_a_head_in_an_earlier_passage_names_the_columns() -> None:
    """Rows of a long table are read without their head; its names still count."""
    rows = "| Plan 54 | 54 EUR | by post |\n| Plan 55 | 55 EUR | by telephone |\n"
    (candidate,) = candidates(article(rows))
    stored = candidate.stored._replace(introduction="These are the plans.\n| Plan | Price | Support |")
    read = reading(candidate, "by telephone")

    (proposal,) = propose_all("What price is plan 55?", [replace(candidate, stored=stored)], [read])
    assert marked(rows, proposal) == ["55 EUR"]


def test_a_row_that_matches_as_well_as_others_stays() -> None:
    """If no other row has more of the question's words, the reader's choice counts."""
    (proposal,) = proposed("Which plan costs most?", PLANS, "99")

    assert proposal.text == "| Ocean | 99 | telephone |"
    assert marked(PLANS, proposal) == ["Ocean"]


def test_the_head_alone_is_never_quoted() -> None:
    """A reading in the head of a table is dropped if the question names no row."""
    assert proposed("Which plan costs most?", PLANS, "Price") == []
    assert [each.text for each in proposed("Which plan costs most?", PLANS, "Price", "99")] == [
        "| Ocean | 99 | telephone |"
    ]


@pytest.mark.parametrize(("day", "row"), [("Tuesday", "Tue"), ("wed", "Wednesday"), ("March", "Mar")])
def test_days_and_months_may_be_abbreviated(day: str, row: str) -> None:
    """A row is found by the short or the long name of a day or month."""
    text = (
        f"# Hours\n\nThey vary.\n\n| Time | Open |\n|---|---|\n| Monk | 1-2 |\n| Wood tea | 2-3 |\n| {row} | 9-12 |\n"
    )

    assert [each.text for each in proposed(f"Open in {day}?", text, "1-2")] == [f"| {row} | 9-12 |"]


def test_a_row_below_the_end_of_its_passage_is_quoted_too() -> None:
    """A passage may begin with rows, without their head."""
    text = PLANS.replace("| Plan | Price | Support |\n|------|-------|---------|\n", "")

    (proposal,) = proposed("What does Delta cost?", text, "forum")
    assert proposal.text == "| Delta | 19 | chat |"


def test_readings_of_white_space_raise_no_error() -> None:
    """A reading without words quotes something rather than failing."""
    (candidate,) = candidates(article("# T\n\nOne.\n\nTwo.\n"))

    (proposal,) = propose_all("Why?", [candidate], [Reading(0, 4, 6, 1.0, exact=True)])
    assert proposal.text == "One.\n\nTwo."

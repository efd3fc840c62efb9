"""Promises of context: what is shown above a quote so that it can be understood."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Article, Span
from qa.quoting.context import context_of
from qa.quoting.quotes import is_verbatim, quote_span
from tests.qa.quoting.articles import CHANGELOG, PLANS, article, place


def context(text: str, words: str, title: str | None = None) -> list[tuple[str, str]]:
    """Return kind and text of each slice of a quote's context."""
    made = article(text, title)
    return [(part.kind, part.text) for part in context_of(made, place(made.text, words))]


def test_a_line_of_a_changelog_brings_its_version() -> None:
    """The headings above a quote are its context, outermost first and without `#`; the title is not among them."""
    assert context(CHANGELOG, "- Dark mode for the reading pane.") == [
        ("heading", "[5.1.0] - 2024-05-21"),
        ("heading", "Added"),
    ]
    assert context(CHANGELOG, "All notable changes to the Sandpiper server.") == []


def test_a_heading_has_the_headings_above_it() -> None:
    """The context of a heading is what is above it in the outline, never the heading itself or the one before it."""
    assert context(CHANGELOG, "## [5.1.0] - 2024-05-21") == []
    assert context(CHANGELOG, "### Added") == [("heading", "[5.1.0] - 2024-05-21")]


def test_a_row_brings_the_head_of_its_table() -> None:
    """The head of a table is context of its rows, without the delimiter row, and not of itself."""
    assert context(PLANS, "| Ocean | 99 | telephone |") == [("table_head", "| Plan | Price | Support |")]
    assert context(PLANS, "| Plan | Price | Support |") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# F\n\nIntro.\n\n## Can I pay by card?\n\nYes, at the desk. Cash too.\n", "Cash too."),
        ("# F\n\nIntro.\n\n**Can I pay by card?**\n\nYes, at the desk.\n\nCash too.\n\n**Who?**\n\nI.\n", "Cash too."),
        ("# F\n\nIntro.\n\nQ: Who?\nA: I.\n\nCan I pay by card?\nYes, at the desk. Cash too.\n", "Cash too."),
        ("# F\n\nIntro.\n\n1. Who?\n\n   I.\n\n2. Can I pay by card?\n\n   Yes, at the desk. Cash too.\n", "Cash too."),
    ],
)
def test_the_answer_of_a_faq_brings_its_question(text: str, words: str) -> None:
    """The heading, line or list item that asks what the quote answers is its context, without markup."""
    assert context(text, words) == [("question", "Can I pay by card?")]


def test_only_the_deepest_question_is_the_question() -> None:
    """Of two headings that ask, the deeper one is the question."""
    text = "# F\n\nIntro.\n\n## How do I pay?\n\n### Can I pay by card?\n\nYes.\n"

    assert context(text, "Yes.") == [("heading", "How do I pay?"), ("question", "Can I pay by card?")]


@pytest.mark.parametrize(
    "text",
    [
        "# F\n\nIntro.\n\n- Who are you?\n- Why are you here?\n\nWe are open daily.\n",
        "# F\n\nIntro.\n\nWho are you?\n\n**Opening hours**\n\nWe are open daily.\n",
        f"# F\n\n{'A long story without an end. ' * 9}Who knows?\n\nWe are open daily.\n",
        "# F\n\nIntro.\n\n## Who are you?\n\nI.\n\n## Hours\n\nWe are open daily.\n",
    ],
)
def test_a_question_that_something_else_answers_is_no_context(text: str) -> None:
    """Questions in a list, above another title, at the end of a paragraph or of another section are left out."""
    assert not [kind for kind, _ in context(text, "We are open daily.") if kind == "question"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# F\n\nYou may. To join, bring two things:\n\n- a card\n", "- a card"),
        ("# F\n\nYou may. To join, bring two things:\n\n```\na photo\n```\n", "```\na photo\n```"),
    ],
)
def test_a_list_or_code_brings_what_introduces_it(text: str, words: str) -> None:
    """The last sentence before a list or code block is context, unless the quote contains it."""
    assert context(text, words) == [("introduction", "To join, bring two things:")]
    assert context(text, f"To join, bring two things:\n\n{words}") == []


def test_the_outermost_headings_are_left_out_first() -> None:
    """There are at most four slices and 300 characters; no heading is left out between two that are shown."""
    names = ["One", "Two", "Three", "Four", "Five"]
    headings = [f"{'#' * (depth + 2)} {name}\n\nText of {name}.\n\n" for depth, name in enumerate(names)]
    long = f"# T\n\nIntro.\n\n## One\n\nText.\n\n### {'w' * 295}\n\nText of it.\n\n#### Three two\n\nThe end.\n"

    assert context(f"# T\n\nIntro.\n\n{''.join(headings)}", "Text of Five.") == [("heading", n) for n in names[1:]]
    assert context(long, "The end.") == [("heading", "Three two")]


def test_context_is_checked_like_the_quote() -> None:
    """A quote whose context is not exactly in the article is not verbatim."""
    made = article(CHANGELOG)
    quote = quote_span("shared", made, place(made.text, "- Dark mode for the reading pane."), (), 0.9)
    wrong = replace(quote.context[0], text="[5.1.2] - 2024-05-21")

    assert is_verbatim(quote, made)
    assert not is_verbatim(replace(quote, context=(wrong, *quote.context[1:])), made)
    assert not is_verbatim(quote, replace(made, text=made.text.replace("2024-05-21", "2024-05-22")))


LINES = ["# A", "## B?", "### C c", "Who is it?", "**May I?**", "Yes. No.", "- one", "  - two:", "1. three", "```", ""]
TABLE = ["| a | b |", "|---|---|", "| 1 | 2 |"]


@given(st.lists(st.sampled_from([*LINES, *TABLE, "", "long " * 40]), min_size=1, max_size=25), st.data())
def test_limits_and_order_hold_for_any_article(rows: list[str], data: st.DataObject) -> None:
    """Slices are exact, before the quote, in order, apart, at most four, and together at most 300 characters."""
    made: Article = article("# Title\n\nIt begins.\n\n" + "\n".join(rows))
    start = data.draw(st.integers(0, len(made.text) - 1))
    found = context_of(made, Span(start, data.draw(st.integers(start + 1, len(made.text)))))

    assert len(found) <= 4
    assert sum(len(part.text) for part in found) <= 300
    assert all(part.text and part.text == made.text[part.start : part.end] for part in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(part.end <= start for part in found)

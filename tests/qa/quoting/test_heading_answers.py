"""Promises of headings that answer: a date, version or number that is in the heading itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qa.quoting.heading_answers import heading_proposals
from qa.quoting.quotes import is_verbatim, make_quote
from qa.reading.protocol import ReadingModels
from tests.qa.quoting.articles import CHANGELOG, article, candidates

if TYPE_CHECKING:
    from qa.reading.protocol import Reader

HISTORY = """# Bridge

Facts about the bridge.

Opened 3 May 1931
-----------------

The mayor cut a ribbon.

## Rule 7: Dogs

They are welcome.
"""


@pytest.mark.parametrize(
    ("question", "text", "line"),
    [
        ("When was 5.1.0 released?", CHANGELOG, "## [5.1.0] - 2024-05-21"),
        ("What date did version 5.1.1 come out?", CHANGELOG, "## [5.1.1] - 2024-06-03"),
        ("Which version was released on 2024-05-21?", CHANGELOG, "## [5.1.0] - 2024-05-21"),
        ("When was it opened?", HISTORY, "Opened 3 May 1931\n-----------------"),
        ("Which rule is about dogs?", HISTORY, "## Rule 7: Dogs"),
    ],
)
def test_the_whole_line_of_the_heading_is_proposed(question: str, text: str, line: str, reader: Reader) -> None:
    """The quote is the heading with its markup; the words that answer are highlighted inside it."""
    made = article(text)

    (proposal,) = heading_proposals(question, candidates(made), ReadingModels(reader, reader), lambda _: made)
    quote = make_quote(proposal, made, 0.9)
    assert quote.text == line
    assert is_verbatim(quote, made)
    assert all(quote.start <= span.start < span.end <= quote.end for span in quote.highlights)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When was 5.2.0 released?", CHANGELOG),
        ("Which version added dark mode?", CHANGELOG),
        ("What is new in 5.1.0?", CHANGELOG),
        ("When are dogs welcome?", HISTORY),
        ("Who opened it?", HISTORY),
        ("When?", HISTORY),
        ("How many dogs are welcome?", HISTORY),
    ],
)
def test_other_headings_are_not_proposed(question: str, text: str, reader: Reader) -> None:
    """A heading without what is asked for, or of another number or subject, does not answer."""
    made = article(text)

    assert heading_proposals(question, candidates(made), ReadingModels(reader, reader), lambda _: made) == []


def test_an_article_that_is_gone_has_no_headings(reader: Reader) -> None:
    """A candidate whose article was removed meanwhile is skipped."""
    found = candidates(article(CHANGELOG))

    assert heading_proposals("When was 5.1.0 released?", found, ReadingModels(reader, reader), lambda _: None) == []

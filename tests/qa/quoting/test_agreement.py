"""Promises of finding the same statement in other articles."""

from __future__ import annotations

import pytest

from index.models import Passage, Span, StoredPassage
from qa.quoting.agreement import find_same_statement
from qa.quoting.quotes import Proposal, propose
from qa.reading.protocol import Reading
from qa.retrieval.retriever import Candidate


def candidate(article: int, text: str, start: int = 0, library: str = "shared", heading: str = "") -> Candidate:
    passage = Passage(article * 10, article, start, start + len(text), heading)
    return Candidate(library, StoredPassage(passage, f"Article {article}", text, b""), 0.5, 0.5, 1.0)


def proposal(article: int, text: str, answer: str) -> Proposal:
    start = text.index(answer)
    return propose(candidate(article, text), Reading(0, start, start + len(answer), 5.0, exact=True))


FEE = proposal(1, "The yearly fee is 20 euros.", "20 euros")


def test_the_same_sentence_is_found_in_other_articles_only() -> None:
    """Each other article is named once, with the span of the sentence in its own text."""
    text = "Read this first. The yearly fee is *20 euros*! Pay by June."
    others = [
        candidate(1, "The yearly fee is 20 euros."),
        candidate(2, text, start=100),
        candidate(2, text, start=900),
        candidate(3, "The yearly fee is 25 euros."),
    ]

    assert [(c.stored.passage.article_id, span) for c, span in find_same_statement(FEE, others)] == [
        (2, Span(117, 146))
    ]


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("The core is written in C++.", "The core is written in C#."),
        ("The core is written in C++.", "The core is written in C."),
        ("A day ticket costs $20.", "A day ticket costs 20."),
        ("Store the paste at -5 degrees.", "Store the paste at 5 degrees."),
        ("Members get 10 % off each order.", "Members get 10 off each order."),
    ],
)
def test_a_sign_makes_another_statement(said: str, other: str) -> None:
    """Statements that differ in a sign alone are not named as the same."""
    one = proposal(1, said, said.rsplit(maxsplit=1)[-1])

    assert [c.stored.passage.article_id for c, _ in find_same_statement(one, [candidate(2, said)])] == [2]
    assert not list(find_same_statement(one, [candidate(2, other)]))


def test_a_short_statement_is_the_same_only_under_its_question() -> None:
    """Of several "No." in other articles, the one to the same question is named, asked in a heading or in the text."""
    one = propose(candidate(1, "No.", heading="Visits > Can I bring a dog?"), Reading(0, 0, 2, 5.0, exact=True))
    others = [
        candidate(2, "No.", heading="Can I smoke?"),
        candidate(3, "No.", heading="Rules > can I bring a dog"),
        candidate(4, "Can I smoke? No. Can I bring a dog? No.", heading="Questions"),
        candidate(5, "No."),
    ]

    assert [(c.stored.passage.article_id, span) for c, span in find_same_statement(one, others)] == [
        (3, Span(0, 3)),
        (4, Span(36, 39)),
    ]

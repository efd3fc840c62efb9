"""Promises of contradictions: another answer about the same thing, the newer one first, and nothing else."""

from __future__ import annotations

import pytest

from index.models import Passage, StoredPassage
from qa.outcome import Quote
from qa.quoting.contradictions import are_contradictory, have_different_dates, newest_first
from qa.quoting.quotes import Proposal, propose
from qa.reading.protocol import Reading
from qa.retrieval.retriever import Candidate


def proposal(article: int, text: str, answer: str, title: str = "Notice", heading: str = "") -> Proposal:
    start = text.index(answer)
    passage = Passage(article * 10, article, 0, len(text), heading)
    candidate = Candidate("shared", StoredPassage(passage, title, text, b""), 0.5, 0.5, 1.0)
    return propose(candidate, Reading(0, start, start + len(answer), 5.0, exact=True))


FEE = proposal(1, "The yearly fee is 20 euros.", "20 euros")


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("The yearly fee is 25 euros.", "25 euros", True),
        ("From May on, the yearly fee will be 25 euros.", "25 euros", True),
        ("From May on, the yearly fee will be 25 euros.", "May on, the yearly fee will be 25 euros", True),
        ("Since 1 May 2024 the yearly fee is 25 euros.", "25 euros", True),
        ("The yearly fee is 20.00 euros.", "20.00 euros", False),  # the same number
        ("The yearly fee is twenty euros.", "twenty euros", False),  # the same, or not: nobody can tell by its words
        ("The yearly fee is 20 euros, or less.", "20 euros", False),
        ("The yearly fee is 25 euros for everyone.", "25 euros", True),
        ("The yearly fee for students is 10 euros.", "10 euros", False),  # an exception
        ("The yearly fee is 10 euros for students.", "10 euros for students", False),
        ("The yearly fee is 25 euros on weekends.", "25 euros on weekends", False),
        ("The boat leaves at 9 every day.", "9", False),  # about something else
        ("The yearly fee is small.", "small", False),  # no number beside a number
    ],
)
def test_a_contradiction_is_another_answer_in_like_words(text: str, answer: str, *, expected: bool) -> None:
    """Statements contradict each other only if they are similar and their answers are of one kind."""
    assert are_contradictory("how high is the yearly fee?", FEE, proposal(2, text, answer)) is expected


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "Who is the chair?",
            ("The chair is Ida Lund.", "Ida Lund"),
            ("The chair is Per Moe since the last meeting.", "Per Moe since the last meeting"),
        ),
        (
            "When is it open?",
            ("The hall is open from 9 to 17.", "9 to 17"),
            ("The hall is open from 9 to 18.", "9 to 18"),
        ),
        ("How many guests?", ("A member may bring two guests.", "two"), ("A member may bring three guests.", "three")),
        (
            "When does the choir meet?",
            ("The choir meets on Monday evening.", "Monday evening"),
            ("The choir now meets on Tuesday evening.", "Tuesday evening"),
        ),
    ],
)
def test_values_and_names_can_differ(question: str, one: tuple[str, str], other: tuple[str, str]) -> None:
    """Numbers in digits or words, days, and names are answers of one kind."""
    assert are_contradictory(question, proposal(1, *one), proposal(2, *other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("The Kiel branch opens at 9.", "9"), ("The Ulm branch opens at 10.", "10")),
        (("The library opens at 9.", "9", "Kiel"), ("The library opens at 10.", "10", "Ulm")),
        (
            ("The library opens at 9.", "9", "Hours", "Branches > Kiel"),
            ("The library opens at 10.", "10", "Hours", "Branches > Ulm"),
        ),
        (("Tickets for adults cost 20 crowns.", "20 crowns"), ("Tickets for children cost 10 crowns.", "10 crowns")),
        (
            ("A berth costs 20 crowns a night.", "20 crowns a night"),
            ("A berth costs 90 crowns a week.", "90 crowns a week"),
        ),
        (
            ("Season three opened on 19 May 2004.", "19 May 2004"),
            ("Season four opened on 18 June 2005.", "18 June 2005"),
        ),
        (("In 2019 the fee was 20 euros.", "20 euros"), ("In 2023 the fee was 25 euros.", "25 euros")),
        (("In summer the pool opens at 7.", "7"), ("In winter the pool opens at 9.", "9")),
        (("The hall is small.", "small"), ("The hall is closed.", "closed")),
    ],
)
def test_different_things_are_no_contradiction(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Another branch, season, person, unit or year is another thing, named by the statement, title or heading."""
    for question in ("when does it open?", "how much is it?", "how is the hall?"):
        assert not are_contradictory(question, proposal(1, *one), proposal(2, *other))
        assert not are_contradictory(question, proposal(2, *other), proposal(1, *one))


def test_dates_in_titles_are_no_difference() -> None:
    """The price lists of two years are about the same thing."""
    old, new = (
        proposal(number, f"A berth costs {price} crowns.", f"{price} crowns", title)
        for number, price, title in ((1, 40, "Fees 2023"), (2, 55, "Fees from 1 May 2024 (new)"))
    )

    assert are_contradictory("what does a berth cost?", old, new)


def test_what_the_question_names_is_named_by_both() -> None:
    """A statement without a word of the question that the first one has is about something else."""
    one, other = (proposal(1, "The Kiel branch opens at 9.", "9"), proposal(2, "The branch opens at 10.", "10"))

    assert not are_contradictory("when does the Kiel branch open?", one, other)


def test_an_article_does_not_contradict_itself() -> None:
    """Two sentences of one article are never a contradiction."""
    assert not are_contradictory("how high is the fee?", FEE, proposal(1, "The yearly fee is 25 euros.", "25 euros"))


def quote(text: str, published: str | None, confidence: float, *, differs: bool = False) -> Quote:
    return Quote("one", 1, "T", "t", 0, 1, text, (), 1, 1, confidence, published=published, differs=differs)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2023-05-01", "2024-05-01", True),
        ("2024-05-01T08:00", "2024-05-01T09:00", False),
        ("2024-05-01", None, False),
        (None, None, False),
    ],
)
def test_only_dated_articles_contradict_each_other(one: str | None, other: str | None, *, expected: bool) -> None:
    """Without two dates nobody can tell which article counts."""
    assert have_different_dates(quote("a", one, 0.9), quote("b", other, 0.9)) is expected


def test_the_newest_is_first() -> None:
    """Quotes that contradict each other come first, by date, and only the newest has no `differs`."""
    quotes = [
        quote("old", "2021-01-01", 0.9),
        quote("aside", "2025-01-01", 0.7),
        quote("new", "2024-01-01", 0.6, differs=True),
        quote("middle", "2022-01-01", 0.5, differs=True),
    ]

    ordered = newest_first(quotes)

    assert [(each.text, each.differs, each.confidence) for each in ordered] == [
        ("new", False, 0.9),
        ("middle", True, 0.5),
        ("old", True, 0.9),
        ("aside", False, 0.7),
    ]
    assert newest_first(quotes[:2]) == quotes[:2]
    assert newest_first([]) == []

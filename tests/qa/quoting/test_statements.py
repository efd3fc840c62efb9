"""Promises of comparing statements: words, numbers and signs count, typography does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Passage, Span, StoredPassage
from qa.quoting.statements import Statement, signs, statement_in, statement_tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The **fee** is\n\u201c20 euros\u201d.", "the fee is '20 EUROS'"),
        ("A well-known rule \u2014 of old!", "a well known rule of old"),
        ("10 % off", "10% off"),
        ("Rooms 5\u201310", "rooms 5 - 10"),
        ("\u2212 5 \u00b0C", "-5\u00b0C"),
        ('They said "pay 20".', "They said pay 20"),
        ("Don't!", "don\u2019t"),
        ("COVID-19 (see below)...", "Covid 19: see below"),
        ("Sta\u00adtion", "station"),
    ],
)
def test_typography_makes_no_difference(one: str, other: str) -> None:
    """Case, quotation marks, dashes between words, punctuation and white space are not compared."""
    assert statement_tokens(one) == statement_tokens(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The fee is 20 euros", "The fee is 25 euros"),
        ("written in C++", "written in C#"),
        ("written in C++", "written in C"),
        ("$20", "EUR 20"),
        ("$20", "\u20ac20"),
        ("-5", "5"),
        ("from \u22125 \u00b0C", "from 5 \u00b0C"),
        ("5 \u00b0C", "5 C"),
        ("10 %", "10"),
        ("a < b", "a > b"),
        ("x = 1", "x != 1"),
        ("3.5 hours", "35 hours"),
        ("3.5 hours", "3 5 hours"),
        ("at 7:30", "at 7 30"),
        (".NET", "net"),
        ("Node.js", "Node JS"),
        ("1/2", "12"),
        ("1\u00bd", "11/2"),
        ("10\u00b2", "102"),
        ("R&D", "R D"),
        ("@ada", "ada"),
        ("#5", "5"),
        ("2 * 5", "2 5"),
        ("6'", '6"'),
        ("\u2713", "\u2717"),
        ("\u0926\u093f\u0928", "\u0926\u093e\u0928"),  # Hindi: day, gift; only the vowel sign differs
    ],
)
def test_numbers_and_signs_make_a_difference(one: str, other: str) -> None:
    """A number with its separators, a sign and a letter's mark carry meaning."""
    assert statement_tokens(one) != statement_tokens(other)


def test_signs_are_what_stems_leave_out() -> None:
    """Only tokens with more than letters or digits are signs."""
    assert signs("The C# build of Node.js 18 costs $5.50, or 10 %") == ("#", "node.js", "$", "5.50", "%")


def stored(text: str, heading: str = "", title: str = "House rules") -> StoredPassage:
    return StoredPassage(Passage(1, 1, 0, len(text), heading), title, text, b"")


@pytest.mark.parametrize(
    ("text", "heading", "about"),
    [
        ("May I smoke? No.", "Questions", "may i smoke"),
        ("No.", "House > May I smoke?", "may i smoke"),
        ("Smoking is bad. No.", "", "smoking is bad"),
        ("No.", "", "house rules"),
    ],
)
def test_what_a_short_statement_is_about(text: str, heading: str, about: str) -> None:
    """It is about the question before it, else the deepest heading, else the sentence before, else the title."""
    found = statement_in(stored(text, heading), Span(len(text) - 3, len(text)))

    assert found == Statement(("no",), tuple(about.split()))


def test_a_whole_sentence_needs_no_context() -> None:
    """A statement of five words or more is the same under any heading."""
    text = "Dogs travel free on every boat."

    assert statement_in(stored(text, "Dogs"), Span(0, len(text))).context == ()


@pytest.mark.parametrize(
    ("longer", "expected"),
    [
        ("He knew that the core is written in C, and said so.", True),
        ("The core is written in C++.", False),
        ("It is not true that the core is written in C.", False),
        ("The core is written in Rust.", False),
    ],
)
def test_a_longer_statement_repeats_what_it_contains(longer: str, *, expected: bool) -> None:
    """A contained statement is a repetition, unless a sign beside it or a negation changes what it says."""
    one, other = (Statement(statement_tokens(text), ()) for text in ("The core is written in C.", longer))

    assert one.repeats(other) is other.repeats(one) is expected


def test_a_short_statement_is_not_repeated_elsewhere() -> None:
    """The same short words about something else are no repetition."""
    dogs, cats = (Statement(("no",), (topic,)) for topic in ("dogs", "cats"))

    assert dogs.repeats(dogs)
    assert not dogs.repeats(cats)


@given(st.text())
def test_any_text_has_tokens_without_white_space(text: str) -> None:
    """No text breaks the comparison."""
    assert all(token.split() == [token] for token in statement_tokens(text))

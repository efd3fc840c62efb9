"""Promises of question equivalence: which differences in wording make another question."""

from __future__ import annotations

import pytest

from qa.pins.question_equivalence import asks_the_same, has_content_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("When was the lighthouse built?", "when was the lighthouse built"),
        ("When was the lighthouse built?", "When were the lighthouses built??"),
        ("When was the lighthouse built?", "hi, please tell me when the lighthouse was built!"),
        ("When was the lighthouse built?", "lighthouse built"),
        ("When was the lighthouse built?", "when was the lihgthouse built"),
        ("When was the lighthouse built?", "When was the light house built?"),
        ("What colour is Song-il's flag?", "what color is Songil’s flag"),
        ("Who is the keeper?", "who's the keeper"),
        ("How do I appeal a ban?", "How can we appeal bans?"),
        ("Was kostet die Fähre?", "was kostet die fahre"),
        ("Why can't I post?", "Why can I not post?"),
        ("地图在哪里？", "地图在哪里"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    """Case, punctuation, small words, endings, spelling, key words alone and one typo do not make another question."""
    assert asks_the_same(one, other)
    assert asks_the_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("When was the lighthouse built?", "Who built the lighthouse?"),
        ("Who established the monastery?", "When was the monastery established?"),
        ("When did South Africa end the occupation?", "Why did South Africa end the occupation?"),
        ("Can I post before eight?", "Can I post after eight?"),
        ("What is new in T-ray imaging?", "What is not new in T-ray imaging?"),
        ("Who was it that had no boat?", "Who wasn't it that had no boat?"),
        ("Can I post links?", "Can't I post links?"),
        ("Is it allowed to post pictures?", "Is it not allowed to post pictures?"),
        ("Does the ferry go from Oslo to Kiel?", "Does the ferry go from Kiel to Oslo?"),
        ("Who defeated Rome?", "Who was defeated by Rome?"),
        ("Where was it ranked in 2013?", "Where was it ranked in 2014?"),
        ("Who won season nine?", "Who won season ten?"),
        ("How many cats are there?", "How many cars are there?"),
        ("What is the ferry?", "What is the price of the ferry?"),
        ("地图在哪里？", "地图有多大？"),
        ("", ""),
        ("what is it?", "what is it?"),
        ("🙂", "🙂"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    """Who, when and why, a negation, a direction, a number or another name make another question."""
    assert not asks_the_same(one, other)
    assert not asks_the_same(other, one)


def test_a_word_of_the_articles_is_no_slip() -> None:
    """A word that differs by one letter is a typo only if it occurs in no article."""
    one, other = "When did the house burn?", "When did the horse burn?"

    assert asks_the_same(other, one)
    assert not asks_the_same(other, one, is_known={"horse"}.__contains__)


@pytest.mark.parametrize(("question", "says"), [("who built it?", True), ("what is it?", False), ("???", False)])
def test_says_something(question: str, says: bool) -> None:
    """A question without content words cannot be distinguished from others."""
    assert has_content_words(question) is says

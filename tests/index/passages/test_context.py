"""The context of a passage fits: what says most about it is kept first."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from index.passages.context import Context, fit_context, shorten


def words(texts: Sequence[str]) -> list[int]:
    """Count the words of each text."""
    return [len(text.split()) for text in texts]


def names(title: str, heading: str, tokens: int) -> str:
    return fit_context(title, heading, "", words, tokens).names


def test_all_is_kept_where_it_fits() -> None:
    """Names are outermost first; what is embedded has the head of a table, not the sentence above it."""
    found = fit_context("Guide", "Install > On Linux", "Run this:\n| a | b |", words)
    assert found == Context("Guide", "Install > On Linux", "Run this:\n| a | b |")
    assert found.names == "Guide > Install > On Linux"
    assert found.prefix == "Guide\nInstall > On Linux\n| a | b |\n"
    assert fit_context("", "", "", words).prefix == ""


def test_outer_headings_go_first_then_the_title() -> None:
    """The deepest heading is kept whole; the outermost one is left out first."""
    path = "Part one > Chapter > How to leave"
    assert names("The guide", path, 11) == "The guide > Part one > Chapter > How to leave"
    assert names("The guide", path, 9) == "The guide > Chapter > How to leave"
    assert names("The guide", path, 7) == "The guide > How to leave"
    assert names("The guide", path, 6) == "The guide > How to leave"
    assert names("The big guide", "A > How to leave", 6) == "The big > How to leave"


def test_a_title_that_is_a_heading_is_named_once() -> None:
    """No name is repeated."""
    assert names("Guide", "Guide", 64) == "Guide"
    assert names("Guide", "Guide > Install", 64) == "Guide > Install"


def test_shortening_keeps_whole_words() -> None:
    """A text is cut after the last word that fits; nothing remains if the first does not."""
    assert shorten("one two three", words, 2) == "one two"
    assert shorten("one two three", words, 3) == "one two three"
    assert shorten("one", words, 0) == ""


@given(st.text(max_size=40), st.text(alphabet="ab >", max_size=60), st.text(max_size=60), st.integers(2, 12))
def test_the_limits_hold(title: str, heading: str, introduction: str, tokens: int) -> None:
    """Names and introduction never have more tokens than allowed."""
    found = fit_context(title, heading, introduction, words, tokens, tokens)
    assert isinstance(found, Context)
    assert words([found.names])[0] <= tokens
    assert words([found.introduction])[0] <= tokens

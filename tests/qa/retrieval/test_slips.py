"""Promises of slips: a misspelling is told from another word by the letters of both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.retrieval.slips import slip_between


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("mandlea", "mandela"),  # transposed
        ("mohamed", "mohammed"),  # a double letter typed once
        ("obbama", "obama"),  # and a single one twice
        ("fenmoor", "fennmoor"),
        ("mandla", "mandela"),  # missing
        ("brendstrup", "brandstrup"),  # exchanged, in a long word
        ("wilhelmeina", "wilhelmina"),  # added, in a long word
    ],
)
def test_sure_slips(typed: str, written: str) -> None:
    """One slip that hardly makes another name."""
    assert slip_between(typed, written) == "sure"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("kagami", "kagame"),  # another ending
        ("docker", "decker"),  # an exchanged letter in a short word
        ("marin", "martin"),  # a short word without a letter
        ("pikachu", "pikchu"),  # one with another letter
        ("christine", "christina"),
        ("peterson", "petersen"),
        ("alexander", "alexandra"),  # two edits
    ],
)
def test_what_may_be_another_name_is_doubtful(typed: str, written: str) -> None:
    """One edit in a short word or an ending, and two edits in a long word."""
    assert slip_between(typed, written) == "doubtful"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("elon", "elton"),  # four letters
        ("valorant", "vapor"),
        ("fortnite", "fortuitous"),
        ("musk", "must"),
        ("wordle", "world"),
        ("rocker", "docker"),  # another first letter
        ("mandela", "mandela"),
        ("kagami", "kigame"),  # two edits in a short word
        ("", "a"),
    ],
)
def test_other_words_are_no_slips(typed: str, written: str) -> None:
    """More edits than a word of its length may have, whatever the stems."""
    assert slip_between(typed, written) is None


@given(st.text(), st.text())
def test_any_two_words_can_be_compared(typed: str, written: str) -> None:
    """No pair of texts breaks it, and a text is no misspelling of itself."""
    slip_between(typed, written)
    assert slip_between(typed, typed) is None

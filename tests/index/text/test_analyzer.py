"""The analyzer makes different spellings of a word match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.analyzer import index_terms, key_terms


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("myongil", "Myong-il"),
        ("HAN SONGIL", "Han Song‑il"),
        ("colours", "color"),
        ("organisation", "organization"),
        ("travelling", "traveling"),
        ("cafe", "Café"),
        ("ﬁle", "files"),
        ("obrien", "O’Brien"),
        ("covid19", "COVID-19"),
        ("v231", "v2.3.1"),
        ("서울", "서울"),
    ],
)
def test_spellings_of_one_word_meet(typed: str, written: str) -> None:
    """All terms of a typed word are terms of the spelling in the article."""
    assert set(index_terms(typed)) <= set(index_terms(written))


@pytest.mark.parametrize(
    ("one", "other"), [("four", "for"), ("university", "universe"), ("2019", "2020"), ("il", "ill")]
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    """Folding does not make different words the same."""
    assert set(index_terms(one)).isdisjoint(index_terms(other))


def test_key_words_leave_out_what_every_question_has() -> None:
    """Function words are left out unless a question consists of nothing else."""
    assert key_terms("Who is the director of the committee?") == index_terms("director committee")
    assert key_terms("who is it") == index_terms("who is it")


@given(st.text())
def test_any_text_gives_words_that_fts_can_take(text: str) -> None:
    """A term consists of letters and digits only, so no text can break a query."""
    assert all(word.isalnum() and '"' not in word for word in index_terms(text))

"""Titles that are too long stay apart from each other in every list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.truncate import beginning, shorten, shorten_apart

LONG = (
    "A very long title about the rules of the annual meeting of the friends of the old lighthouse on the isle of Skarn"
)


def test_the_end_of_a_title_is_kept() -> None:
    """It is cut in the middle, between words."""
    cut = shorten(f"{LONG} and its neighbours 1", 100)
    assert cut == "A very long title about the rules of the annual meeting of the … of Skarn and its neighbours 1"


def test_a_short_one_is_left_alone() -> None:
    """What fits is not touched."""
    assert shorten("Spring fair", 11) == beginning("Spring fair", 11) == "Spring fair"
    assert shorten_apart(["Spring fair", "Autumn fair"], 11) == ["Spring fair", "Autumn fair"]


@pytest.mark.parametrize("limit", [45, 70, 80, 100])
def test_titles_that_differ_anywhere_stay_apart(limit: int) -> None:
    """At the beginning, in the middle, at the end, or in the one word that both cuts would take away."""
    for names in (
        [f"{year} {LONG}" for year in (2023, 2024)],
        [f"{LONG[:60]} {year} {LONG[60:]}" for year in (2023, 2024)],
        [f"{LONG} {year}" for year in (2023, 2024)],
        [f"{LONG} {year} {LONG}" for year in (2023, 2024)],
        [f"{LONG[:60]}x{LONG[60:]}", LONG + LONG, LONG],
    ):
        short = shorten_apart(names, limit)
        assert len(set(short)) == len(names)
        assert max(map(len, short)) <= limit
        if "2023" in names[0] and names[0].index("2023") < len(LONG):
            assert ["2023" in short[0], "2024" in short[1]] == [True, True]


def test_equal_titles_get_their_details_or_numbers() -> None:
    """Details only if they tell all of them apart."""
    assert shorten_apart(["Fair", "Fair", "Rules"], 20) == ["Fair (1)", "Fair (2)", "Rules"]
    assert shorten_apart(["Fair", "Fair"], 20, ["2023", "2024"]) == ["Fair 2023", "Fair 2024"]
    assert shorten_apart(["Fair", "Fair"], 20, ["2023", "2023"]) == ["Fair (1)", "Fair (2)"]
    assert len(set(shorten_apart([LONG, LONG], 45, ["a" * 90 + "1", "a" * 90 + "2"]))) == 2


@given(st.lists(st.text(min_size=0, max_size=150), max_size=6), st.integers(40, 100))
def test_never_too_long(names: list[str], limit: int) -> None:
    """Whatever the titles contain."""
    assert all(len(name) <= limit for name in shorten_apart(names, limit))
    assert all(len(shorten(name, limit)) <= limit for name in names)


def test_no_character_is_divided() -> None:
    """A letter keeps its accents, and an emoji its parts."""
    family = "👨\u200d👩\u200d👧"
    cut = shorten(f"{family * 40}", 60)
    assert cut.replace(family, "").strip() == "…"

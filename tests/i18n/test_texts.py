"""The bot's own words: one catalogue, in a shape that another language can take."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from i18n import texts
from i18n.catalogue import Texts
from i18n.translation import translation

CATALOGUE = {name: getattr(texts, name) for name in dir(texts) if name.isupper()}


def words(value: object) -> list[str]:
    """Return every string of a catalogue entry."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in words(item)]
    if isinstance(value, tuple):
        return [text for item in value for text in words(item)]
    return [value] if isinstance(value, str) else []


def test_each_name_stands_once() -> None:
    """No two subjects have a text of one name, of which only the first would be seen."""
    names = [name for base in Texts.__mro__ for name in vars(base) if name.isupper()]

    assert sorted(names) == sorted(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_entries_can_be_translated(name: str) -> None:
    """An entry is words, without code; its gaps have names, so that another language may order them anew."""
    for text in words(CATALOGUE[name]):
        gaps = [gap for _, gap, _, _ in Formatter().parse(text) if gap is not None]
        assert text.strip()
        assert all(re.fullmatch(r"[a-z_]+", gap) for gap in gaps)


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name.endswith(("_NAME", "_DESCRIPTION"))])
def test_discord_takes_names_and_descriptions(name: str) -> None:
    """Names of commands are lower case and short; descriptions are at most 100 characters long when filled."""
    text = CATALOGUE[name].format(limit=500)

    assert len(text) <= 100
    assert not name.endswith("_NAME") or re.fullmatch(r"[a-z-]{1,32}", text)


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name.endswith("_BUTTON")])
def test_buttons_stay_short(name: str) -> None:
    """A button's label fits on a phone, and into Discord's 80 characters."""
    assert 1 <= len(CATALOGUE[name]) <= 22


def test_french_punctuation_keeps_its_line() -> None:
    """French has a no-break space before a colon and a narrow one before `; ? !`, so that no line begins with them."""
    french = [text for entry in translation("fr").values() for text in words(entry)]
    spaces = {mark: {text[at - 1] for text in french for at in _places(text, mark)} for mark in ":;?!"}

    assert spaces == {":": {"\u00a0"}, ";": {"\u202f"}, "?": {"\u202f"}, "!": {"\u202f"}}


def _places(text: str, mark: str) -> list[int]:
    """Return the offsets of a punctuation mark, except inside gaps, addresses and Discord's markdown."""
    return [found.start() for found in re.finditer(rf"{re.escape(mark)}(?=[\s*]|$)", text)]

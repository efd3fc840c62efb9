"""Every language says what the English catalogue says: all of it, with the same gaps and marks, and short enough."""

from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files
from string import Formatter

import pytest

from i18n.catalogue import dictionary, english_texts, strings
from i18n.languages import ENGLISH, LANGUAGES
from i18n.translation import translation

CATALOGUE = english_texts()
OTHERS = [language for language in LANGUAGES if language != ENGLISH]

# What Discord allows, and for buttons what fits on a phone. The first pattern that fits a name decides.
LIMITS = [
    (
        r".*_DESCRIPTION|SETTINGS_OPTIONS|REASONS|MODES|LAYOUTS|SETUP_LIMIT|LANGUAGE_OF_EACH|PAUSE_TIMES|AS_SERVER|.*_FORM_.*_HINT|TRIAL_FORM_HINT",
        100,
    ),
    (r"ANSWER_THIS|FIND_SOURCE|SAVE_AS_ARTICLE|.*_MENU", 32),
    (r".*_BUTTON", 20),
    (r"REASON_(TITLE|LABEL|DETAILS)|.*_FORM_.*|WELCOME_(ADD|SETUP)|WIZARD_(SKIP|ADD_MORE|LABELS)", 45),
    (r"WIZARD_CHOOSE.*|FLOOR.*|IN_.*", 100),
    (r"PIN_QUOTE|PINS_UNPIN", 100),
    (r".*", 1900),
]

pytestmark = pytest.mark.parametrize("language", OTHERS)


def pairs(language: str) -> list[tuple[str, str, str]]:
    """Return name, English text and translation of every text that both catalogues have."""
    found = translation(language)
    both = [name for name in CATALOGUE if name in found]
    return [
        (name, *each) for name in both for each in zip(strings(CATALOGUE[name]), strings(found[name]), strict=False)
    ]


def gaps(text: str) -> Counter[tuple[str, str | None]]:
    """Return the gaps of a text with their formats."""
    return Counter((gap, form) for _, gap, form, _ in Formatter().parse(text) if gap is not None)


def marks(text: str) -> dict[str, object]:
    """Return what Discord and the bot read in a text: commands, settings, addresses, and marks of markdown."""
    return {
        "code": Counter(re.findall(r"`[^`]+`", text)),
        "settings": Counter(re.findall(r"\b[A-Z]+_[A-Z_]+\b", text)),
        "addresses": Counter(re.findall(r"https?://\S*", text)),
        "bold": text.count("**"),
        "italics": len(re.findall(r"(?<!\*)\*[^*\n]+\*(?!\*)", text)),
        "small": len(re.findall(r"^-# ", text, re.MULTILINE)),
        "lines": text.count("\n"),
    }


def test_no_key_is_missing(language: str) -> None:
    """Each text of the English catalogue is there, and no other; the failure names them."""
    found = set(translation(language))

    assert {"missing": sorted(set(CATALOGUE) - found), "unknown": sorted(found - set(CATALOGUE))} == {
        "missing": [],
        "unknown": [],
    }


def test_shapes_agree(language: str) -> None:
    """Where English has several texts under one name, so has the translation, under the same keys and numbers."""

    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {key: shape(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(shape(item) for item in value)
        return str if isinstance(value, str) else value

    found = translation(language)
    assert {name: shape(found[name]) for name in CATALOGUE if name in found} == {
        name: shape(value) for name, value in CATALOGUE.items() if name in found
    }


def test_gaps_agree(language: str) -> None:
    """A translation has the gaps of its English text, in any order, with the same formats."""
    wrong = {name: other for name, english, other in pairs(language) if gaps(english) != gaps(other)}

    assert wrong == {}


def test_marks_agree(language: str) -> None:
    """Commands, settings, addresses and marks of markdown are those of the English text."""
    wrong = {name: other for name, english, other in pairs(language) if marks(english) != marks(other)}

    assert wrong == {}


def test_buttons_are_called_what_they_are(language: str) -> None:
    """A text that names a button, in italics, names the button that members see."""
    found = dictionary(language)
    named = re.compile(r".*_(BUTTON|MENU)|ANSWER_THIS|FIND_SOURCE")
    labels = {english: found[english] for name, english, _ in pairs(language) if named.fullmatch(name)}
    for name, english, other in pairs(language):
        missing = [own for label, own in labels.items() if f"*{label}*" in english and f"*{own}*" not in other]
        assert not missing, f"{name} does not name {missing}"


def test_lengths(language: str) -> None:
    """Every text is as short as its place on Discord wants, with gaps filled."""
    for name, _, other in pairs(language):
        limit = next(limit for pattern, limit in LIMITS if re.fullmatch(pattern, name))
        filled = re.sub(r"\{[^}]*\}", "12345", other)
        assert 1 <= len(filled) <= limit, f"{name} has {len(filled)} characters, at most {limit} are allowed"


def test_nothing_is_left_in_english(language: str) -> None:
    """No text of three words or more is the English one, and none begins or ends with white space of its own."""
    for name, english, other in pairs(language):
        words = re.findall(r"[^\W\d_]{2,}", re.sub(r"\{[^}]*\}|`[^`]+`", "", english))
        assert other != english or len(words) < 3, f"{name} is English"
        assert (other[:1].isspace(), other[-1:].isspace()) == (english[:1].isspace(), english[-1:].isspace())
        assert not re.search(r"[^\S\n]{2}", other), f"{name} has two spaces"


def test_words_of_commands_are_unambiguous(language: str) -> None:
    """What two names say alike in English they say alike in the translation, so that the English words are enough."""
    found: dict[str, str] = {}
    for name, english, other in pairs(language):
        assert found.setdefault(english, other) == other, name


def test_each_language_has_its_file(language: str) -> None:
    """The files are those of the languages that the bot knows, and each serves a locale of Discord."""
    stored = {item.name for item in files("i18n").joinpath("translations").iterdir() if item.name.endswith(".toml")}

    assert stored == {f"{other}.toml" for other in OTHERS}
    assert LANGUAGES[language].locales

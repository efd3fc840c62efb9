"""The language that the bot speaks: English, or one of those whose texts lie in `i18n/translations`.

`texts.NAME` is the text in the language in force, which belongs to the task or the thread's job that reads it. Whoever
takes something from Discord says once which one that is; it is English until then, as in the terminal.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from types import ModuleType
from typing import Any, Final, Self

ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its own name, the locales of Discord that it serves, and how it writes numbers."""

    name: str
    locales: tuple[str, ...]
    thousands: str
    point: str
    percent: str


_NARROW: Final = "\u202f"  # a narrow space at which no line is broken
LANGUAGES: Final[Mapping[str, Language]] = {
    ENGLISH: Language("English", ("en-US", "en-GB"), ",", ".", "%"),
    "de": Language("Deutsch", ("de",), ".", ",", f"{_NARROW}%"),
    "es": Language("Español", ("es-ES", "es-419"), _NARROW, ",", f"{_NARROW}%"),
    "fr": Language("Français", ("fr",), _NARROW, ",", f"{_NARROW}%"),
    "it": Language("Italiano", ("it",), ".", ",", "%"),
    "pt-BR": Language("Português do Brasil", ("pt-BR",), ".", ",", "%"),
}
_OF_LOCALE: Final = {locale: code for code, language in LANGUAGES.items() for locale in language.locales}

# Names of commands stay English, so that what is said about them holds in every language. The others are for operators.
_ENGLISH_ONLY: Final = frozenset({"TOKEN_MISSING", "TOKEN_REFUSED", "INTENTS_REFUSED", "UNREACHABLE"})

_in_force: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language_of(*locales: object) -> str:
    """Return the language of the first of these locales of Discord that has one; English where none has."""
    return next((_OF_LOCALE[str(locale)] for locale in locales if str(locale) in _OF_LOCALE), ENGLISH)


def in_force() -> str:
    """Return the language in force here."""
    return _in_force.get()


def speak(language: str) -> None:
    """Put a language in force for the rest of this task. One that is not known here is English."""
    _in_force.set(language if language in LANGUAGES else ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Put a language in force inside the block."""
    before = _in_force.get()
    speak(language)
    try:
        yield
    finally:
        _in_force.set(before)


class Catalogue(ModuleType):
    """A module of English texts that gives each of them in the language in force."""

    def __getattribute__(self, name: str) -> Any:
        english = super().__getattribute__(name)
        return translation(_in_force.get()).get(name, english) if name.isupper() else english


def is_translated(name: str) -> bool:
    """Tell whether an entry of the catalogue is to be there in every language."""
    return name.isupper() and not name.endswith("_NAME") and name not in _ENGLISH_ONLY


@cache
def translation(language: str) -> Mapping[str, Any]:
    """Return a language's catalogue, in the shape of the English one; nothing for English itself."""
    if language == ENGLISH:
        return {}
    stored = files("i18n").joinpath("translations", f"{language}.toml").read_text(encoding="utf-8")
    numbers = _Numbers(LANGUAGES[language])
    return {name: _shaped(value, numbers) for name, value in tomllib.loads(stored).items()}


@cache
def dictionary(language: str) -> Mapping[str, str]:
    """Return a language's word for each English text, for what is translated before anyone asks for it."""
    from i18n import texts

    english, found = vars(texts), translation(language)
    both = [name for name in found if name in english]
    return dict(pair for name in both for pair in zip(strings(english[name]), strings(found[name]), strict=True))


def strings(entry: object) -> list[str]:
    """Return every text of an entry of the catalogue, in order; dictionaries are ordered by their keys."""
    if isinstance(entry, dict):
        return [text for key in sorted(entry) for text in strings(entry[key])]
    if isinstance(entry, tuple):
        return [text for item in entry for text in strings(item)]
    return [entry] if isinstance(entry, str) else []


class _Numbers(Formatter):
    """Fills gaps as `str.format` does, with numbers as a language writes them."""

    def __init__(self, language: Language) -> None:
        """Take the language's marks."""
        self._marks = str.maketrans({",": language.thousands, ".": language.point, "%": language.percent})

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return what fills a gap; only a number that is to be written in some way is one of a language."""
        text: str = super().format_field(value, format_spec)
        return text.translate(self._marks) if format_spec and isinstance(value, int | float) else text


class _Text(str):
    """A translated text."""

    __slots__ = ("_numbers",)
    _numbers: _Numbers

    def __new__(cls, text: str, numbers: _Numbers) -> Self:
        made = super().__new__(cls, text)
        made._numbers = numbers
        return made

    def format(self, *values: object, **gaps: object) -> str:
        """Fill the gaps."""
        return self._numbers.format(str(self), *values, **gaps)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """A copy is nothing but its letters."""
        return str, (str(self),)


def _shaped(value: Any, numbers: _Numbers) -> Any:
    """Return what a file holds with tuples for lists, as in the English catalogue."""
    if isinstance(value, dict):
        return {key: _shaped(item, numbers) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_shaped(item, numbers) for item in value)
    return _Text(value, numbers) if isinstance(value, str) else value

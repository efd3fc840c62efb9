"""The languages of the bot, and the one in force.

The language in force belongs to the current task, or to the job that a task gives to a thread. Code that receives
something from Discord sets it once; until then it is English, as in the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its own name, the Discord locales that it serves, and how it writes numbers."""

    name: str
    locales: tuple[str, ...]
    thousands: str
    point: str
    percent: str


_NARROW: Final = "\u202f"  # a narrow space that does not break a line
LANGUAGES: Final[Mapping[str, Language]] = {
    ENGLISH: Language("English", ("en-US", "en-GB"), ",", ".", "%"),
    "de": Language("Deutsch", ("de",), ".", ",", f"{_NARROW}%"),
    "es": Language("Español", ("es-ES", "es-419"), _NARROW, ",", f"{_NARROW}%"),
    "fr": Language("Français", ("fr",), _NARROW, ",", f"{_NARROW}%"),
    "it": Language("Italiano", ("it",), ".", ",", "%"),
    "pt-BR": Language("Português do Brasil", ("pt-BR",), ".", ",", "%"),
}
_OF_LOCALE: Final = {locale: code for code, language in LANGUAGES.items() for locale in language.locales}

_in_force: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language_of(*locales: object) -> str:
    """Return the language of the first of these Discord locales that has one, else English."""
    return next((_OF_LOCALE[str(locale)] for locale in locales if str(locale) in _OF_LOCALE), ENGLISH)


def in_force() -> str:
    """Return the code of the language in force."""
    return _in_force.get()


def speak(language: str) -> None:
    """Set the language in force for the rest of this task. An unknown code means English."""
    _in_force.set(language if language in LANGUAGES else ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Set the language in force inside the block."""
    before = _in_force.get()
    speak(language)
    try:
        yield
    finally:
        _in_force.set(before)

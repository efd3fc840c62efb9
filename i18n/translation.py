"""Translated texts: an English text in the code, its translations in `i18n/translations`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Generic, Self, TypeVar

from i18n.languages import ENGLISH, LANGUAGES, Language, in_force

T = TypeVar("T")


class Translated(Generic[T]):
    """A class attribute that reads as its English value, or as the translation for the language in force.

    The value is a text, or a dictionary or tuple of texts. Translations are found under the attribute's name.
    """

    def __init__(self, english: T) -> None:
        self.english = english

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> T:
        value: T = translation(in_force()).get(self._name, self.english)
        return value


@cache
def translation(language: str) -> Mapping[str, Any]:
    """Return the texts of a language's file by name, in the shape of the English ones. English itself has none."""
    if language == ENGLISH:
        return {}
    stored = files("i18n").joinpath("translations", f"{language}.toml").read_text(encoding="utf-8")
    numbers = _Numbers(LANGUAGES[language])
    return {name: _shaped(value, numbers) for name, value in tomllib.loads(stored).items()}


class _Numbers(Formatter):
    """Fills gaps like `str.format`, with numbers as a language writes them."""

    def __init__(self, language: Language) -> None:
        self._marks = str.maketrans({",": language.thousands, ".": language.point, "%": language.percent})

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return what fills a gap. Only numbers with a format are localized; ids, for example, stay as they are."""
        text: str = super().format_field(value, format_spec)
        return text.translate(self._marks) if format_spec and isinstance(value, int | float) else text


class _Text(str):
    """A translated text, whose gaps are filled by its language's `_Numbers`."""

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
        """Copy and pickle as a plain string."""
        return str, (str(self),)


def _shaped(value: Any, numbers: _Numbers) -> Any:
    """Return a value from a file with tuples instead of lists, as in the English catalogue."""
    if isinstance(value, dict):
        return {key: _shaped(item, numbers) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_shaped(item, numbers) for item in value)
    return _Text(value, numbers) if isinstance(value, str) else value

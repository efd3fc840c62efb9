"""Sentences with a key and values, which read as their English text wherever nobody translates them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Self

Value = str | int | float  # a string that is a Sentence is translated, too

_NO_VALUES: Final[Mapping[str, Value]] = MappingProxyType({})
_BEGINNING: Final = '{"text": '  # of a stored sentence; no other stored text begins like this


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence before its values are known: its key, which never changes, and its English text with named gaps."""

    key: str
    english: str

    def format(self, **values: Value) -> Sentence:
        """Return the sentence with these values in its gaps."""
        return Sentence(self.english.format(**values), self.key, values)


class Sentence(str):
    """An English sentence that also has the key and the values it was made from; without a key, just the sentence."""

    __slots__ = ("key", "values")
    key: str | None
    values: Mapping[str, Value]

    def __new__(cls, text: str, key: str | None = None, values: Mapping[str, Value] = _NO_VALUES) -> Self:
        """Keep what a sentence was made from beside its English text."""
        made = super().__new__(cls, text)
        made.key = key
        made.values = values
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, str | None, dict[str, Value]]]:
        """Copy and pickle with key and values."""
        return Sentence, (str(self), self.key, dict(self.values))


def to_json(text: str) -> str | dict[str, Any]:
    """Return a text in the form of JSON: an object if it has a key, else the text itself."""
    if not isinstance(text, Sentence) or text.key is None:
        return str(text)
    values = {name: to_json(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return {"text": str(text), "key": text.key, "values": values}


def from_json(value: Any) -> str:
    """Return the text of `to_json`. What has another form is returned as the text that it contains, or as ''."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    text, key, values = value.get("text"), value.get("key"), value.get("values")
    if not isinstance(text, str) or not isinstance(key, str) or not isinstance(values, dict):
        return text if isinstance(text, str) else ""
    return Sentence(text, key, {str(name): _value(one) for name, one in values.items()})


def to_stored(text: str) -> str:
    """Return a text for a column of a database: JSON if it has a key, else the text itself."""
    found = to_json(text)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def from_stored(stored: str) -> str:
    """Return the text of `to_stored`, or of a version that stored English sentences only."""
    if not stored.startswith(_BEGINNING):
        return stored
    try:
        return from_json(json.loads(stored))
    except (ValueError, RecursionError):
        return stored


def _value(value: Any) -> Value:
    return value if isinstance(value, int | float) else from_json(value)


def messages_in(names: Mapping[str, object]) -> list[Message]:
    """Return the messages among the names of a module."""
    return [value for value in names.values() if isinstance(value, Message)]

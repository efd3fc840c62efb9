"""Which models are taken to read which languages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qa.reading.languages import unread_language

if TYPE_CHECKING:
    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader

GERMAN = "Wann hat das Büro am Dienstag geöffnet?"


def pair(embedder: str, reader: str) -> tuple[Any, Any]:
    """Return models of these names."""
    return SimpleNamespace(name=embedder), SimpleNamespace(reader=SimpleNamespace(identity=reader))


@pytest.mark.parametrize(
    ("embedder", "reader", "unread"),
    [
        ("bundled", "verbatim-5-0123abcd", "de"),
        ("bundled", "sentences-1", "de"),
        ("intfloat/multilingual-e5-small", "verbatim-5-0123abcd", "de"),
        ("intfloat/multilingual-e5-small", "sentences-1", None),
        ("intfloat/multilingual-e5-small", "xlm-roberta-base-squad2-0123abcd", None),
    ],
)
def test_only_bundled_models_are_taken_to_read_english_alone(embedder: str, reader: str, unread: str | None) -> None:
    """A question in German is unread while a bundled model is in use; models of other names read any language."""
    assert unread_language(GERMAN, *pair(embedder, reader)) == unread


def test_shipped_models_read_english(embedder: Embedder, reader: Reader) -> None:
    """The models that ship read an English question, and not a German one."""
    models: Any = SimpleNamespace(reader=reader)

    assert unread_language("When does the office open on Tuesday?", embedder, models) is None
    assert unread_language(GERMAN, embedder, models) == "de"

"""The catalogue of the bot's own texts. Quotes come from articles, never from here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from i18n.english.admin import AdminTexts
from i18n.english.answers import AnswerTexts
from i18n.english.articles import ArticleTexts
from i18n.english.cards import CardTexts
from i18n.english.collections import CollectionTexts
from i18n.english.commands import CommandTexts
from i18n.english.conversation import ConversationTexts
from i18n.english.digest import DigestTexts
from i18n.english.helpers import HelperTexts
from i18n.english.index_messages import IndexMessageTexts
from i18n.english.operators import OperatorTexts
from i18n.english.pins import PinTexts
from i18n.english.setup import SetupTexts
from i18n.english.sources import SourceTexts
from i18n.english.which import WhichTexts
from i18n.translation import Translated, translation


class Texts(
    AnswerTexts,
    CardTexts,
    AdminTexts,
    PinTexts,
    ArticleTexts,
    SourceTexts,
    CollectionTexts,
    CommandTexts,
    WhichTexts,
    DigestTexts,
    HelperTexts,
    SetupTexts,
    IndexMessageTexts,
    OperatorTexts,
    ConversationTexts,
):
    """All texts. `texts.NAME` is the text in the language in force; plain strings are the same in every language."""

    __slots__ = ()


texts: Final = Texts()


@cache
def english_texts() -> Mapping[str, Any]:
    """Return the English value of each translated text, by name."""
    attributes = {name: value for base in Texts.__mro__ for name, value in vars(base).items()}
    return {name: value.english for name, value in attributes.items() if isinstance(value, Translated)}


@cache
def dictionary(language: str) -> Mapping[str, str]:
    """Return the translation of each English text, for texts that are read before a language is in force."""
    found = translation(language)
    return {
        text: translated
        for name, entry in english_texts().items()
        if name in found
        for text, translated in zip(strings(entry), strings(found[name]), strict=True)
    }


def strings(entry: object) -> list[str]:
    """Return every string of a catalogue entry in order; those of a dictionary in the order of its keys."""
    if isinstance(entry, dict):
        return [text for key in sorted(entry) for text in strings(entry[key])]
    if isinstance(entry, tuple):
        return [text for item in entry for text in strings(item)]
    return [entry] if isinstance(entry, str) else []

"""What `index` says is said in the language in force."""

from __future__ import annotations

import pytest

from i18n.languages import LANGUAGES, speaking
from i18n.sentences import say
from index.messages.all_messages import all_messages
from index.messages.archives import ARCHIVE_TOO_MANY_FILES
from index.messages.files import FILE_DAMAGED, NO_TEXT, PACKAGE_PROTECTED, WORD_FILE
from index.messages.sentence import Sentence


def test_english_is_the_sentence_itself() -> None:
    """In English members read what the terminal prints."""
    assert say(NO_TEXT.format()) == "The file has no text that could be quoted."


def test_numbers_are_written_as_in_the_language() -> None:
    """Numbers are formatted as in the other texts of the bot."""
    with speaking("de"):
        assert (
            say(ARCHIVE_TOO_MANY_FILES.format(limit=10_000))
            == "Das Archiv enthält mehr als 10.000 Dateien; teile es auf."
        )


def test_sentences_among_the_values_are_translated() -> None:
    """A reason inside a reason is in the same language; what other programs say stays as it is."""
    sentence = FILE_DAMAGED.format(what=WORD_FILE.format(), reason="bad part {0}")
    with speaking("fr"):
        assert say(sentence) == (
            "Le fichier est endommagé ou n'est pas un fichier Word (.docx) valide (bad part {0})\u202f; "
            "ouvre-le et enregistre-le de nouveau."
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "sentence",
    [
        Sentence("A sentence of a later version.", "of_a_later_version", {}),
        Sentence("A sentence of an earlier version.", "package_protected", {}),
        "A text without a key.",
    ],
)
def test_what_cannot_be_translated_stays(language: str, sentence: str) -> None:
    """Sentences that another version stored are shown in English rather than not at all."""
    with speaking(language):
        assert say(sentence) == str(sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_said_in_every_language(language: str) -> None:
    """No message fails with the values that its English text takes."""
    for message in all_messages():
        values = dict.fromkeys(("limit", "seconds", "depth", "status", "size", "count", "article", "other"), 7)
        values |= dict.fromkeys(("entry", "days", "changed", "articles", "gone", "line"), 7)
        words = dict.fromkeys(("encoding", "format", "reason", "types", "what", "kind", "host", "type"), "x")
        words |= dict.fromkeys(("source", "name", "text"), "x")
        sentence = message.format(**values, **words)
        with speaking(language):
            assert "{" not in say(sentence)
            assert language == "en" or len(sentence.split()) < 4 or say(sentence) != str(sentence)


def test_names_of_file_types_fit_into_the_sentence() -> None:
    """The name of a file type is a value, which each language puts where its grammar has it."""
    with speaking("de"):
        assert say(PACKAGE_PROTECTED.format(what=WORD_FILE.format())).startswith("Die Word-Datei (.docx) ist ")

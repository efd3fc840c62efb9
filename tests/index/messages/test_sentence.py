"""Sentences read as their English text everywhere, and keep their key and values wherever they go."""

from __future__ import annotations

import copy
import json
import pickle
from string import Formatter

import pytest

from index.messages.all_messages import all_messages
from index.messages.archives import MEMBER_TOO_LARGE
from index.messages.files import FILE_DAMAGED, NO_TEXT, WORD_FILE
from index.messages.sentence import Sentence, from_json, from_stored, to_json, to_stored
from index.models import NoArticleError, UserError
from index.sources.http.errors import FetchError

NESTED = FILE_DAMAGED.format(what=WORD_FILE.format(), reason="no such part")


def keys_of(text: str) -> tuple[str | None, str | None]:
    """Return the key of a sentence, and that of the sentence among its values."""
    assert isinstance(text, Sentence)
    what = text.values["what"]
    assert isinstance(what, Sentence)
    return text.key, what.key


def test_keys_are_unique_and_texts_have_named_gaps() -> None:
    """A key names one message; its gaps have names, because translations order them anew."""
    messages = all_messages()
    gaps = [gap for message in messages for _, gap, _, _ in Formatter().parse(message.english) if gap is not None]

    assert len({message.key for message in messages}) == len(messages) > 60
    assert all(gap.isidentifier() for gap in gaps)


def test_an_error_reads_as_english_and_keeps_key_and_values() -> None:
    """The terminal and JSON show `str(error)`; other languages are made from the key and the values."""
    error = UserError(MEMBER_TOO_LARGE, limit=50)

    assert str(error) == "This file is larger than 50 MB; split it into several articles."
    assert (error.key, dict(error.values)) == ("member_too_large", {"limit": 50})


def test_an_error_with_a_text_has_no_key() -> None:
    """Texts of the bot are in the member's language already."""
    error = UserError("Nimm eine andere Datei.")

    assert (str(error), error.key, dict(error.values)) == ("Nimm eine andere Datei.", None, {})
    assert (str(UserError()), UserError().key) == ("", None)


def test_an_error_of_a_sentence_keeps_its_key() -> None:
    """The reason of a failure becomes an error again, such as that of a file in an archive."""
    error = UserError(NESTED)

    assert keys_of(error.sentence) == ("file_damaged", "word_file")


@pytest.mark.parametrize("error", [UserError(NESTED), NoArticleError(NESTED), FetchError(NESTED, gone=True)])
def test_copies_keep_key_and_values(error: UserError) -> None:
    """Errors survive pickling and copying, with what their class adds."""
    for other in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert keys_of(other.sentence) == ("file_damaged", "word_file")
        assert getattr(other, "gone", None) == getattr(error, "gone", None)


def test_json_and_storage_keep_key_and_values() -> None:
    """What passes between processes and what is stored can be translated later; it stays readable as English."""
    for other in (from_json(json.loads(json.dumps(to_json(NESTED)))), from_stored(to_stored(NESTED))):
        assert other == NESTED
        assert keys_of(other) == ("file_damaged", "word_file")


@pytest.mark.parametrize("text", ["", "An English sentence of an earlier version.", '{"a": 1}', '{"text": broken', "["])
def test_other_texts_are_stored_as_they_are(text: str) -> None:
    """Texts without a key, and those that earlier versions stored, are read as they were written."""
    assert to_stored(text) == text
    assert from_stored(text) == text
    assert not isinstance(from_stored(text), Sentence)


@pytest.mark.parametrize(
    "value",
    [None, 5, [], {}, {"text": 5}, {"text": "a", "key": 5, "values": {}}, {"text": "a", "key": "b", "values": []}],
)
def test_what_is_no_sentence_is_text(value: object) -> None:
    """The process that reads files may be taken over by a file: whatever it answers becomes a plain string."""
    found = from_json(value)

    assert type(found) is str
    assert found in {"", "a"}


def test_values_of_a_forged_sentence_are_plain() -> None:
    """Values are numbers, texts or sentences, whatever was sent."""
    found = from_json({"text": "a", "key": "no_text", "values": {"x": [1], "y": {"text": "b"}, "z": None}})

    assert isinstance(found, Sentence)
    assert dict(found.values) == {"x": "", "y": "b", "z": ""}
    assert NO_TEXT.format().key == "no_text"

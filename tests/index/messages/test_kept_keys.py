"""Keys and values of sentences survive the process that reads files, archives, and the catalogue."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from index.catalog.history import Retention
from index.catalog.store import Catalog
from index.messages.files import NO_TEXT
from index.messages.library import SOURCE_MISSING
from index.messages.sentence import Sentence
from index.models import UserError
from index.sources.discovery import Failure
from index.sources.loader import draft_from_bytes, drafts_from_upload

if TYPE_CHECKING:
    from pathlib import Path

    from index.parsers.file_types import Kind


def test_the_parsers_process_keeps_key_and_values() -> None:
    """What the process refuses can be said in another language, with the names of file types in it."""
    with pytest.raises(UserError, match="not a valid Word file") as caught:
        draft_from_bytes(b"PK\3\4 broken", "docx", key="a", source="a.docx")

    what = caught.value.values["what"]
    assert caught.value.key == "package_damaged"
    assert isinstance(what, Sentence)
    assert what.key == "word_file"


@pytest.mark.parametrize(("kind", "data", "key"), [("text", b" \n", "no_text"), ("json", b"{", "table_damaged")])
def test_errors_of_texts_and_tables_keep_their_keys(kind: Kind, data: bytes, key: str) -> None:
    """So do errors that name a format or quote another program."""
    with pytest.raises(UserError) as caught:
        draft_from_bytes(data, kind, key="a", source="a")

    assert caught.value.key == key


def test_failures_in_archives_keep_their_keys() -> None:
    """A file in an archive that cannot be read is a failure with a reason that has a key."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("broken.pdf", b"%PDF-1.7 broken")
        archive.writestr("fine.txt", "A keeper lived in the lighthouse. He left in May.")
    found = drafts_from_upload("a.zip", packed.getvalue(), key="a")

    assert isinstance(found, list)
    reasons = [item.reason for item in found if isinstance(item, Failure)]
    assert [reason.key for reason in reasons if isinstance(reason, Sentence)] == ["pdf_damaged"]


def test_the_catalogue_keeps_key_and_values(tmp_path: Path) -> None:
    """Failures of a refresh are stored with their keys; those of earlier versions stay English."""
    catalog = Catalog(tmp_path / "catalog.db", Retention())
    failures = [
        Failure("a", NO_TEXT.format(), "key:a"),
        Failure("b", SOURCE_MISSING.format(days=7.0), "key:b"),
        Failure("c", "An English sentence of an earlier version.", "key:c"),
    ]
    catalog.sources.record_check((), None, failures)
    stored = {one.key: one.reason for one in catalog.sources.failures()}
    catalog.close()

    assert stored == {one.key: one.reason for one in failures}
    found = [reason.key for reason in stored.values() if isinstance(reason, Sentence)]
    assert sorted(filter(None, found)) == ["no_text", "source_missing"]
    assert not isinstance(stored["key:c"], Sentence)

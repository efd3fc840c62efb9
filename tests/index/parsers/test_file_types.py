"""The kind of a file is detected by its content if that is conclusive, else by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index.models import Draft, UserError
from index.parsers.file_types import detect_kind, office_format
from index.sources.loader import drafts, drafts_from_pipe, drafts_from_upload
from tests.index.sample_files import GOOD, MD, PROSE, archive, tarred, zipped


@pytest.mark.parametrize("name", GOOD)
def test_the_content_tells(name: str) -> None:
    """Data without a name is detected by its content."""
    assert detect_kind("", GOOD[name]()) == detect_kind(name, GOOD[name]())


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", "a.pdf", "pdf"),
        ("a.pdf", "a.docx", "docx"),
        ("a.docx", "a.odt", "odt"),
        ("a.zip", "a.epub", "epub"),
        ("a.html", "a.rtf", "rtf"),
        ("a.txt", "a.html", "html"),
        ("a.srt", "a.vtt", "subtitles"),
        ("a.bin", "a.pptx", "pptx"),
    ],
)
def test_names_that_lie_are_not_believed(name: str, content: str, kind: str) -> None:
    """If the content contradicts the name, the content decides."""
    assert detect_kind(name, GOOD[content]()) == kind


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("README", PROSE, "text"),
        ("README", MD, "markdown"),
        ("a.txt", "<!doctype html> is how a page begins.", "text"),
        ("a.md", "{\\rtf1 is how RTF begins", "rtf"),
        ("", "[1] is the first note.", "text"),
        ("", "{curly} words", "text"),
        ("a.json", "no json", "json"),
        ("a.mdx", MD, "mdx"),
    ],
)
def test_texts_are_told_apart(name: str, data: str, kind: str) -> None:
    """Plain texts, Markdown and pieces of other formats are not mistaken for one another."""
    assert detect_kind(name, data.encode()) == kind


@pytest.mark.parametrize("packed", [zipped, lambda parts: tarred(parts, "w")], ids=["zip", "tar"])
def test_an_archive_that_begins_with_a_pdf_is_an_archive(packed: Callable[[dict[str, bytes]], bytes]) -> None:
    """Its first file stands uncompressed near its start."""
    assert detect_kind("a.bin", packed({"a.pdf": b"%PDF-1.4 ...", "b.txt": b"words"})) == "archive"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office version"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected by a password"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "of this type cannot be read"),
        ("a.py", b"print()", "of this type cannot be read"),
        ("", b"\x89PNG\r\n\x1a\n" + bytes(100), "not a text file"),
    ],
)
def test_other_kinds_say_what_to_do(name: str, data: bytes, reason: str) -> None:
    """Old Office, protected and unknown files are refused, each with its reason."""
    with pytest.raises(UserError, match=reason):
        detect_kind(name, data)


@pytest.mark.parametrize("name", GOOD)
def test_every_kind_is_loaded(tmp_path: Path, name: str) -> None:
    """A file of each kind gives one draft, from disk, as an upload or from a pipe."""
    data = GOOD[name]()
    (tmp_path / name).write_bytes(data)
    (found,) = drafts(str(tmp_path / name))
    assert isinstance(found, Draft), found
    sent = drafts_from_upload(name, data, key="k")
    assert isinstance(sent, Draft)
    assert sent.text == found.text
    (piped_in,) = drafts_from_pipe(data)
    assert isinstance(piped_in, Draft)
    assert piped_in.text == found.text


def test_a_folders_settings_are_passed_over(tmp_path: Path) -> None:
    """JSON, YAML and CSV files without questions are skipped in a folder, and fail if added by name."""
    (tmp_path / "settings.json").write_text('{"a": 1}')
    (tmp_path / "a.txt").write_text(PROSE)
    first, second = drafts(str(tmp_path))
    assert isinstance(first, Draft)
    assert str(second) == "Skipped(count=1, what='files')"
    assert "has no questions" in str(*drafts(str(tmp_path / "settings.json")))


def test_what_is_piped_in_is_known_by_its_title() -> None:
    """Piped articles are identified by the given title, their own, or their first words."""
    (given,) = drafts_from_pipe(PROSE.encode(), "Harbour")
    (own,) = drafts_from_pipe(MD.encode())
    (words,) = drafts_from_pipe(PROSE.encode())
    assert [getattr(item, "title", "") for item in (given, own, words)] == [
        "Harbour",
        "Ferry",
        "The harbour was quiet that evening, and only",
    ]
    assert isinstance(given, Draft)
    assert (given.key, given.source) == ("standard-input:Harbour", "standard input")


def test_an_archive_can_be_piped_in() -> None:
    """The members of a piped archive are articles under their own names."""
    found = [item for item in drafts_from_pipe(archive()) if isinstance(item, Draft)]
    assert [(item.key, item.source, item.origin) for item in found] == [
        ("standard-input:a.txt", "a.txt", None),
        ("standard-input:sub/b.md", "sub/b.md", None),
    ]


@pytest.mark.parametrize(
    ("name", "found"),
    [("talk.odp", "OpenDocument presentation"), ("Fares.XLSX", "Excel file"), ("a.zip", ""), ("a.pdf", ""), ("a", "")],
)
def test_office_formats_are_named(name: str, found: str) -> None:
    """Files that are ZIP archives inside are named by what they are."""
    assert office_format(name) == found

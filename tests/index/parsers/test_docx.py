"""Word files keep their headings, lists, tables and metadata."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import docx
import pytest

from index.models import Draft, UserError
from index.parsers.document import to_draft
from index.parsers.docx.docx_parser import read_docx


def written() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Skarholm"
    document.core_properties.author = "Jon Vik"
    document.core_properties.created = datetime(2024, 5, 6)  # noqa: DTZ001 - Word keeps no zone
    document.core_properties.language = "en-GB"
    document.add_heading("Tides", 1)
    document.add_paragraph("The tide rises ").add_run("twice").bold = True
    document.add_paragraph("Call channel 12.", style="List Number")
    document.add_paragraph("Anchor off the buoy.", style="List Number")
    document.add_paragraph("Bring a coat.", style="List Bullet")
    document.add_heading("The gauge", 2)
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Hour", "Level", "06:00", "0.3 m"], strict=True):
        cell.text = text
    return saved(document)


def saved(document: docx.document.Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def draft(data: bytes) -> Draft:
    return to_draft(read_docx(data), key="k", source="s.docx", title="From the name", cleaned=False)


def test_structure_is_kept() -> None:
    """Headings, numbered and bulleted lists, and tables are those that a reader sees."""
    found = draft(written())
    assert found.text == (
        "Tides\n\nThe tide rises twice\n\n1. Call channel 12.\n2. Anchor off the buoy.\n- Bring a coat.\n\n"
        "The gauge\n\n| Hour | Level |\n| 06:00 | 0.3 m |\n"
    )
    assert [section.heading for section in found.sections] == ["Tides", "Tides > The gauge"]


def test_merged_cells_are_repeated() -> None:
    """Each row of a table can be understood by itself."""
    document = docx.Document()
    table = document.add_table(3, 3)
    texts = ["North", "Adult", "14", "", "Child", "7", "Any, bicycle", "", "3"]
    for cell, text in zip(table._cells, texts, strict=True):
        cell.text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(2, 0).merge(table.cell(2, 1))

    assert draft(saved(document)).text.strip().split("\n") == [
        "| North | Adult | 14 |",
        "| North | Child | 7 |",
        "| Any, bicycle | Any, bicycle | 3 |",
    ]


def test_properties_are_kept() -> None:
    """Title, author, date and language come from the properties of the file."""
    found = draft(written())
    assert (found.title, found.author, found.language) == ("Skarholm", "Jon Vik", "en-GB")
    assert (found.published or "").startswith("2024-05-06")


def test_an_empty_file_is_refused() -> None:
    """A document without text is refused."""
    with pytest.raises(UserError, match="has no text"):
        draft(saved(docx.Document()))


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"\xd0\xcf\x11\xe0 an old .doc file"])
def test_other_files_are_refused(data: bytes) -> None:
    """A file that is not a Word file is refused."""
    with pytest.raises(UserError, match=r"not a valid Word file \(\.docx\)"):
        draft(data)


def test_a_bomb_is_refused() -> None:
    """A file that unpacks to more than the limit is refused."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b"\0" * 301_000_000)
    with pytest.raises(UserError, match="more than 300 MB"):
        draft(stream.getvalue())

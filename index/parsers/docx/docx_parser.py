"""Parse Word files (.docx): headings by style, lists with Word's numbers, tables, code, formulas and notes."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from index.parsers.document import Document
from index.parsers.docx.word_blocks import BlockReader
from index.parsers.docx.word_inline import InlineReader
from index.parsers.docx.word_numbers import Numbering
from index.parsers.docx.word_styles import Styles
from index.parsers.docx.word_xml import W, WordPackage
from index.parsers.file_types import KIND_NAMES
from index.parsers.html.dom import GAP
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.office_blocks import blocks_html
from index.parsers.zip_package import core_properties, open_package
from index.text.metadata_values import iso_date

if TYPE_CHECKING:
    from lxml.etree import _Element


def read_docx(data: bytes) -> Document:
    """Return the text of a Word file. Raises `UserError` if it is damaged, protected by a password or too large.

    Comments, hidden and deleted text, running heads and tables of contents are not part of it.
    """
    with open_package(data, KIND_NAMES["docx"]) as parts:
        properties = core_properties(parts)
        html = _html(WordPackage(parts))
    rows = rows_of_fragment(html)
    title = properties.get("title") or next((row.text for row in rows if row.level == 1), None)
    return Document(
        rows,
        title,
        published=iso_date(properties.get("created", "")),
        author=properties.get("creator"),
        language=properties.get("language"),
    )


def _html(package: WordPackage) -> str:
    """Return the text as HTML, footnotes and endnotes last."""
    styles = Styles(package.part("styles"))
    inline = InlineReader(styles, package.links())
    reader = BlockReader(styles, Numbering(package.part("numbering"), styles), inline)
    text = blocks_html(list(reader.blocks(package.document())))
    notes = {kind: _notes(package.part(f"{kind}s"), kind) for kind in {kind for kind, _, _ in inline.notes}}
    parts = [f"{text}<{GAP}></{GAP}>"] if inline.notes else [text]
    links = {kind: package.links(f"{kind}s") for kind in notes}
    for kind, note_id, mark in inline.notes:
        note, inline.links = notes[kind].get(note_id), links[kind]
        if note is not None and (content := blocks_html(list(reader.blocks(note)))):
            parts.append(_note_html(mark, content))
    return "".join(parts)


def _notes(root: _Element | None, kind: str) -> dict[str, _Element]:
    return {note.get(f"{W}id", ""): note for note in root.iter(f"{W}{kind}")} if root is not None else {}


def _note_html(mark: str, content: str) -> str:
    if mark.isdigit():
        return f'<ol><li value="{mark}">{content}</li></ol>'
    return f"<p>{escape(mark)}. {content.removeprefix('<p>')}" if mark and content.startswith("<p>") else content

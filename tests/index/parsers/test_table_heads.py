"""The head of a table is recognised by its words, where the file does not mark it."""

from __future__ import annotations

import io

import docx
import pytest

from index.parsers.docx.docx_parser import read_docx
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.table_heads import names_columns


@pytest.mark.parametrize(
    "rows",
    [
        [["Glaze", "Cone", "Degrees"], ["Celadon", "10", "1305"], ["Shino", "8", "1250"]],
        [["Day", "Opens"], ["Monday", "6:00"], ["Tuesday", "7:30"], ["Friday", "8:00"]],
        [["Berth", "Note", "Fee"], ["A1", "near the crane", "€ 40"], ["A2", "", "€ 55"]],
    ],
)
def test_words_above_numbers_name_the_columns(rows: list[list[str]]) -> None:
    """One column of numbers is enough."""
    assert names_columns(rows)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["Celadon", "10", "1305"], ["Shino", "8", "1250"], ["Tenmoku", "9", "1280"]],
        [["Name", "Anna"], ["Age", "5"], ["Height", "180"]],
        [["Name", "Role"], ["Anna", "keeper"], ["Ben", "cook"], ["Cleo", "pilot"]],
        [["Fee", "Fee", "Fee"], ["Celadon", "10", "1305"], ["Shino", "8", "1250"]],
        [["Glaze", "Cone"], ["Celadon", "10", "1305"], ["Shino", "8", "1250"]],
    ],
)
def test_other_rows_do_not(rows: list[list[str]]) -> None:
    """Rows of values, pairs of a name and a value, and tables of words have none that could be recognised."""
    assert not names_columns(rows)


def test_word_files_and_pages() -> None:
    """Their tables have the delimiter row below the head, so that quotes of a row come with it."""
    rows = [("Glaze", "Cone", "Degrees"), ("Celadon", "10", "1305"), ("Shino", "8", "1250")]
    written = docx.Document()
    table = written.add_table(rows=3, cols=3)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    stream = io.BytesIO()
    written.save(stream)
    lines = ("".join(f"<td>{text}</td>" for text in row) for row in rows)
    page = f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
    for found in (read_docx(stream.getvalue()).rows, rows_of_fragment(page)):
        assert [row.text for row in found if row.text][:2] == ["| Glaze | Cone | Degrees |", "| --- | --- | --- |"]

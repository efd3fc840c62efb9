"""Excel files are read as tables that show what a reader of the file sees."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from index.parsers.document import to_draft
from index.parsers.number_display import shown_number
from index.parsers.xlsx import read_xlsx
from tests.index.sample_files import zipped

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(rows: str, extra: str = "", parts: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """Return an Excel file of one visible and one hidden sheet, with further `parts` by their names."""
    sheets = '<sheet name="Fares" r:id="r1"/><sheet name="Old" state="hidden" r:id="r2"/>'
    relation = '<Relationship Id="r{0}" Target="worksheets/sheet{0}.xml"/>'.format
    formats = '<numFmt numFmtId="164" formatCode="d mmmm yyyy"/>'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f"<Relationships>{relation(1)}{relation(2)}</Relationships>",
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}"><si><t>Line</t></si><si><r><t>Ho</t></r><r><t>lm</t></r>'
            "</si></sst>",
            "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/>'
            '<xf numFmtId="164"/></cellXfs></styleSheet>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{extra}</worksheet>',
            "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{_MAIN}"><sheetData><row><c t="str"><v>secret</v></c></row>'
            "</sheetData></worksheet>",
            **parts,
        }
    )


def test_a_sheet_is_a_table_with_its_head() -> None:
    """Texts, dates and merged cells are those shown; hidden rows and sheets are left out."""
    text, shared = '<c r="{}" t="str"><v>{}</v></c>'.format, '<c r="{}" t="s"><v>{}</v></c>'.format
    day = '<c r="{}" s="1"><v>{}</v></c>'.format
    rows = f'<row r="1">{shared("A1", 0)}{text("B1", "Season")}{text("C1", "From")}</row>'
    rows += f'<row r="2">{shared("A2", 1)}{text("B2", "Summer")}{day("C2", 45413)}</row>'
    rows += f'<row r="3">{text("B3", "Winter")}{day("C3", 45566)}</row>'
    rows += '<row r="4" hidden="1"><c r="A4" t="str"><v>hidden</v></c></row>'
    data = book(rows, '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>')
    found = to_draft(read_xlsx(data), key="k", source="s", title="Fares", cleaned=False)
    assert found.text.strip().split("\n") == [
        "| Line | Season | From |",
        "| --- | --- | --- |",
        "| Holm | Summer | 1 May 2024 |",
        "| Holm | Winter | 1 October 2024 |",
    ]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("0.256", "0.0%", "25.6%"),
        ("1234567.891", "#,##0.00", "1,234,567.89"),
        ("-5", "#,##0;(#,##0)", "(5)"),
        ("12.5", "#,##0.00 [$€-407]", "12.50 €"),
        ("0.5", "h:mm AM/PM", "12:00 PM"),
        ("1.5", "[h]:mm", "36:00"),
        ("2.5", "# ?/?", "2 1/2"),
        ("7", "000", "007"),
        ("0.1", "General", "0.1"),
        ("no number", "0", "no number"),
    ],
)
def test_numbers_are_shown_in_their_format(value: str, code: str, shown: str) -> None:
    """Percentages, currencies, times and fractions look as in the sheet."""
    assert shown_number(value, code) == shown

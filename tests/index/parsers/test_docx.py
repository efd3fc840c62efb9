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


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_M = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def raw(body: str, numbering: str = "") -> str:
    """Return the text of a Word file with this content, given as XML."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as parts:
        document = f'<w:document xmlns:w="{_W}" xmlns:m="{_M}"><w:body>{body}</w:body></w:document>'
        parts.writestr("word/document.xml", document)
        if numbering:
            parts.writestr("word/numbering.xml", f'<w:numbering xmlns:w="{_W}">{numbering}</w:numbering>')
    return draft(stream.getvalue()).text.strip()


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def item(text: str, level: int = 0, number: int = 1) -> str:
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>"


def test_only_visible_text_is_read() -> None:
    """Hidden and deleted text and the instructions of fields are left out; inserted text and results are kept."""
    field = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    body = (
        run("Seven") + run(" secret", "<w:vanish/>") + f"<w:del>{run(' gone')}</w:del><w:ins>{run(' crowns')}</w:ins>"
    )
    body += (
        f"{field('begin')}<w:r><w:instrText> REF x </w:instrText></w:r>{field('separate')}{run(' each')}{field('end')}"
    )
    body += f'<w:fldSimple w:instr="PAGE">{run(" day")}</w:fldSimple><w:r><w:commentReference w:id="0"/></w:r>'
    assert raw(f"<w:p>{body}</w:p>") == "Seven crowns each day"


def test_formulas_are_text() -> None:
    """Fractions, exponents and roots are written on one line."""
    part = "<m:r><m:t>{}</m:t></m:r>".format
    fraction = f"<m:f><m:num>{part('a+b')}</m:num><m:den>{part('2')}</m:den></m:f>"
    power = f"<m:sSup><m:e>{part('x')}</m:e><m:sup>{part('2')}</m:sup></m:sSup>"
    root = f"<m:rad><m:deg/><m:e>{part('2y')}</m:e></m:rad>"
    formula = f"<m:oMath>{fraction}{part('+')}{power}{part('+')}{root}</m:oMath>"
    assert raw(f"<w:p>{run('It is ')}{formula}{run('.')}</w:p>") == "It is (a+b)/2+x²+√2y."


def test_a_formula_with_many_brackets_takes_no_longer() -> None:
    """Each part of a formula is read once, however many brackets and matrices are around it."""
    brackets, depth = "<m:d><m:e>{}</m:e></m:d>", 40
    row = "<m:mr><m:e><m:r><m:t>x</m:t></m:r></m:e><m:e><m:r><m:t>2</m:t></m:r></m:e></m:mr>"
    formula = f"<m:m>{row}{row}</m:m>"
    for _ in range(depth):
        formula = brackets.format(formula)
    assert raw(f"<w:p><m:oMath>{formula}</m:oMath></w:p>") == f"{'(' * depth}x, 2; x, 2{')' * depth}"


def test_numbers_are_those_of_word() -> None:
    """Lists continue after other paragraphs, restart below a new item, and have their own formats and start values."""
    forms = (("decimal", "%1."), ("lowerLetter", "%2)"), ("decimal", "%1.%2.%3"))
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (form, text) in enumerate(forms)
    )
    numbering = f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
    numbering += (
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/>'
    )
    numbering += '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="12"/></w:lvlOverride></w:num>'
    body = item("One") + item("A", 1) + item("B", 1) + f"<w:p>{run('Between.')}</w:p>" + item("Two") + item("A", 1)
    assert raw(body + item("Twelve", number=2), numbering) == (
        "1. One\n  a) A\n  b) B\n\nBetween.\n\n2. Two\n  a) A\n12. Twelve"
    )


def test_a_drop_cap_joins_its_paragraph() -> None:
    """The large first letter is part of the first word."""
    cap = f'<w:p><w:pPr><w:framePr w:dropCap="drop"/></w:pPr>{run("T")}</w:p>'
    assert raw(f"{cap}<w:p>{run('he ferry leaves.')}</w:p>") == "The ferry leaves."


def test_code_keeps_its_indentation() -> None:
    """Paragraphs in a style for code or a monospaced font are code, unless most of the text is monospaced."""
    style = '<w:pPr><w:pStyle w:val="SourceCode"/></w:pPr>'
    code = f"<w:p>{style}{run('if tide:')}<w:r><w:br/></w:r>{run('    wait()')}</w:p>"
    assert raw(f"<w:p>{run('So:')}</w:p>{code}") == "So:\n\n```\nif tide:\n    wait()\n```"
    typed = run("The ferry leaves at seven.", '<w:rFonts w:ascii="Courier New"/>')
    assert raw(f"<w:p>{typed}</w:p>") == "The ferry leaves at seven."


def test_a_list_in_a_cell_leaves_the_table_whole() -> None:
    """The items of a list in a cell stand on the line of their row."""
    cell = "<w:tc>{}</w:tc>".format
    rows = cell(f"<w:p>{run('Breakfast')}</w:p>") + cell(f"<w:p>{run('5 crowns')}</w:p>")
    numbering = '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="-"/>'
    numbering += '</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    more = cell(f"<w:p>{run('Lunch')}</w:p>") + cell(item("Soup") + item("Bread"))
    text = raw(f"<w:tbl><w:tr>{rows}</w:tr><w:tr>{more}</w:tr></w:tbl>", numbering)
    assert text == "| Breakfast | 5 crowns |\n| Lunch | Soup; Bread |"


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

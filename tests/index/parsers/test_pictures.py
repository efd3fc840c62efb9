"""Pages, slides and sheets that are pictures are named, and refused where a file has nothing else."""

from __future__ import annotations

import io

import pptx
import pytest
from fpdf import FPDF
from PIL import Image
from pptx.util import Inches

from index.models import UserError
from index.parsers.document import Document
from index.parsers.opendocument.odf_parser import read_odp, read_ods
from index.parsers.pdf.pdf_parser import read_pdf
from index.parsers.pptx import read_pptx
from index.parsers.xlsx import read_xlsx
from tests.index.parsers.test_xlsx import book
from tests.index.sample_files import zipped

PROSE = "The ferry to Holm leaves at seven in the morning, and it does not wait for late passengers. "


def picture() -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(stream, "PNG")
    return stream


def pdf(*texts: str) -> bytes:
    """Return a PDF with a page for each text, which is a picture where the text is empty."""
    written = FPDF()
    written.set_font("helvetica", size=12)
    for text in texts:
        written.add_page()
        if text:
            written.multi_cell(0, 6, text)
        else:
            written.image(picture(), 0, 0, 210)
    return bytes(written.output())


def slides(*texts: str) -> bytes:
    """Return a presentation with a slide for each text, which is a picture where the text is empty."""
    show = pptx.Presentation()
    for text in texts:
        slide = show.slides.add_slide(show.slide_layouts[6])
        if text:
            slide.shapes.add_textbox(0, 0, Inches(4), Inches(1)).text_frame.text = text
        else:
            slide.shapes.add_picture(picture(), 0, 0)
    stream = io.BytesIO()
    show.save(stream)
    return stream.getvalue()


def sheets(*texts: str) -> bytes:
    """Return a workbook with a sheet for each text, which is a picture where the text is empty."""
    parts = {
        f"xl/worksheets/sheet{number}.xml": "<worksheet><sheetData>"
        + (f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>' if text else "")
        + f"</sheetData>{'' if text else '<drawing/>'}</worksheet>"
        for number, text in enumerate(texts, 1)
    }
    names = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, len(texts) + 1))
    space = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    links = "".join(f'<Relationship Id="r{n}" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(texts) + 1))
    parts["xl/workbook.xml"] = f"<workbook {space}><sheets>{names}</sheets></workbook>"
    parts["xl/_rels/workbook.xml.rels"] = f"<Relationships>{links}</Relationships>"
    return zipped(parts)


def opendocument(kind: str, *texts: str) -> bytes:
    """Return a presentation or spreadsheet with a slide or sheet for each text, a picture where the text is empty."""
    picture = '<draw:frame><draw:image xlink:href="Pictures/1.png"/></draw:frame>'
    shown = [f"<text:p>{text}</text:p>" if text else "" for text in texts]
    if kind == "odp":
        parts = [f"<draw:page>{f'<draw:frame><draw:text-box>{each}</draw:text-box></draw:frame>' if each else picture}"
                 "</draw:page>" for each in shown]  # fmt: skip
    else:
        parts = [
            f'<table:table table:name="{number}">{"" if each else f"<table:shapes>{picture}</table:shapes>"}'
            f"<table:table-row><table:table-cell>{each}</table:table-cell></table:table-row></table:table>"
            for number, each in enumerate(shown, 1)
        ]
    office = {"odp": "presentation", "ods": "spreadsheet"}[kind]
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for name, long in (("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"))
    )
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{office}",
            "content.xml": f'<office:document-content{spaces} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body>'
            f"<office:{office}>{''.join(parts)}</office:{office}></office:body></office:document-content>",
        }
    )


def read(kind: str, *texts: str) -> Document:
    match kind:
        case "pdf":
            return read_pdf(pdf(*texts))
        case "pptx":
            return read_pptx(slides(*texts))
        case "odp":
            return read_odp(opendocument("odp", *texts))
        case "ods":
            return read_ods(opendocument("ods", *texts))
        case _:
            return read_xlsx(sheets(*texts))


@pytest.mark.parametrize("kind", ["pdf", "pptx", "xlsx", "odp", "ods"])
def test_pictures_among_text_are_named(kind: str) -> None:
    """Their numbers or names are known where the file is added; pages with text are not among them."""
    found = read(kind, PROSE, "", PROSE, "")
    assert found.missing_pages == ("2", "4")
    assert sum(PROSE.strip() in row.text for row in found.rows) == 2


@pytest.mark.parametrize("kind", ["pdf", "pptx", "xlsx", "odp", "ods"])
def test_a_file_of_pictures_is_refused(kind: str) -> None:
    """The reason is that it has pictures, not that it is empty."""
    with pytest.raises(UserError, match="pictures"):
        read(kind, "", "")


def test_an_empty_sheet_is_no_picture() -> None:
    """Sheets without anything are not worth a word."""
    assert read_xlsx(book("")).missing_pages == ()

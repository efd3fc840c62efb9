"""Generates the same article as a file of each format, for the speed of reading."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from html import escape
from typing import Final

from benchmarks.page_layouts import LAYOUTS

_BOOK: Final = """<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>{title}</dc:title></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>
</manifest><spine><itemref idref="a"/></spine></package>"""
_CONTAINER: Final = '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
_ODT: Final = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>{body}</office:text></office:body>
</office:document-content>"""


def article(suffix: str, number: int) -> bytes:
    """Return an article of about 5,000 characters in a format."""
    paragraphs = [
        f"In the year {1900 + n} the keeper {number} of Skarholm counted {number * n} gulls, and wrote of the tide: "
        f"it rises {n} centimetres before the ferry number {n + number} leaves. " * 2
        for n in range(15)
    ]
    return _WRITERS[suffix](f"Gulls of the year {number}", paragraphs)


def _markdown(title: str, paragraphs: list[str]) -> bytes:
    return f"# {title}\n\n{_joined(paragraphs)}".encode()


def _rst(title: str, paragraphs: list[str]) -> bytes:
    return f"{title}\n{'=' * len(title)}\n\n{_joined(paragraphs)}".encode()


def _joined(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def _page(title: str, paragraphs: list[str]) -> bytes:
    body = f"<h1>{title}</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)
    return LAYOUTS["blog"].replace('<h1 class="entry-title">Tides of Skarholm</h1>', body).encode()


def _pdf(title: str, paragraphs: list[str]) -> bytes:
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("times", size=18)
    pdf.multi_cell(0, 10, title, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("times", size=11)
    for text in paragraphs:
        pdf.multi_cell(0, 5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
    return bytes(pdf.output())


def _docx(title: str, paragraphs: list[str]) -> bytes:
    import docx

    document = docx.Document()
    document.add_heading(title, 1)
    for text in paragraphs:
        document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _pptx(title: str, paragraphs: list[str]) -> bytes:
    import pptx

    show = pptx.Presentation()
    for text in paragraphs:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text_frame.text = text
    stream = io.BytesIO()
    show.save(stream)
    return stream.getvalue()


def _odt(title: str, paragraphs: list[str]) -> bytes:
    body = f'<text:h text:outline-level="1">{title}</text:h>'
    body += "".join(f"<text:p>{escape(text)}</text:p>" for text in paragraphs)
    return _zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": _ODT.format(body=body)})


def _epub(title: str, paragraphs: list[str]) -> bytes:
    body = f"<h1>{title}</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)
    chapter = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": _CONTAINER}
    return _zip(parts | {"book.opf": _BOOK.format(title=title), "a.xhtml": chapter})


def _rtf(title: str, paragraphs: list[str]) -> bytes:
    body = "".join(f"\\pard {text}\\par\n" for text in paragraphs)
    return f"{{\\rtf1\\ansi\\ansicpg1252\\pard\\outlinelevel0 {title}\\par\n{body}}}".encode()


def _srt(_title: str, paragraphs: list[str]) -> bytes:
    cues = [f"00:{n:02}:00,000 --> 00:{n:02}:09,000\n{text}" for n, text in enumerate(paragraphs)]
    return "\n\n".join(f"{number}\n{cue}" for number, cue in enumerate(cues, 1)).encode()


def _csv(title: str, paragraphs: list[str]) -> bytes:
    stream = io.StringIO()
    rows = [(f"What of {title}, part {n}?", text) for n, text in enumerate(paragraphs)]
    csv.writer(stream).writerows([("question", "answer"), *rows])
    return stream.getvalue().encode()


def _json(title: str, paragraphs: list[str]) -> bytes:
    pairs = [{"question": f"What of {title}, part {n}?", "answer": text} for n, text in enumerate(paragraphs)]
    return json.dumps(pairs).encode()


def _archive(title: str, paragraphs: list[str]) -> bytes:
    return _zip({"a.md": _markdown(title, paragraphs)})


def _zip(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(parts.items()):
            archive.writestr(name, data, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED)
    return stream.getvalue()


_WRITERS: Final[dict[str, Callable[[str, list[str]], bytes]]] = {
    "txt": lambda title, paragraphs: f"{title}\n\n{_joined(paragraphs)}".encode(),
    "md": _markdown,
    "rst": _rst,
    "html": _page,
    "pdf": _pdf,
    "docx": _docx,
    "pptx": _pptx,
    "odt": _odt,
    "epub": _epub,
    "rtf": _rtf,
    "srt": _srt,
    "csv": _csv,
    "json": _json,
    "yaml": lambda title, paragraphs: _json(title, paragraphs).replace(b"}, {", b"},\n {"),
    "zip": _archive,
}
FORMATS: Final = tuple(_WRITERS)

"""E-books, presentations, OpenDocument, RTF and reStructuredText keep their visible text and structure."""

from __future__ import annotations

import io

import pptx
import pytest

from index.models import Draft, UserError
from index.parsers.document import Document, Row, to_draft
from index.parsers.epub import read_epub
from index.parsers.opendocument.odf_parser import read_odp, read_ods, read_odt
from index.parsers.pptx import read_pptx
from index.parsers.rst import rst_draft
from index.parsers.rtf.rtf_parser import read_rtf
from tests.index import sample_files


def draft(document: Document) -> Draft:
    return to_draft(document, key="k", source="s", title="From the name", cleaned=False)


def headings(found: Draft) -> list[str]:
    return [section.heading for section in found.sections]


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    """Chapters are in reading order, named by a heading or the table of contents, without page numbers."""
    found = draft(read_epub(sample_files.epub()))
    assert found.text.rstrip() == (
        "Tides\n\nThe tide\u00a0rises twice¹. It covers 10⁶ square metres.\n\n1. Call.\n\n1. In May.\n\n"
        "The gauge\n\nThe level is 0.3 m.\nRead it at noon.\n\n| Hour | Level |\n| --- | --- |\n| 06:00 | 0.3 m |"
    )
    assert headings(found) == ["Tides", "The gauge"]


def test_a_book_tells_of_itself() -> None:
    """Title, authors, language and date come from the metadata of the book."""
    found = draft(read_epub(sample_files.epub()))
    assert (found.title, found.author, found.language, found.published) == (
        "Skarholm",
        "Jon Vik, Mira Holt",
        "en-GB",
        "2024-05-06",
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"META-INF__rights": "<rights/>"}, "DRM"),
        (
            {"META-INF__encryption": "<e><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128'/></e>"},
            "DRM",
        ),
        ({"META-INF__container": "<broken"}, "damaged"),
        ({"META-INF__container": "<c><rootfile full-path='none.opf'/></c>"}, "damaged"),
    ],
)
def test_a_locked_or_broken_book_says_so(changes: dict[str, str], reason: str) -> None:
    """A book with DRM and a damaged one are refused, each with its reason."""
    with pytest.raises(UserError, match=reason):
        read_epub(sample_files.epub(**changes))


def test_hidden_fonts_do_not_lock_a_book() -> None:
    """A book with obfuscated fonts is read."""
    fonts = "<e><EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/></e>"
    assert draft(read_epub(sample_files.epub(**{"META-INF__encryption": fonts}))).title == "Skarholm"


def test_slides_are_pages() -> None:
    """Each slide is a page with its title as a heading; lists, tables, groups and notes are read, hidden slides not."""
    found = draft(read_pptx(sample_files.slides()))
    assert found.text.strip() == (
        "Skarholm\n\nA guide for sailors\n\nTides\n\n- The tide rises twice.\n  - In May thrice.\n\n"
        "Mira Holt measured it in 1987.\n\nThe gauge\n\n| Hour | Level |\n| --- | --- |\n| 06:00 | 0.3 m |\n\n"
        "Read it at noon."
    )
    assert headings(found) == ["", "Tides", "Tides", "The gauge"]
    page_of = [max(n for n, start in enumerate(found.pages, 1) if start <= s.start) for s in found.sections]
    assert page_of == [1, 2, 2, 4]
    assert (found.title, found.author, (found.published or "")[:10]) == ("Skarholm", "Jon Vik", "2024-05-06")


def test_an_opendocument_keeps_its_structure() -> None:
    """Headings, lists, tables, notes and code are kept; tables of contents, comments and deleted text are not."""
    found = draft(read_odt(sample_files.odt()))
    assert found.text.strip() == (
        "Skarholm\n\nTides\n\nThe tide rises twice¹, over 10⁶ square metres.\n\n1. Call channel 12.\n  - Loudly.\n"
        "2. Anchor.\n\nThe gauge\n\n| Hour | Level |\n| --- | --- |\n| 06:00 | 0.3 m |\n\n```\nif tide:\n"
        " wait()\n```\n\n"
        "1. Except in June."
    )
    assert headings(found) == ["Tides", "Tides > The gauge", "Tides > The gauge"]
    assert (found.title, found.author, found.language) == ("Skarholm", "Jon Vik", "en-GB")
    assert found.published == "2024-05-06T10:00:00"


def test_merged_cells_of_opendocument_are_repeated() -> None:
    """A cell that spans rows or columns is in each row and column, so that every row says what it is about."""
    north = '<table:table-cell table:number-rows-spanned="2"><text:p>North</text:p></table:table-cell>'
    whole = '<table:table-cell table:number-columns-spanned="2"><text:p>Bicycle</text:p></table:table-cell>'
    covered = "<table:covered-table-cell/>"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>".format
    rows = (north + cell("Adult") + cell(14), covered + cell("Child") + cell(7), whole + covered + cell(3))
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    content = sample_files.ODT_START + f"<table:table>{table}</table:table>" + sample_files.ODT_END

    text = draft(read_odt(sample_files.odt(content=content))).text

    assert text.strip() == "| North | Adult | 14 |\n| North | Child | 7 |\n| Bicycle | Bicycle | 3 |"


def test_a_protected_opendocument_says_so() -> None:
    """A text protected by a password is refused with that reason."""
    with pytest.raises(UserError, match="protected by a password; save a copy"):
        read_odt(sample_files.odt(**{"META-INF__manifest": "<m><encryption-data/></m>"}))


def test_rtf_keeps_its_structure() -> None:
    """Headings, lists, tables, notes, code and characters of every encoding are converted correctly."""
    found = draft(read_rtf(sample_files.RTF))
    assert found.text.strip() == (
        "Tides\n\nThe tide rises twice¹, “sharp”\u00a0at élan —and 😀. Пр, 10⁶.\n\nMira Holt keeps the light.\n\n"
        "1. Call channel 12.\n2. Anchor.\n  - Loudly.\na) Softly.\n\nThe gauge\n\n| Hour | Level |\n| --- | --- |\n"
        "| 06:00 | 0.3 m low |\n\n```\nif tide:\n  wait()\n```\n\nThe end.\n\n1. Except in June."
    )
    assert headings(found) == ["Tides", "Tides > The gauge", "Tides > The gauge"]
    assert (found.title, found.author, found.published) == ("Skarholm", "Jon Vik", "2024-05-06")


def test_rtf_that_is_cut_off_keeps_its_last_words() -> None:
    """The closing brace may be missing."""
    assert draft(read_rtf(rb"{\rtf1 The ferry leaves.\par It returns")).text == "The ferry leaves.\n\nIt returns\n"


def test_the_last_cells_of_rtf_need_no_row() -> None:
    """Cells whose row has no end are kept."""
    data = rb"{\rtf1{\trowd\cellx9\cellx18\intbl Blue.\cell Green.\cell }}"
    assert draft(read_rtf(data)).text == "| Blue. | Green. |\n"


def test_titles_alone_are_the_text_of_slides() -> None:
    """A slide with nothing but a title has its title as text, which belongs to no heading."""
    show = pptx.Presentation()
    for text in ("The ferry leaves at seven.", "Bicycles travel free."):
        show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = text
    stream = io.BytesIO()
    show.save(stream)
    found = draft(read_pptx(stream.getvalue()))
    assert found.text.split() == "The ferry leaves at seven. Bicycles travel free.".split()
    assert headings(found) == ["", ""]


def test_a_contents_list_in_a_chapter_does_not_hide_it() -> None:
    """A part that holds a contents list and text is read, whatever slashes and case its path is written with."""
    book = """<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>
    <item id="a" href="Text\\A.html" media-type="text/html"/><item id="b" href="gone.html" media-type="text/html"/>
    </manifest><spine><itemref idref="a"/><itemref idref="b"/></spine><guide>
    <reference type="toc" href="Text/A.html#toc"/></guide></package>"""
    chapter = (
        "<html><body><p id='toc'><a href='#one'>One</a></p><p id='one'>The ferry leaves at seven.</p></body></html>"
    )
    container = "<c><rootfile full-path='book.opf'/></c>"
    parts = {"META-INF/container.xml": container, "book.opf": book, "text/a.html": chapter}
    found = draft(read_epub(sample_files.zipped(parts)))
    assert found.text.split("\n\n")[:2] == ["One", "The ferry leaves at seven."]
    assert found.missing_pages == ("gone.html",)


def test_opendocument_presentations_and_sheets_are_read() -> None:
    """The slides of a presentation are pages, and each sheet is a table with its head."""
    spaces = sample_files.ODT_START.partition("><office:body>")[0] + ' xmlns:draw="urn:draw"><office:body>'
    end = "</office:body></office:document-content>"
    page = "<draw:page><draw:frame><text:p>Seven.</text:p></draw:frame></draw:page>"
    slide = f"<office:presentation>{page}</office:presentation>"
    assert draft(read_odp(sample_files.odt(content=spaces + slide + end))).text.strip() == "Seven."
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>".format
    rows = "".join(
        f"<table:table-row>{cell(a)}{cell(b)}</table:table-row>" for a, b in (("Line", "Fare"), ("Holm", 12))
    )
    sheet = f"<office:spreadsheet><table:table>{rows}</table:table></office:spreadsheet>"
    text = draft(read_ods(sample_files.odt(content=spaces + sheet + end))).text
    assert text.strip() == "| Line | Fare |\n| --- | --- |\n| Holm | 12 |"


def test_a_text_typed_altogether_is_no_code() -> None:
    """A file set entirely in a monospaced font is text, not code."""
    found = draft(read_rtf(rb"{\rtf1{\fonttbl{\f0\fmodern Courier;}}\f0 The ferry leaves.\par It returns.\par}"))
    assert found.text == "The ferry leaves.\n\nIt returns.\n"


@pytest.mark.parametrize("data", [b"", b"text", b"{\\rtf1" + b"{" * 5000])
def test_what_is_no_rtf_says_so(data: bytes) -> None:
    """A file that is not RTF and one with too deeply nested groups are refused."""
    with pytest.raises(UserError, match=r"not an RTF file|too deeply"):
        read_rtf(data)


def test_restructured_text_stays_as_it_is() -> None:
    """The text is kept unchanged; headings and invisible markup separate sections."""
    found = rst_draft(sample_files.RST, key="k", source="s.rst", title="S")
    assert found.text == sample_files.RST
    quotable = [found.text[s.start : s.end] for s in found.sections]
    assert not any(hidden in text for text in quotable for hidden in ("comment", "contents", "_gauge", ":class:"))
    assert [heading for heading in dict.fromkeys(headings(found)) if heading] == [
        "Tides",
        "Tides > The gauge",
        "Ferries",
    ]
    assert "   Mind the rocks." in "\n".join(f"   {text}" for text in quotable)
    assert (found.title, found.author, found.published) == ("Skarholm", "Jon Vik", "2024-05-06")


@pytest.mark.parametrize("text", ["Ab\n==\n\n", "Word\n----\n", "======\n", "\n\n", ".. only a comment\n"])
def test_restructured_text_without_text_is_refused(text: str) -> None:
    """A file of only headings and comments is refused."""
    with pytest.raises(UserError, match="no text that could be quoted"):
        rst_draft(text, key="k", source="s.rst", title="S")


def test_a_byte_order_mark_inside_a_value_does_not_shift_offsets() -> None:
    """JSON may escape a byte order mark and carriage returns; headings and sections stay where they are."""
    rows = (
        Row("\ufeffHours", level=1),
        Row(""),
        Row("Open\rall day."),
        Row(""),
        Row("Place", level=1),
        Row(""),
        Row("Quay 3."),
    )
    draft = to_draft(Document(rows), key="k", source="s", title="t", cleaned=False)
    assert draft.text == "Hours\n\nOpen\nall day.\n\nPlace\n\nQuay 3.\n"
    assert [draft.text[one.start : one.end].strip() for one in draft.sections] == ["Open\nall day.", "Quay 3."]


@pytest.mark.parametrize(("mixed", "is_code"), [(True, True), (False, False)])
def test_monospaced_lines_among_text_are_code(mixed: bool, is_code: bool) -> None:
    """Code is most of a short text; a letter in a monospaced font is no code."""
    intro = r"\f1 Run this:\par\f0 " if mixed else ""
    data = rf"{{\rtf1{{\fonttbl{{\f0\fmodern Courier;}}{{\f1 Times;}}}}{intro}\f0 def go():\par     return 1\par}}"
    assert ("    return 1" in draft(read_rtf(data.encode())).text) is is_code


def test_prose_beside_a_contents_list_is_read() -> None:
    """A part that a guide calls the contents may hold the preface too."""
    links = "".join(f'<p><a href="two.xhtml#c{n}">Chapter {n}</a></p>' for n in range(20))
    preface = "The ferry to Holm leaves at seven in the morning, and it does not wait for late passengers."
    part = f"<html><body><p>{preface}</p>{links}</body></html>"
    guide = '<guide><reference type="toc" href="text/two.xhtml"/></guide></package>'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_files, "_TWO", part)
        patch.setattr(sample_files, "_OPF", sample_files._OPF.replace("</package>", guide))
        assert preface in draft(read_epub(sample_files.epub())).text

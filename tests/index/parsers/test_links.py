"""Every format that has links keeps them: the words as a span of the stored text, and the absolute address."""

from __future__ import annotations

import io
import json

import docx
import pptx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st

from index.models import Draft, Link
from index.parsers.chat_messages import chat_draft
from index.parsers.document import Document, to_draft
from index.parsers.docx.docx_parser import read_docx
from index.parsers.epub import read_epub
from index.parsers.faq_tables import read_questions
from index.parsers.html.extract import PageContext, read_page
from index.parsers.linked_text import carried
from index.parsers.mdx import mdx_to_markdown
from index.parsers.opendocument.odf_parser import read_odp, read_ods, read_odt
from index.parsers.pdf.pdf_parser import read_pdf
from index.parsers.plain_text import text_draft
from index.parsers.pptx import read_pptx
from index.parsers.rst import rst_draft
from index.parsers.rtf.rtf_parser import read_rtf
from index.parsers.sandbox import Sandbox
from index.parsers.xlsx import read_xlsx
from tests.index import sample_files
from tests.index.parsers.test_docx import saved
from tests.index.parsers.test_xlsx import book

PAGE = "https://a.example/apply/now.html"
REQUIREMENTS = ("the requirements here", "https://a.example/requirements")
WORDS = "Before you apply, check {} and sign the form."


def draft(document: Document, *, cleaned: bool = False) -> Draft:
    return to_draft(document, key="k", source="s", title="From the name", cleaned=cleaned)


def page(body: str, address: str = PAGE, head: str = "") -> Draft:
    html = f"<html><head><title>Apply</title>{head}</head><body>{body}</body></html>"
    return draft(read_page(html.encode(), PageContext(address)), cleaned=True)


def links(found: Draft) -> list[tuple[str, str]]:
    """Return the words and the address of each link."""
    assert found.links is not None
    return [(found.text[link.start : link.end], link.address) for link in found.links]


def test_web_pages_resolve_addresses() -> None:
    """Relative addresses are resolved against the page, or its base; white space and markup around words are gone."""
    link = '<a href="{}"> the  <b>requirements</b>\n here </a>'
    sentence = f"<p>{WORDS.format(link)}</p>"

    assert links(page(sentence.format("/requirements"))) == [REQUIREMENTS]
    assert links(page(sentence.format("../requirements"))) == [REQUIREMENTS]
    assert links(page(sentence.format("r"), head='<base href="https://b.example/x/">'))[0][1] == "https://b.example/x/r"
    assert links(page(sentence.format("/requirements"), "", f'<link rel="canonical" href="{PAGE}">')) == [REQUIREMENTS]
    assert links(page(sentence.format("/requirements"), "")) == []
    assert links(page(sentence.format("https://a.example/requirements"), "")) == [REQUIREMENTS]


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "java&#10;script:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "#top",
        "now.html#top",
        "tel:+4712345678",
        "",
        "https://good.example@evil.example/",
        "https://a.example/" + "x" * 3000,
    ],
)
def test_other_addresses_are_dropped(href: str) -> None:
    """Scripts, data, files, places on the same page, and addresses that look like others are not kept."""
    assert links(page(f'<p>See <a href="{href}">this</a> and <a href="mailto:a@b.example">mail</a>.</p>')) == [
        ("mail", "mailto:a@b.example")
    ]


def test_links_in_all_parts_of_a_page() -> None:
    """Links in lists, headings, cells and around blocks have the place of their words, also after what is left out."""
    found = page(
        '<p>Home &gt; Apply</p><main><h1>Apply</h1><h2><a href="/h">Who</a> may</h2><ul><li>Say <a href="/l">yes</a>.'
        '<li>Then <a href="/b">sign<br>here</a>.</ul><table><tr><th>Form<th>Fee<tr><td><a href="/a">A</a>'
        '<td rowspan="2"><a href="/f">10 kr</a><tr><td>B</table><a href="/box"><div>First box.</div>'
        '<div>Second box.</div></a><p>Share on Twitter</p><p>The <a href="/end">very end</a>.</p></main>'
    )
    assert [(words, address.removeprefix("https://a.example/")) for words, address in links(found)] == [
        *[("Who", "h"), ("yes", "l"), ("sign", "b"), ("here", "b"), ("A", "a"), ("10 kr", "f"), ("10 kr", "f")],
        *[("First box.", "box"), ("Second box.", "box"), ("very end", "end")],
    ]


def test_links_change_no_letter_of_a_page() -> None:
    """The text of a page is the same with and without its addresses."""
    body = '<p>a <a href="/x"> b</a>c<a href="/y">\u00ad d \u200b</a> e<a href="/z"><br></a>f</p><li><a href="/l">g</a>'
    assert page(body).text == page(body.replace("href", "name")).text


def test_markdown_keeps_its_characters() -> None:
    """The span of a link is that of its words; the address stays in the text."""
    text = '# Apply\n\nCheck [the *requirements*](requirements "Title"), the [form][F] or <https://a.example/auto>.'
    text += "\n\n[f]: /f\n"
    found = text_draft(text, key="k", source="s.md", markdown=True, address="https://a.example/")
    assert found.text == text
    assert links(found) == [
        ("the *requirements*", "https://a.example/requirements"),
        ("form", "https://a.example/f"),
        ("https://a.example/auto", "https://a.example/auto"),
    ]


def test_cleaning_moves_links_with_their_words() -> None:
    """Lines that are deleted as boilerplate above a link move its place, and links in them go with them."""
    text = "[Home](https://a.example) | [News](https://a.example/n) | [Contact](https://a.example/c)\n\n# Apply\n\n"
    text += "Check [the requirements here](https://a.example/requirements) before you write to us.\n"
    found = text_draft(text, key="k", source="s.md", markdown=True)
    assert found.removed
    assert links(found) == [REQUIREMENTS]


def test_mdx() -> None:
    """Links stay where components around them are removed."""
    text = (
        "import X from './x'\n\n<Card>\n\nCheck [the requirements here](https://a.example/requirements).\n\n</Card>\n"
    )
    assert links(text_draft(mdx_to_markdown(text), key="k", source="s.mdx", markdown=True)) == [REQUIREMENTS]


def test_restructured_text() -> None:
    """Links with an address, by name, without a name, and by another name; no roles and no literals."""
    text = (
        "Apply\n=====\n\nCheck `the requirements here <https://a.example/requirements>`_, the form_, `our site`__ and\n"
        "`the rules`_; not :ref:`this <https://a.example>` nor ``form_``.\n\n.. _form: https://a.example/f\n"
        ".. _the rules: form_\n__ https://a.example/s\n"
    )
    assert links(rst_draft(text, key="k", source="s.rst", title="t")) == [
        REQUIREMENTS,
        ("form", "https://a.example/f"),
        ("our site", "https://a.example/s"),
        ("the rules", "https://a.example/f"),
    ]


def test_messages() -> None:
    """Masked links of messages have their place in the conversation."""
    said = [("Ada", "Hello."), ("Ben", WORDS.format("[the requirements here](https://a.example/requirements)"))]
    assert links(chat_draft(said, key="k", source="s", title="t")) == [REQUIREMENTS]


def test_plain_text_states_no_links() -> None:
    """What plain text has are bare addresses, which are found when it is quoted."""
    assert text_draft("See https://a.example for more.", key="k", source="s.txt").links is None


def word_file(inner: str, target: str = "https://a.example/requirements") -> bytes:
    """Return a Word file with a paragraph of this XML, in which `rel` is the id of an external link."""
    document = docx.Document()
    key = document.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    paragraph = parse_xml(f"<w:p {nsdecls('w', 'r')}>{inner.replace('rel', key)}</w:p>")
    document.element.body.insert(0, paragraph)
    return saved(document)


def test_word_files() -> None:
    """Link elements, and HYPERLINK fields of both kinds, over several runs; not links inside the file."""
    run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'.format
    bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>requirements</w:t></w:r>"
    inner = run("the ") + bold + run(" here")
    element = f'<w:hyperlink r:id="rel">{inner}</w:hyperlink>'
    char = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    instruction = '<w:r><w:instrText xml:space="preserve"> HYPERLINK {} </w:instrText></w:r>'.format
    address = '"https://a.example/requirements"'
    field = char("begin") + instruction(address) + char("separate") + inner + char("end")
    simple = f"<w:fldSimple w:instr='HYPERLINK {address}'>{inner}</w:fldSimple>"
    for link in (element, field, simple):
        found = draft(read_docx(word_file(run("Check ") + link + run(" first."))))
        assert found.text == "Check the requirements here first.\n"
        assert links(found) == [REQUIREMENTS]
    inside = char("begin") + instruction('\\l "Place"') + char("separate") + inner + char("end")
    assert links(draft(read_docx(word_file(inside)))) == []
    place = draft(read_docx(word_file(element.replace("r:id", 'w:anchor="fees" r:id'))))
    assert links(place) == [("the requirements here", "https://a.example/requirements#fees")]


def test_opendocument() -> None:
    """Links in texts, slides and sheets."""
    link = '<text:a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="https://a.example/requirements">the '
    link += "<text:span>requirements</text:span> here</text:a>"
    sentence = f"<text:p>{WORDS.format(link)}</text:p>"
    start, end = sample_files.ODT_START, sample_files.ODT_END
    slides = f'<draw:page xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0">{sentence}</draw:page>'
    cells = f"<table:table><table:table-row><table:table-cell>{sentence}</table:table-cell><table:table-cell><text:p>1"
    cells += "</text:p></table:table-cell></table:table-row></table:table>"
    for read, content in ((read_odt, sentence), (read_odp, slides), (read_ods, cells)):
        assert links(draft(read(sample_files.odt(content=start + content + end)))) == [REQUIREMENTS]


def test_rtf() -> None:
    """HYPERLINK fields, over several runs and paragraphs."""
    field = (
        rb'{\field{\*\fldinst{HYPERLINK "https://a.example/requirements"}}{\fldrslt{\ul the {\b requirements} here}}}'
    )
    found = draft(read_rtf(rb"{\rtf1\ansi\pard Check " + field + rb" first.\par}"))
    assert (found.text, links(found)) == ("Check the requirements here first.\n", [REQUIREMENTS])
    assert links(draft(read_rtf(sample_files.RTF))) == [("Mira Holt", "https://x.example")]


def test_presentations() -> None:
    """Links of runs on slides and in their notes."""
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Apply"
    for frame, target in (
        (slide.placeholders[1].text_frame, "requirements"),
        (slide.notes_slide.notes_text_frame, "n"),
    ):
        paragraph = frame.paragraphs[0]
        paragraph.add_run().text = "Check "
        run = paragraph.add_run()
        run.text, run.hyperlink.address = "the requirements here", f"https://a.example/{target}"
    stream = io.BytesIO()
    show.save(stream)
    assert links(draft(read_pptx(stream.getvalue()))) == [
        REQUIREMENTS,
        ("the requirements here", "https://a.example/n"),
    ]


def test_books() -> None:
    """Links to the web from a chapter; those between chapters have no address."""
    link = '<a href="https://a.example/requirements">the requirements here</a>'
    chapter = f'<p>Check {link} or <a href="one.xhtml">one</a>.</p>'
    data = sample_files.zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": sample_files._CONTAINER,
            "OPS/book.opf": sample_files._OPF,
            "OPS/text/two.xhtml": f"<html><body>{chapter}</body></html>",
        }
    )
    assert links(draft(read_epub(data))) == [REQUIREMENTS]


def test_spreadsheets() -> None:
    """A link belongs to its whole cell, also if a formula makes it; hidden cells have none."""
    cell = '<c r="{}" t="str"><v>{}</v></c>'.format
    formula = '<c r="B2" t="str"><f>HYPERLINK("https://a.example/g","x")</f><v>Guide</v></c>'
    rows = f'<row r="1">{cell("A1", "Form")}{cell("B1", "Help")}</row>'
    rows += f'<row r="2">{cell("A2", "the requirements here")}{formula}</row>'
    extra = '<hyperlinks xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    extra += '<hyperlink ref="A2" r:id="l1"/></hyperlinks>'
    relations = '<Relationships><Relationship Id="l1" TargetMode="External" Target="https://a.example/requirements"/>'
    data = book(rows, extra, {"xl/worksheets/_rels/sheet1.xml.rels": f"{relations}</Relationships>"})
    assert links(draft(read_xlsx(data))) == [REQUIREMENTS, ("Guide", "https://a.example/g")]


def test_questions_and_answers() -> None:
    """Answers in HTML and in Markdown have links."""
    html = '<p>Check <a href="https://a.example/requirements">the requirements here</a>.</p>'
    pairs = [{"question": "How?", "answer": html}, {"question": "Where?", "answer": "In [town](https://a.example/t)."}]
    found = draft(read_questions(json.dumps(pairs).encode(), "json"))
    assert links(found) == [REQUIREMENTS, ("town", "https://a.example/t")]


def pdf_page(pdf: FPDF, *parts: tuple[str, str]) -> None:
    """Add a page with a running text of parts, each with its address or ""."""
    pdf.add_page()
    for text, address in parts:
        pdf.write(6, text, link=address)


def test_pdf() -> None:
    """The words below a link annotation, over line ends and pages; equal words keep the address of their own place."""
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    filler = "In winter nobody comes, and the ferry stays in the harbour until the ice has gone. "
    long = "a link that goes on for so many words that it does not end on the line on which it has begun"
    pdf_page(
        pdf,
        ("Before you apply, check ", ""),
        REQUIREMENTS,
        (f". {filler}Then read ", ""),
        (long, "https://a.example/l"),
    )
    pdf_page(
        pdf, ("Click ", ""), ("here", "https://a.example/1"), (" for one or ", ""), ("here", "https://a.example/2")
    )
    found = draft(read_pdf(bytes(pdf.output())))
    assert links(found) == [
        REQUIREMENTS,
        (long, "https://a.example/l"),
        ("here", "https://a.example/1"),
        ("here", "https://a.example/2"),
    ]


def test_links_pass_through_the_sandbox() -> None:
    """What the parser process returns has the links that the parser found, with their type."""
    sandbox = Sandbox()
    try:
        html = b'<p>Check <a href="requirements">the requirements here</a> before you come, please.</p>'
        about = {"key": "k", "source": "s", "title": "t", "address": "https://a.example/", "charset": None}
        found = sandbox.draft(html, kind="html", **about)
        assert links(found) == [REQUIREMENTS]
        assert found.links is not None
        assert isinstance(found.links[0], Link)
        assert sandbox.text("Plain.", key="k", source="s", markdown=False, title=None).links is None
    finally:
        sandbox.close()


TEXTS = st.text(alphabet="ab \n\t\u00ad", max_size=30)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4))
def test_carried_links_keep_their_words(text: str, edges: list[tuple[int, int]]) -> None:
    """Whatever white space is collapsed, and wherever lines end, a link has the same visible characters."""
    spans = sorted({(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in edges})
    own = [Link(start, end, str(number)) for number, (start, end) in enumerate(spans)]
    lines = [" ".join(line.replace("\u00ad", "").split()) for line in text.split("\n")]
    found = carried(text, own, lines)
    for link in own:
        written = "".join(text[link.start : link.end].replace("\u00ad", "").split())
        kept = [
            line[a:b] for line, each in zip(lines, found, strict=True) for a, b, name in each if name == link.address
        ]
        assert "".join("".join(kept).split()) == written
        assert all(words == words.strip() for words in kept)

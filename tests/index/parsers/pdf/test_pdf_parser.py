"""PDF files give whole paragraphs without running lines, each with its page."""

from __future__ import annotations

import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission

from index.models import Draft, UserError
from index.parsers.document import to_draft
from index.parsers.pdf.pdf_parser import read_pdf

FIRST = (
    "The lighthouse of Skarholm was built in 1871, after the Northern Star had been lost on the reef with all hands. "
    "Its keeper is Mira Holt, who counts the gulls every morning. "
)
SECOND = "In winter nobody comes, and the ferry stays in the harbour until the ice has gone from the narrow bay. "


class Book(FPDF):
    def header(self) -> None:
        self.set_font("helvetica", size=9)
        self.cell(0, 8, "A History of Skarholm", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("helvetica", size=9)
        self.cell(0, 8, f"- {self.page_no()} -", align="C")


def book(pages: int = 3) -> bytes:
    pdf = Book()
    pdf.set_title("Skarholm")
    pdf.set_author("Jon Vik")
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.set_font("helvetica", style="B", size=18)
        pdf.multi_cell(0, 10, f"Chapter {number}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("times", size=11)
        pdf.multi_cell(0, 5, FIRST, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
        pdf.multi_cell(0, 5, f"{SECOND}This is said on page {number}.", align="L", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def lines(*texts: str, font: str = "times", size: int = 11) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font(font, size=size)
    for text in texts:
        pdf.cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def draft(data: bytes) -> Draft:
    return to_draft(read_pdf(data), key="k", source="s.pdf", title="From the name", cleaned=False)


def test_paragraphs_are_whole_and_running_lines_are_gone() -> None:
    """Lines of a paragraph are joined; running heads, feet and page numbers are removed."""
    text = draft(book()).text
    assert text.count(FIRST.strip()) == 3
    assert text.count(f"\n\n{SECOND}This is said on page 2.\n") == 1
    assert "A History" not in text
    assert "- 2 -" not in text


def test_pages_and_chapters_are_known() -> None:
    """The page of each sentence is known, and large lines are headings."""
    found = draft(book())
    place = [found.text.index(f"on page {number}.") for number in (1, 2, 3)]
    assert [sum(start <= at for start in found.pages) for at in place] == [1, 2, 3]
    assert [section.heading for section in found.sections] == ["Chapter 1", "Chapter 2", "Chapter 3"]


def test_what_the_file_says_of_itself() -> None:
    """Title, author and date come from the file's metadata, but a file name there is not a title."""
    found = draft(book())
    assert (found.title, found.author) == ("Skarholm", "Jon Vik")
    assert found.published is not None
    pdf = FPDF()
    pdf.set_title("report_final2.docx")
    pdf.add_page()
    pdf.set_font("times", size=11)
    pdf.cell(text="The ferry leaves at seven in the morning.")
    assert draft(bytes(pdf.output())).title == "From the name"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (("The harbour has a light-", "house, which Mira keeps."), "The harbour has a lighthouse, which Mira keeps."),
        (
            ("A well-known keeper counts the gulls, being a well-", "known keeper of the old lighthouse there."),
            "A well-known keeper counts the gulls, being a well-known keeper of the old lighthouse there.",
        ),
        (
            ("Things to bring to the island:", "- a leash", "- a coat"),
            "Things to bring to the island:\n- a leash\n- a coat",
        ),
    ],
)
def test_lines_are_joined_sensibly(printed: tuple[str, ...], expected: str) -> None:
    """A hyphenated word is joined as the text spells it elsewhere; list items stay on their own lines."""
    assert draft(lines(*printed)).text.strip() == expected


def test_raised_digits_stay_apart_from_words() -> None:
    """The number of a footnote is superscript, not part of the word before it."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("times", size=11)
    pdf.write(5, "The tide rises by 10")
    pdf.char_vpos = "SUP"
    pdf.write(5, "6")
    pdf.char_vpos = "LINE"
    pdf.write(5, " drops in 1871.")
    assert draft(bytes(pdf.output())).text.strip() == "The tide rises by 10⁶ drops in 1871."


def test_code_stays_in_lines() -> None:
    """Lines in a monospaced font are code, indented as printed."""
    found = draft(lines("def level(hour):", "    return 2.7", font="courier"))
    assert found.text == "```\ndef level(hour):\n    return 2.7\n```\n"


def test_a_sentence_goes_on_over_the_page() -> None:
    """A paragraph that continues on the next page is one row, on the page where it begins."""
    pdf = FPDF()
    pdf.set_font("times", size=11)
    pdf.add_page()
    pdf.cell(text="The ferry leaves at seven, whatever the weather, and")
    pdf.add_page()
    pdf.cell(text="dogs travel free of charge.")
    found = draft(bytes(pdf.output()))
    assert "whatever the weather, and dogs travel free of charge." in found.text


def test_scans_are_refused() -> None:
    """A PDF without text is refused with advice."""
    pdf = FPDF()
    for _ in range(3):
        pdf.add_page()
        pdf.rect(10, 10, 100, 100)
    with pytest.raises(UserError, match="OCR"):
        draft(bytes(pdf.output()))


def test_a_password_is_told() -> None:
    """A file protected by a password is refused with that reason."""
    pdf = FPDF()
    pdf.set_encryption(owner_password="o", user_password="u", permissions=AccessPermission.none())
    pdf.add_page()
    pdf.set_font("times", size=11)
    pdf.cell(text="secret")
    with pytest.raises(UserError, match="password"):
        draft(bytes(pdf.output()))


def test_no_pdf_is_told() -> None:
    """A file that is not a PDF is refused."""
    with pytest.raises(UserError, match="not a PDF"):
        draft(b"%PDF-1.7 but nothing else")

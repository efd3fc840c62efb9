"""What interrupts a paragraph or a table of a PDF, and text that a page does not show."""

from __future__ import annotations

from bisect import bisect_right

from tests.index.parsers.pdf.test_layout import at, draft, raw_pdf

BODY = (
    "The lighthouse at Skarn was lit for the first time in 1871, and",
    "its keeper, who tended the lamp and wrote down every ship that",
    "passed the reef in the long nights of the winter, was paid by",
)


def lines(texts: tuple[str, ...], top: float, *, left: float = 72, size: float = 10) -> str:
    return "".join(at(left, top - 1.2 * size * n, text, size=size) for n, text in enumerate(texts))


def test_a_paragraph_goes_on_after_the_footnotes_of_its_page() -> None:
    """The paragraph is whole and its sentence has both pages; the footnote keeps its own."""
    note = ("1 The reef was charted in 1820 by a crew", "from Holm.")
    rest = ("the council of the harbour until the siren came. He retired then.", "A museum keeps his books.")
    found = draft(raw_pdf(lines(BODY, 760) + lines(note, 100, size=7), lines(rest, 760)))
    assert "was paid by the council of the harbour until" in found.text
    assert bisect_right(found.pages, found.text.index("The lighthouse")) == 1
    assert bisect_right(found.pages, found.text.index("The reef was charted")) == 1
    assert bisect_right(found.pages, found.text.index("the council")) == 2


def test_an_indented_line_after_a_full_line_begins_a_paragraph() -> None:
    first = ("The lamp was lit in 1871 and was tended by hand for forty years.", "It burned whale oil until gas came.")
    shown = at(84, 760, first[0]) + at(72, 748, "It burned whale oil until the gas came over the sea in the spring.")
    shown += at(84, 736, "The siren took the place of the bell in 1888, and it could be") + at(
        72, 724, "heard at Holm."
    )
    assert "in the spring.\n\nThe siren took" in draft(raw_pdf(shown)).text


def test_a_row_that_stands_apart_from_its_table_is_a_row() -> None:
    """Rows of a register with a note below each have cells, and the notes are paragraphs of their own."""
    rows = (("Date", "Place", "Ship"), ("2 May 1901", "Skarn", "Alma"), ("9 June 1902", "Holm", "Vidar"))
    notes = ("", "She ran aground in fog and was towed off by two boats that same night.", "Her cargo was lost.")
    shown = ""
    for number, (row, note) in enumerate(zip(rows, notes, strict=True)):
        top = 760 - 50 * number if number else 740
        shown += "".join(at(72 + 150 * n, top, cell) for n, cell in enumerate(row)) + at(72, top - 16, note)
    text = draft(raw_pdf(shown)).text
    assert "| 2 May 1901 | Skarn | Alma |" in text
    assert "| 9 June 1902 | Holm | Vidar |" in text
    assert "\nHer cargo was lost." in text


def test_numbers_set_close_together_are_cells_where_other_lines_have_gaps() -> None:
    table = (("Robbery", "16", "25", "-36.0"), ("Burglary", "20", "29", "-31.0"), ("Theft", "201", "201", "0.0"))
    places = (72, 200, 260, 320)
    shown = "".join(
        at(x, 760 - 14 * n, cell) for n, row in enumerate(table) for x, cell in zip(places, row, strict=True)
    )
    shown += at(72, 718, "Murder") + at(200, 718, "0") + at(262, 718, "1234567890 -100.0")
    assert "| Murder | 0 | 1234567890 | -100.0 |" in draft(raw_pdf(shown)).text


def test_text_outside_the_page_is_not_read() -> None:
    found = draft(raw_pdf(lines(BODY, 760), at(72, 760, "A ferry leaves at noon.") + at(72, 1200, "It is cancelled.")))
    assert "A ferry leaves at noon." in found.text
    assert "cancelled" not in found.text


def test_a_vertical_line_between_words_separates_cells() -> None:
    """Cells that nearly touch are cells if a line is drawn between them."""
    shown = "".join(
        at(72, y, name) + at(140, y, first) + at(166, y, second) for y, name, first, second in (
            (760, "Skarn", "quay", "pier"), (744, "Holm", "dock", "mole"), (728, "Vik", "yard", "slip"),
        )
    )  # fmt: skip
    shown += "".join(f"{x} 720 m {x} 772 l S\n" for x in (68, 130, 164, 200))
    shown += "".join(f"68 {y} m 200 {y} l S\n" for y in (720, 738, 754, 772))
    assert "| Holm | dock | mole |" in draft(raw_pdf(shown)).text


def test_letters_drawn_twice_to_look_bold_are_read_once() -> None:
    shown = "".join(at(72 + by, 760, "The ferry to Holm leaves at seven.", size=12) for by in (0, 0.4))
    assert draft(raw_pdf(shown)).text == "The ferry to Holm leaves at seven.\n"


def test_a_column_that_ends_with_an_article_goes_on_in_the_next() -> None:
    """The rest of the sentence begins with a number and comes after a footnote."""
    left = ("The lighthouse at Skarn was seen by", "seamen far out, and it was one of the")
    right = ("12 lights that the council of Holm paid", "for in the years after the great storm.")
    shown = lines(left, 760) + lines(("1 See the list of", "all lights at Holm."), 700, size=7)
    text = draft(raw_pdf(shown, lines(right, 760))).text
    assert "one of the 12 lights that the council" in text


def test_a_page_whose_glyphs_have_no_characters_is_missing() -> None:
    """The other page is read, and the number of this one is named."""
    glyphs = "".join(f"\\{number:03o}" for number in (1, 4, 5, 6, 7, 14, 15, 16, 17) * 4)
    found = draft(raw_pdf(lines(BODY, 760), at(72, 760, glyphs)))
    assert found.missing_pages == ("2",)
    assert "The lighthouse" in found.text


def test_a_typewritten_document_has_paragraphs() -> None:
    """Prose in a monospaced font is no code; code in such a document would be read as text."""
    prose = ("The harbour office of Skarn was opened in the", "spring of 1871, and it has kept a book of all", "ships.")
    shown = "".join(at(72, 760 - 12 * n, line) for n, line in enumerate(prose))
    data = raw_pdf(shown).replace(b"/BaseFont/Helvetica>>", b"/BaseFont/Courier>>")
    assert draft(data).text == " ".join(prose) + "\n"

"""The layout of PDF pages: sizes, columns, tables, running lines and page breaks."""

from __future__ import annotations

import pytest
from fpdf import FPDF

from index.models import Draft, UserError
from index.parsers.document import to_draft
from index.parsers.pdf.pdf_parser import read_pdf
from index.text.structure import structure_of

FONTS = (
    "<</F1 <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>/F2 <</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>>>"
)


def raw_pdf(*pages: str, missing: int = 0) -> bytes:
    """Return a PDF whose pages have these content streams, and after them some whose objects are missing."""
    numbers = [4 + 2 * n for n in range(len(pages) + missing)]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = {
        1: "<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Kids[{kids}]/Count {len(numbers)}>>",
        3: FONTS,
    }
    for number, content in zip(numbers, pages, strict=False):
        page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font 3 0 R>>/Contents {} 0 R>>"
        objects[number] = page.format(number + 1)
        objects[number + 1] = f"<</Length {len(content)}>>stream\n{content}\nendstream"
    body = "".join(f"{number} 0 obj\n{text}\nendobj\n" for number, text in objects.items())
    return f"%PDF-1.5\n{body}trailer<</Root 1 0 R>>\n".encode()


def at(x: float, y: float, text: str, *, font: str = "F1", size: float = 10) -> str:
    """Return the operators that show a text at a place."""
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n"


def draft(data: bytes) -> Draft:
    return to_draft(read_pdf(data), key="k", source="s.pdf", title="From the name", cleaned=False)


def test_the_size_of_letters_includes_the_text_matrix() -> None:
    """Text of font size 1 that the text matrix enlarges is joined and hyphenated like any other."""
    lines = ("The harbour office sells tickets until the last ferry has left. A tic-", "ket on board costs more.")
    shown = "".join(f"BT /F1 1 Tf 10 0 0 10 72 {760 - 13 * n} Tm ({line}) Tj ET\n" for n, line in enumerate(lines))
    found = draft(raw_pdf("BT /F1 1 Tf 22 0 0 22 72 800 Tm (Tickets) Tj ET\n" + shown))
    assert "has left. A ticket on board costs more." in found.text
    assert found.title == "Tickets"


LEFT = (
    "The lighthouse at Skarn was lit for",
    "the first time in 1871. Its keeper was",
    "Tora Hagen, who tended the lamp and",
    "wrote down every ship that passed.",
)
RIGHT = (
    "The fog signal was a bell at first,",
    "and was rung by hand until a siren",
    "took its place in 1888. The siren fell",
    "silent when the ships had radar.",
)


def columns(top: float) -> str:
    rows = zip(LEFT, RIGHT, strict=True)
    return "".join(at(60, top - 12 * n, left) + at(320, top - 12 * n, right) for n, (left, right) in enumerate(rows))


def test_columns_are_read_one_after_the_other() -> None:
    """Lines that are drawn across two columns are read column by column, and headings over both between them."""
    heading = at(60, 700, "The second part of the history of the lighthouse and of its signals", font="F2", size=14)
    found = draft(raw_pdf(columns(780) + heading + columns(670)))
    left, right = " ".join(LEFT), " ".join(RIGHT)
    places = [found.text.index(left), found.text.index(right), found.text.index("The second part")]
    places += [found.text.index(left, places[2]), found.text.index(right, places[2])]
    assert places == sorted(places)


def test_an_aligned_table_has_rows_and_a_head() -> None:
    """Cells that stand below each other are a table; a bold first row has the names of its columns."""
    rows = [("Day", "Morning", "Evening"), ("12 June", "04:10", "16:35"), ("13 June", "04:58", "17:20")]
    shown = "".join(
        at(60 + 150 * column, 700 - 16 * row, cell, font="F1" if row else "F2")
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    )
    above = at(60, 740, "The table gives high water at the pier of Skarn for two days in June, in local time.")
    found = draft(raw_pdf(above + shown))
    assert "| Day | Morning | Evening |\n| --- | --- | --- |\n| 12 June | 04:10 | 16:35 |" in found.text
    (table,) = structure_of(found.text, found.sections).tables
    assert table.head is not None
    assert table.head.of(found.text) == "| Day | Morning | Evening |"
    assert len(table.rows) == 2


def test_a_table_with_borders_keeps_its_cells_whole() -> None:
    """Lines in a cell are joined, and a merged cell is repeated in each row that it spans."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    payer = "The owner of the boat, or the skipper who signs for it on the day of arrival at the pier of Skarn"
    with pdf.table() as table:
        for cells in (("Boat", "Who pays", "Fee"), ("Sailing boat", payer, "12 crowns")):
            row = table.row()
            for cell in cells:
                row.cell(cell)
        row = table.row()
        row.cell("Ferry", rowspan=2)
        row.cell("The company")
        row.cell("900 crowns")
        row = table.row()
        row.cell("The island")
        row.cell("nothing")
    text = draft(bytes(pdf.output())).text
    assert f"| Sailing boat | {payer} | 12 crowns |\n" in text
    assert "| Ferry | The company | 900 crowns |\n| Ferry | The island | nothing |" in text


def test_pages_of_few_lines_keep_them() -> None:
    """First lines at one height that differ from page to page are text; page numbers are not."""
    titles = ("Summer rules", "Winter rules", "Night rules", "Storm rules")
    pages = [
        at(72, 800, f"{title} for the deck") + at(72, 700, f"They hold for the {title}.") + at(290, 30, str(number))
        for number, title in enumerate(titles, 1)
    ]
    text = draft(raw_pdf(*pages)).text
    assert all(f"{title} for the deck" in text for title in titles)
    assert "\n3\n" not in text


def test_a_sentence_over_a_page_break_is_on_both_pages() -> None:
    """The second page begins inside the paragraph, at the word where it begins in print."""
    first = at(72, 760, "The ferry leaves at seven, whatever the weather, and")
    second = at(72, 800, "dogs travel free of charge. Cats do not.") + at(72, 787, "They stay at home.")
    found = draft(raw_pdf(first, second))
    assert "whatever the weather, and dogs travel free of charge." in found.text
    assert found.text[found.pages[1] :].startswith("dogs travel")


def test_a_page_that_cannot_be_read_is_named() -> None:
    """The other pages are read, and the missing one is listed."""
    found = draft(raw_pdf(at(72, 760, "The ferry to Holm leaves at seven in the morning."), missing=1))
    assert "leaves at seven" in found.text
    assert found.list_missing_pages() == "2"


def test_few_words_are_no_scan() -> None:
    """A PDF with little text is read; one without any is refused with advice."""
    assert draft(raw_pdf(*[at(72, 760, "Closed today.")] * 2)).text.count("Closed today.") == 2
    with pytest.raises(UserError, match="OCR"):
        draft(raw_pdf("", ""))


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("a ship with a well-", "known captain", "well-known captain"),
        ("one of the thirty-", "two men on board", "thirty-two men"),
        ("the cost-", "effective way", "cost-effective way"),
        ("in the night of 3 Novem-", "ber 1893", "November 1893"),
        ("the winter of 2019-", "2020 was mild", "2019-2020 was"),
        ("see https://", "skarn.example/tides", "https://skarn.example/tides"),
    ],
)
def test_hyphens_at_the_end_of_lines(above: str, below: str, expected: str) -> None:
    """A hyphen that breaks a word goes; one of a compound, range or address stays."""
    text = draft(
        raw_pdf(at(72, 760, f"This is about {above}") + at(72, 748, f"{below} and of what came after it."))
    ).text
    assert expected in text


def test_form_fields_are_read() -> None:
    """What was typed into a form stands where its field is."""
    data = raw_pdf(at(72, 760, "Name of the skipper:"))
    field = (
        "20 0 obj\n<</Type/Annot/Subtype/Widget/FT/Tx/T(skipper)/V(Mira Holt)/Rect[200 750 400 770]/P 4 0 R"
        "/DA(/Helv 10 Tf 0 g)>>\nendobj\n"
    )
    text = data.decode().replace("/Pages 2 0 R>>", "/Pages 2 0 R/AcroForm<</Fields[20 0 R]/DA(/Helv 10 Tf 0 g)>>>>")
    text = text.replace("/Contents 5 0 R", "/Contents 5 0 R/Annots[20 0 R]").replace("trailer", f"{field}trailer")
    assert "Name of the skipper: Mira Holt" in draft(text.encode()).text


def rule(left: float, right: float, y: float) -> str:
    """Return the operators that draw a level line."""
    return f"{left} {y} m {right} {y} l S\n"


def test_a_table_with_lines_only_above_and_below_has_its_rows_and_the_names_of_its_columns() -> None:
    """A name over several columns, with a line below it, is part of each name; a cell may have several lines."""
    page = "".join(rule(72, 520, y) for y in (740, 700, 600)) + rule(230, 360, 724) + rule(380, 520, 724)
    page += at(260, 728, "Summer") + at(420, 728, "Winter")
    names = ("Boat", "Fee", "Days", "Fee", "Days")
    rows = (("Sailing boat up", "12", "90", "8", "30"), ("Ferry", "900", "120", "700", "40"))
    xs = (74, 240, 320, 400, 480)
    page += "".join(at(x, 706, name) for x, name in zip(xs, names, strict=True))
    page += "".join(at(x, 680, cell) for x, cell in zip(xs, rows[0], strict=True)) + at(74, 668, "to ten metres")
    page += "".join(at(x, 640, cell) for x, cell in zip(xs, rows[1], strict=True))
    found = draft(raw_pdf(page)).text.splitlines()
    assert found[0] == "| Boat | Summer Fee | Summer Days | Winter Fee | Winter Days |"
    assert found[2:] == [
        "| Sailing boat up to ten metres | 12 | 90 | 8 | 30 |",
        "| Ferry | 900 | 120 | 700 | 40 |",
    ]


def test_the_cells_of_a_column_that_no_line_parts_stand_apart() -> None:
    """Numbers below each other are cells, although the borders around them have no line between their columns."""
    page = "".join(rule(72, 420, y) for y in (740, 720, 700, 680, 660, 640))
    page += "".join(f"{x} 640 m {x} 740 l S\n" for x in (72, 200, 420))
    for n, cells in enumerate(
        (("Pier", "Men", "Women"), ("North", "12", "15"), ("South", "7", "9"), ("East", "30", "28"), ("West", "1", "4"))
    ):
        page += "".join(at(x, 726 - 20 * n, cell) for x, cell in zip((76, 230, 330), cells, strict=True))
    assert "| South | 7 | 9 |" in draft(raw_pdf(page)).text.splitlines()


def test_a_table_in_two_halves_beside_each_other_is_one() -> None:
    """A head that repeats shows that the second half of a table is beside the first."""
    rows = [
        ("Age", "People", "Age", "People"),
        *((f"{n} years", f"{n}00", f"{n + 4} years", f"{n}50") for n in range(4)),
    ]
    page = "".join(
        at(x, 740 - 14 * n, cell)
        for n, row in enumerate(rows)
        for x, cell in zip((72, 160, 300, 400), row, strict=True)
    )
    found = [line for line in draft(raw_pdf(page)).text.splitlines() if "---" not in line]
    assert found == [
        "| Age | People |",
        *(f"| {n} years | {n}00 |" for n in range(4)),
        *(f"| {n + 4} years | {n}50 |" for n in range(4)),
    ]


def test_the_name_of_a_row_in_several_lines_stays_with_its_numbers() -> None:
    """Lines of a name that are nearer to the numbers than to other rows belong to them, above and below."""
    page = at(72, 740, "Pier") + at(250, 740, "2019") + at(320, 740, "2020")
    page += at(72, 710, "North") + at(250, 710, "11") + at(320, 710, "12")
    page += at(72, 680, "South") + at(250, 680, "13") + at(320, 680, "14")
    page += at(72, 655, "East, with the") + at(250, 649, "15") + at(320, 649, "16") + at(72, 643, "ferry berth")
    assert "| East, with the ferry berth | 15 | 16 |" in draft(raw_pdf(page)).text.splitlines()


def test_a_leader_parts_a_name_and_its_number() -> None:
    """Dots between a name and the numbers of its row are no part of the cells."""
    page = "".join(
        at(72, 740 - 14 * n, f"{name} ................") + at(250, 740 - 14 * n, one) + at(320, 740 - 14 * n, other)
        for n, (name, one, other) in enumerate(
            (("Tea", "1.20", "1.50"), ("Soup", "4.00", "4.50"), ("Pie", "6.10", "6.90"))
        )
    )
    assert "4.00 | 4.50 |" in draft(raw_pdf(page)).text

"""Generated PDF pages of known text: columns and tables in the layouts that are common, each with what is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from fpdf import FPDF

_LIGHT: Final = (
    "The lighthouse at Skarn was lit for the first time in 1871. Its keeper, Tora Hagen, tended the lamp for forty "
    "years and wrote down every ship that passed. The lamp burned colza oil until 1902, then paraffin."
)
_QUAYS: Final = (
    "Harbour Information systems need much time before they know a quay. The office at Holm keeps a list of all "
    "quays, which Mira Holt brings up to date on the first Monday of each month, whatever the weather."
)
_SIGNAL: Final = (
    "The fog signal was a bell at first. It was rung by hand until 1888. A siren driven by steam took its place and "
    "could be heard for nine miles. The siren fell silent in 1979 because the ships had radar by then."
)
_FEES: Final = (
    "Boats that stay longer than a night pay a fee, which the council of Skarn sets each winter. Fishing boats of the "
    "district pay nothing, and neither do those that seek shelter from a storm."
)
_PARAGRAPHS: Final = (_LIGHT, _QUAYS, _SIGNAL, _FEES)
_HEADING: Final = "What the council of Skarn decided about the harbour and its lights"
_SHORT: Final = (
    ("Day", "Morning", "Evening", "Height"),
    ("12 June", "04:10", "16:35", "3.1 m"),
    ("13 June", "04:58", "17:20", "3.4 m"),
    ("14 June", "05:44", "18:09", "3.6 m"),
)
_LONG: Final = (
    ("Boat", "Who pays", "Fee a night"),
    ("Sailing boat", "The owner, or the skipper who signs for the boat on the day of arrival at the pier", "12 crowns"),
    ("Ferry", "The company that runs the line, once a year and in advance", "900 crowns"),
    ("Fishing boat", "Nobody, if the boat is registered in the district of Skarn", "nothing"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """A PDF page with the paragraphs and table rows that its text must contain in this order."""

    name: str
    data: bytes
    expected: tuple[str, ...]


def layouts() -> Iterator[Layout]:
    """Yield columns by their number, alignment, font size and heading, and tables by their borders and cells."""
    for count, align, size, between in product((2, 3), ("L", "J"), (9, 11), (False, True)):
        yield _columns(count, align, size, between=between)
    for borders, bold, rows in product(
        ("ALL", "HORIZONTAL_LINES", "SINGLE_TOP_LINE", "NONE"), (False, True), (_SHORT, _LONG)
    ):
        yield _table(borders, rows, bold=bold)


def _page(size: int) -> FPDF:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("times", size=size)
    return pdf


def _columns(count: int, align: str, size: int, *, between: bool) -> Layout:
    pdf = _page(size)
    halves = (_PARAGRAPHS[:2], _PARAGRAPHS[2:]) if between else (_PARAGRAPHS,)
    for number, texts in enumerate(halves):
        if number:
            pdf.ln(size)
            pdf.set_font("times", style="B", size=size + 3)
            pdf.multi_cell(0, 8, _HEADING, new_x="LMARGIN", new_y="NEXT")
            pdf.set_font("times", size=size)
        with pdf.text_columns(ncols=count, gutter=8, text_align=align, balance=True) as columns:
            for text in texts:
                with columns.paragraph(bottom_margin=3) as paragraph:
                    paragraph.write(text)
    expected = (*_PARAGRAPHS[:2], _HEADING, *_PARAGRAPHS[2:]) if between else _PARAGRAPHS
    name = f"{count} columns, {'justified' if align == 'J' else 'ragged'}, {size} pt{', heading between' * between}"
    return Layout(name, bytes(pdf.output()), expected)


def _table(borders: str, rows: tuple[tuple[str, ...], ...], *, bold: bool) -> Layout:
    pdf = _page(10)
    pdf.multi_cell(0, 5, _PARAGRAPHS[0], new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.ln(5)
    with pdf.table(borders_layout=borders, first_row_as_headings=bold, text_align="L", v_align="TOP") as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(cell)
    pdf.ln(5)
    pdf.multi_cell(0, 5, _PARAGRAPHS[1], new_x="LMARGIN", new_y="NEXT", align="L")
    expected = (_PARAGRAPHS[0], *(f"| {' | '.join(cells)} |" for cells in rows), _PARAGRAPHS[1])
    kind = "long cells" if rows is _LONG else "short cells"
    return Layout(f"table, {kind}, borders {borders}{', bold head' * bold}", bytes(pdf.output()), expected)

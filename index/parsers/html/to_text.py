"""Convert HTML to rows of text as browsers show it: separate blocks, list markers, table rows, and unchanged code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from index.models import Link
from index.parsers.document import Row
from index.parsers.html.code_and_formulas import LINE_NUMBERS, code_text, formula, small_text
from index.parsers.html.data_tables import table_rows
from index.parsers.html.dom import GAP, HEADINGS, MARKER, is_invisible, is_layout_table, parse_html
from index.parsers.html.inline_words import BREAK, CONTROLS, InlineWords
from index.parsers.html.word_links import with_addresses
from index.parsers.linked_text import LinkedText, carried, joined, shifted
from index.parsers.table_heads import delimiter_row, names_columns
from index.text.blocks import LIST_ITEM

_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure
    footer form header hgroup hr html legend main nav optgroup p section summary tbody td tfoot th thead tr""".split()
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row comes from.

    Attributes:
        doubt: How sure its element's markup is that it is boilerplate: 0 not at all, 1 by name, 2 by its tag or role.
        landmark: Whether it is inside the landmark that contains the article.
        linked: The share of its text that is in links, from 0 to 1.
    """

    doubt: int = 0
    landmark: bool = False
    linked: float = 0.0


def rows_with_origins(
    root: HtmlElement, marked: Mapping[HtmlElement, int], landmark: HtmlElement | None
) -> tuple[list[Row], list[Origin]]:
    """Return the rows of an element, and for each its origin; `marked` has the doubts about blocks.

    The addresses of their links are as the page writes them, for `with_addresses`: most rows are no part of an article.
    """
    writer = _Writer(marked, landmark)
    writer.walk(root)
    writer.flush()
    return writer.rows, writer.origins


def rows_of(root: HtmlElement) -> tuple[Row, ...]:
    """Return the rows of an element. Only list markers, table bars and code fences are added to the text."""
    writer = _Writer()
    writer.walk(root)
    writer.flush()
    return tuple(with_addresses(writer.rows, ""))


def rows_of_fragment(fragment: str) -> tuple[Row, ...]:
    """Return the rows of an HTML fragment. Raises `UserError` as `parse_html` does."""
    return rows_of(parse_html(f"<body>{fragment}</body>"))


def inline_text(element: HtmlElement) -> str:
    """Return the text of an element on one line."""
    return _linked_text(element).text


def _linked_text(element: HtmlElement) -> LinkedText:
    """Return the text of an element on one line, with its links, whose addresses are as they are written."""
    writer = _Writer()
    writer.children(element)
    writer.flush()
    return joined((LinkedText(row.text, row.links) for row in writer.rows if row.text), " ")


class _Writer:
    """Walks an element once. Inline text is collected in `_words` until its block ends."""

    def __init__(self, marked: Mapping[HtmlElement, int] | None = None, landmark: HtmlElement | None = None) -> None:
        self.rows: list[Row] = []
        self.origins: list[Origin] = []  # one for each row
        self._marked = marked or {}
        self._landmark = landmark
        self._doubt = 0
        self._in_landmark = False
        self._words = InlineWords()
        self._marker = ""  # of the list item whose first line has not been written yet
        self._depth = 0  # of nested lists
        self._gap = False
        self._tight = False  # whether the next block is not preceded by a blank row

    def walk(self, element: HtmlElement) -> None:
        """Write an element and its content, without the text after it."""
        landmark = element is self._landmark
        if element not in self._marked and not landmark:
            self._walk(element, element.tag)
            return
        self.flush()
        before = self._doubt, self._in_landmark
        self._doubt = max(self._doubt, self._marked.get(element, 0))
        self._in_landmark = self._in_landmark or landmark
        self._walk(element, element.tag)
        self.flush()
        self._doubt, self._in_landmark = before

    def _walk(self, element: HtmlElement, tag: object) -> None:
        if tag == GAP:
            self.flush()
            self._gap = True
        elif not isinstance(tag, str) or is_invisible(element) or LINE_NUMBERS & set(element.get("class", "").split()):
            return
        elif tag in HEADINGS:
            self.flush()
            self._heading(element, HEADINGS[tag])
        elif tag == "pre" or (
            tag == "div" and "fragment" in element.get("class", "").split()
        ):  # as Doxygen writes code
            self.flush()
            self._code(element)
        elif tag in {"ul", "ol", "menu"}:
            self._list(element)
        elif tag == "table":
            self.flush()
            self._table(element)
        elif tag in _BLOCKS or tag == "li":
            self.flush()
            self._tight = self._tight or tag == "dd"
            self.children(element)
            self.flush()
        else:
            self._inline(element, tag)

    def flush(self) -> None:
        """Write the collected inline text as a block."""
        blocks, linked = self._words.take()
        for lines, links in blocks:
            self._block(lines, linked=linked, links=links)

    def _block(
        self, lines: list[str], level: int = 0, linked: float = 0.0, links: Sequence[tuple[Link, ...]] = ()
    ) -> None:
        """Write the lines of one block, with the links of each; the first gets the pending list marker."""
        if not lines:
            return
        if self.rows and not (self._tight and not level and not self.rows[-1].level):
            self.rows.append(Row(""))
            self.origins.append(Origin())
        lines[0] = self._marker + lines[0]
        if links and self._marker:
            links = [shifted(links[0], len(self._marker)), *links[1:]]
        self.rows += [
            Row(line, level, self._gap and not number, links=links[number] if links else ())
            for number, line in enumerate(lines)
        ]
        self.origins += [Origin(self._doubt, self._in_landmark, linked)] * len(lines)
        self._marker, self._gap, self._tight = "", False, False

    def children(self, element: HtmlElement) -> None:
        """Write the content of an element."""
        self._words.add(element.text or "")
        for child in element:
            self.walk(child)
            self._words.add(child.tail or "")

    def _inline(self, element: HtmlElement, tag: object) -> None:
        if tag == "br":
            self._words.insert(BREAK)
        elif tag in {"sup", "sub"}:
            self._words.insert(small_text(inline_text(element), tag))
        elif tag == "math":
            self._words.insert(formula(element))
        elif tag in {"q", "del", "s", "strike"}:
            opening, closing = ("“", "”") if tag == "q" else ("~~", "~~")
            self._words.insert(opening)
            self.children(element)
            self._words.insert(closing)
        elif tag == "a":
            kept = self._words.begin_link(element.get("href", ""))
            self.children(element)
            self._words.end_link(kept=kept)
        else:
            self.children(element)

    def _heading(self, element: HtmlElement, level: int) -> None:
        text = _linked_text(element)
        title = " ".join(text.text.split())
        linked = self._words.in_link or any(inline_text(link) == title for link in element.iter("a"))
        around = self._words.links.address
        own = carried(text.text, text.links, [title])[0] if text.links else ()
        links = (Link(0, len(title), around),) if around else own
        self._block([title] if title else [], level, 1.0 if linked else 0.0, [links])

    def _code(self, element: HtmlElement) -> None:
        """Write code unchanged, between fences longer than any in it."""
        text = "".join(code_text(element)).replace("\r\n", "\n")
        text = CONTROLS.sub("", text)
        lines = text.strip("\n").rstrip().split("\n")
        if not any(lines):
            return
        longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
        fence = "`" * (longest + 1)
        self._marker = ""
        self._tight = False
        self._block([fence, *lines, fence])

    def _list(self, element: HtmlElement) -> None:
        self.flush()
        ordered = element.tag == "ol"
        number = _number(element.get("start"), 1)
        indent = "  " * self._depth
        self._depth += 1
        self._words.add(element.text or "")
        for child in element:
            if child.tag != "li":
                self.walk(child)
                self._words.add(child.tail or "")
                continue
            number = _number(child.get("value"), number)
            self.flush()
            self._marker = f"{indent}{child.get(MARKER) or (f'{number}.' if ordered else '-')} "
            before = self.rows[-1].text if self.rows else ""
            self._tight = LIST_ITEM.match(before) is not None
            self.children(child)
            self.flush()
            self._marker = ""
            self._words.add(child.tail or "")
            number += 1
        self.flush()
        self._depth -= 1

    def _table(self, element: HtmlElement) -> None:
        """Write a data table row by row, and a layout table as the blocks in its cells."""
        if is_layout_table(element):
            self.children(element)
            self.flush()
            return
        for caption in element.iterchildren("caption"):
            self.walk(caption)
        lines: list[LinkedText] = []
        rows = list(table_rows(element, _linked_text))
        unmarked = not any(is_head for _, is_head in rows)
        headed = unmarked and names_columns([[cell.text for cell in cells] for cells, _ in rows])
        for cells, is_head in rows:
            row = joined(cells, " | ")
            lines.append(LinkedText(f"| {row.text} |", shifted(row.links, 2)))
            if (is_head or headed) and len(lines) == 1:
                lines.append(LinkedText(delimiter_row(cells)))
        self._block([line.text for line in lines], links=[line.links for line in lines])


def _number(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"-?\d{1,6}", value.strip()) else default

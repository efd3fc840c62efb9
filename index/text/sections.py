"""The headings of an article and the sections between them. Offsets are code points of the article's text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt

from index.models import Section, Span
from index.text.blocks import LIST_ITEM, SETEXT, TERMINAL, fenced_ranges, lines, trim

_MARKDOWN = (
    MarkdownIt("commonmark").enable("table").disable("inline")
)  # only the inline content of headings is parsed, by the next one
_INLINE = MarkdownIt("commonmark")
# Markdown that is not visible as text on the rendered page. It stays in the article, but outside of sections.
_INVISIBLE = re.compile(r"^ {0,3}(?:\[[^\]^][^\]]*\]:\s*\S+.*|<!--.*-->\s*)$")
_MAX_TITLE = 120  # code points; a longer first line is a sentence without a full stop
_MAX_HEADING = 80  # code points
_MIN_PROSE = 60  # code points: the least prose that must follow a heading of plain text


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading. Its span covers whole lines, an underline included; level 1 is the outermost."""

    start: int
    end: int
    level: int
    title: str


def sections(text: str, cuts: Iterable[int], markdown: bool, title: str | None = None) -> tuple[Section, ...]:
    """Return the parts of a text that may be quoted: those between headings and `cuts`.

    `cuts` are the offsets at which cleaning deleted something. A heading that repeats `title` ends a section, too, but
    is not part of the heading paths.
    """
    headings = markdown_headings(text) if markdown else text_headings(text, title)
    invisible = _invisible_lines(text) if markdown else ()
    return sections_between(text, headings, [*invisible, *(Span(cut, cut) for cut in cuts)], title)


def sections_between(
    text: str, headings: Iterable[Heading], excluded: Iterable[Span], title: str | None = None
) -> tuple[Section, ...]:
    """Return the sections between `headings` and `excluded` spans; an empty span only separates two sections."""
    gaps: list[tuple[int, int, Heading | None]] = [(heading.start, heading.end, heading) for heading in headings]
    gaps += [(span.start, span.end, None) for span in excluded]
    result: list[Section] = []
    path: list[Heading] = []
    start = 0
    for gap_start, gap_end, heading in [*sorted(gaps, key=lambda gap: gap[:2]), (len(text), len(text), None)]:
        span = trim(text, start, max(start, gap_start))
        if span.start < span.end:
            result.append(Section(span.start, span.end, " > ".join(h.title for h in path if h.title)))
        if heading is not None:
            path = [h for h in path if h.level < heading.level]
            if heading.title != title:
                path.append(heading)
        start = max(start, gap_end)
    return tuple(result)


def markdown_headings(text: str) -> list[Heading]:
    """Return the ATX and setext headings of Markdown (CommonMark, 4.2, 4.3), except those in quotations and lists."""
    spans = lines(text)
    tokens = _MARKDOWN.parse(text)
    found = []
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            first, last = token.map
            level = int(token.tag.removeprefix("h"))
            found.append(Heading(spans[first].start, spans[last - 1].end, level, without_markup(inline.content)))
    return found


def without_markup(content: str) -> str:
    """Return the text of a Markdown heading, given without `#` and underline, as the page shows it, on one line."""
    children = _INLINE.parseInline(content)[0].children or []
    words = (child.content if child.type != "softbreak" else " " for child in children)
    return " ".join("".join(words).split())


def _invisible_lines(text: str) -> Iterator[Span]:
    """Return the lines outside code blocks that Markdown does not render: link reference definitions and comments."""
    spans = lines(text)
    rows = [span.of(text) for span in spans]
    code = {row for first, last in fenced_ranges(rows) for row in range(first, last)}
    return (spans[n] for n, row in enumerate(rows) if n not in code and _INVISIBLE.match(row.rstrip("\n")))


def text_headings(text: str, title: str | None = None) -> list[Heading]:
    """Return the headings of plain text: underlined lines, the title, and short lines between blank ones above prose.

    A doubtful line is not a heading, because headings are not part of any section.
    """
    spans = lines(text)
    rows = [span.of(text).strip() for span in spans]
    found: list[Heading] = []
    first = next((n for n, row in enumerate(rows) if row), None)
    for number, row in enumerate(rows):
        below = rows[number + 1] if number + 1 < len(rows) else ""
        underlined = SETEXT.match(below) and len(below) >= max(3, len(row) // 2)
        if not row or len(row) > _MAX_TITLE or SETEXT.match(row):
            continue
        if underlined:
            level = 1 if below.startswith("=") else 2
            found.append(Heading(spans[number].start, spans[number + 1].end, level, row))
        elif number == first and is_same_title(row, title):
            found.append(Heading(spans[number].start, spans[number].end, 1, title or row))
        elif _is_set_apart(rows, number) and _looks_like_heading(row):
            found.append(Heading(spans[number].start, spans[number].end, 2, row))
    return found


def is_same_title(row: str, title: str | None) -> bool:
    """Return whether a line repeats the title, ignoring white space and letter case."""
    return title is not None and " ".join(row.split()).casefold() == " ".join(title.split()).casefold()


def _is_set_apart(rows: Sequence[str], number: int) -> bool:
    """Return whether a row has blank rows around it and prose below."""
    if (number and rows[number - 1]) or number + 1 >= len(rows) or rows[number + 1]:
        return False
    below = next((row for row in rows[number + 1 :] if row), "")
    return len(below) >= _MIN_PROSE and not LIST_ITEM.match(below)


def _looks_like_heading(row: str) -> bool:
    """Return whether a row reads like a heading: short, without punctuation, and no byline or date."""
    if len(row) > _MAX_HEADING or len(row.split()) > 10 or TERMINAL.search(row) or row.endswith((",", "-", "–")):
        return False
    if LIST_ITEM.match(row) or re.match(r"(?i)by |from |photo|image|posted |published |updated ", row):
        return False
    return row[0].isalnum() and not row[0].islower() and not re.search(r"\d{3}|\d[/:.]\d|@|://", row)


def title_line(text: str) -> str | None:
    """Return the first line of a plain text if it looks like a title (short, no full stop, set apart), else None."""
    rows = [span.of(text).strip() for span in lines(text)]
    number = next((n for n, row in enumerate(rows) if row), None)
    if number is None:
        return None
    row, below = rows[number], rows[number + 1 : number + 2]
    if len(row) > _MAX_TITLE or LIST_ITEM.match(row) or not any(rows[number + 1 :]):
        return None
    if below and SETEXT.match(below[0]) and len(below[0]) >= 3:
        return row
    if (below and below[0]) or (TERMINAL.search(row) and not row.endswith("?")) or row.endswith(","):
        return None
    return row if any(char.isalnum() for char in row) else None

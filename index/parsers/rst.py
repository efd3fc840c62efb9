"""Parse reStructuredText, by the Docutils markup specification: headings, and markup that renders no text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from index.messages.files import NO_TEXT
from index.models import Draft, Span, UserError
from index.parsers.rst_links import rst_links
from index.text.blocks import lines
from index.text.encoding import normalize_newlines
from index.text.metadata_values import clean_title, iso_date
from index.text.sections import Heading, sections_between

_ADORNMENT: Final = re.compile(r"([!-/:-@\[-`{-~])\1*\s*$")
_MARKUP: Final = re.compile(r"\.\.(?:\s|$)|__\s")
_DIRECTIVE: Final = re.compile(r"\.\.\s+(?:\|[^|]+\|\s+)?([\w:.+-]+)::(?:\s+(.*))?$")
_FOOTNOTE: Final = re.compile(r"\.\.\s+\[[^\]]+\]\s")  # the text of a footnote
_OPTION: Final = re.compile(r"\s+:[\w -]+:(?:\s|$)")
_FIELD: Final = re.compile(r":([A-Za-z]+):\s+(\S.*)$")
_HIDDEN: Final = frozenset(  # directives that render no text
    """toctree contents index image raw meta include highlight module currentmodule py:module py:currentmodule
    sectionauthor codeauthor role default-role target-notes sectnum section-numbering header footer title
    literalinclude automodule autoclass autofunction replace unicode date
    tabularcolumns""".split()
)
_UNTITLED: Final = frozenset("code-block code sourcecode parsed-literal figure math container only class".split())
_SHORTEST: Final = 4  # characters; an underline shorter than this and than its title is text


def rst_draft(text: str, *, key: str, source: str, title: str, address: str = "") -> Draft:
    """Return the draft of a text, which is kept unchanged. `title` is used if the text has no heading.

    Relative links are resolved against `address`, that of the file.

    Raises `UserError` if no text can be quoted.
    """
    text = normalize_newlines(text)
    headings = rst_headings(text)
    title = headings[0].title if headings else title
    found = sections_between(text, headings, list(_invisible(text)), title)
    if not found:
        raise UserError(NO_TEXT)
    fields = {field[1].lower(): field[2].strip() for row in text.split("\n")[:40] if (field := _FIELD.match(row))}
    links = rst_links(text, found, address)
    date = iso_date(fields.get("date", ""))
    return Draft(key, source, clean_title(title), text, date, found, fields.get("author"), links=links)


def rst_headings(text: str) -> list[Heading]:
    """Return the headings: lines with an underline and perhaps an overline. Levels follow the order of the styles."""
    spans = lines(text)
    rows = [span.of(text).rstrip() for span in spans]
    found: list[Heading] = []
    styles: list[tuple[str, bool]] = []
    number = 0
    while number < len(rows):
        over = _is_adornment(rows, number) and number + 2 < len(rows) and _is_overline(rows, number)
        at = number + over
        if not over and not _is_underlined(rows, number):
            number += 1
            continue
        style = rows[at + 1][0], over
        if style not in styles:
            styles.append(style)
        level, name = styles.index(style) + 1, " ".join(rows[at].split())
        found.append(Heading(spans[number].start, spans[at + 1].end, level, name))
        number = at + 2
    return found


def _is_adornment(rows: Sequence[str], number: int) -> bool:
    return number < len(rows) and len(rows[number]) > 1 and _ADORNMENT.match(rows[number]) is not None


def _is_overline(rows: Sequence[str], number: int) -> bool:
    """Return whether a row is the overline of a title."""
    over, title, under = rows[number : number + 3]
    fits = len(title.strip()) <= len(over) or len(over) >= _SHORTEST
    return over == under and bool(title) and not _ADORNMENT.match(title) and fits


def _is_underlined(rows: Sequence[str], number: int) -> bool:
    """Return whether a row is a title with an underline below it."""
    title = rows[number]
    if not title or title[0].isspace() or (number and rows[number - 1]) or not _is_adornment(rows, number + 1):
        return False
    return not _ADORNMENT.match(title) and len(rows[number + 1]) >= min(len(title), _SHORTEST)


def _invisible(text: str) -> Iterator[Span]:
    """Yield the lines of comments, link targets, hidden directives, options of visible directives, and transitions."""
    spans = lines(text)
    rows = [span.of(text).rstrip() for span in spans]
    hidden = -1  # the last row of the current hidden block
    for number, row in enumerate(rows):
        bare = row.lstrip()
        if number <= hidden:
            yield spans[number]
            continue
        if _is_adornment(rows, number) and not any(rows[max(0, number - 1) : number] + rows[number + 1 : number + 2]):
            yield spans[number]
        if not _MARKUP.match(bare) or _FOOTNOTE.match(bare):
            continue
        end = _block_end(rows, number)
        directive = _DIRECTIVE.match(bare)
        if directive is None or directive[1] in _HIDDEN:
            hidden = end
            yield spans[number]
            continue
        if not directive[2] or directive[1] in _UNTITLED:
            yield spans[number]
        for below in range(number + 1, end + 1):
            if not _OPTION.match(rows[below]):
                break
            yield spans[below]


def _block_end(rows: Sequence[str], number: int) -> int:
    """Return the last row of the block that begins with a row: the rows below that are indented further."""
    indent = len(rows[number]) - len(rows[number].lstrip())
    end = number
    for below in range(number + 1, len(rows)):
        if rows[below] and len(rows[below]) - len(rows[below].lstrip()) <= indent:
            break
        end = below if rows[below] else end
    return end

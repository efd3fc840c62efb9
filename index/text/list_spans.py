"""The lists of an article, and the sentences above a block. Offsets are code points."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from index.models import Span
from index.text.blocks import Block
from index.text.sentences import sentences_of

_MARKER: Final = re.compile(r"(\s*)(?:[-*+•‣◦▪]|\(?(\d{1,3})[.)]|\(?([a-zA-Z])\))\s")


@dataclass(frozen=True, slots=True)
class ListSpan:
    """A list. An item includes its marker, its further paragraphs and the lists inside it.

    `introduction` is the last sentence directly above in the same section, or None; for a list inside an item it is
    the last sentence of this item above the list. `ordered` means that the items have numbers or letters; `depth` is
    the number of lists around this one.
    """

    span: Span
    items: tuple[Span, ...]
    ordered: bool
    introduction: Span | None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class _Item:
    """A list item with its marker's indent, whether it is numbered, and its number (0 without one)."""

    span: Span
    own_end: int  # where its first block ends
    indent: int
    ordered: bool
    number: int


def last_sentence(text: str, span: Span, language: str | None, *, in_item: bool) -> Span:
    """Return the last sentence of a paragraph or, with `in_item`, of a list item."""
    own = Block(0, span.end - span.start, "item" if in_item else "prose")
    last = sentences_of(span.of(text), own, language)[-1]
    return Span(span.start + last.start, span.start + last.end)


def indent_of(text: str, block: Block) -> int:
    """Return how far the first line of a block is indented."""
    return block.start - (text.rfind("\n", 0, block.start) + 1)


def list_runs(text: str, found: Sequence[Block]) -> Iterator[tuple[int, list[_Item]]]:
    """Yield each run of list items, with the number of its first block. Indented blocks between items belong to them.

    So does a code block between two steps that are numbered one after the other.
    """
    number = 0
    while number < len(found):
        if found[number].kind != "item":
            number += 1
            continue
        first, items = number, [_item(text, found[number])]
        number += 1
        while number < len(found):
            block = found[number]
            if block.kind == "item":
                items.append(_item(text, block))
            elif indent_of(text, block) > items[0].indent or _is_between_steps(text, found, number, items):
                items[-1] = replace(items[-1], span=Span(items[-1].span.start, block.end))
            else:
                break
            number += 1
        yield first, items


def _is_between_steps(text: str, found: Sequence[Block], number: int, items: Sequence[_Item]) -> bool:
    """Return whether a code block has the next step directly below it."""
    if found[number].kind != "code" or number + 1 == len(found) or found[number + 1].kind != "item":
        return False
    last, following = items[-1].number, _item(text, found[number + 1]).number
    return bool(last) and last + 1 == following


def _item(text: str, block: Block) -> _Item:
    """Return a block of kind "item" as an item."""
    line = text.rfind("\n", 0, block.start) + 1
    marker = _MARKER.match(text, line)
    ordered = marker is not None and (marker[2] or marker[3]) is not None
    number = int(marker[2]) if marker is not None and marker[2] else 0
    return _Item(Span(block.start, block.end), block.end, block.start - line, ordered, number)


def lists_of(
    text: str, items: Sequence[_Item], introduction: Span | None, language: str | None, depth: int = 0
) -> list[ListSpan]:
    """Return the lists that a run of items makes up: by marker at the outer level, and those inside the items."""
    found: list[ListSpan] = []
    group: list[_Item] = []
    inner: list[ListSpan] = []

    def close() -> None:
        if group:
            spans = tuple(item.span for item in group)
            above = introduction if not found else None
            found.append(ListSpan(Span(spans[0].start, spans[-1].end), spans, group[0].ordered, above, depth))
            found.extend(inner)
        group.clear()
        inner.clear()

    number = 0
    while number < len(items):
        item = items[number]
        below = number + 1
        while below < len(items) and items[below].indent > item.indent + 1:
            below += 1
        if group and (item.ordered != group[-1].ordered or item.number < group[-1].number):
            close()
        nested = items[number + 1 : below]
        if nested:
            own = Span(item.span.start, item.own_end)
            above = last_sentence(text, own, language, in_item=True)
            inner += lists_of(text, nested, above, language, depth + 1)
            item = replace(item, span=Span(item.span.start, nested[-1].span.end))
        group.append(item)
        number = below
    close()
    return found

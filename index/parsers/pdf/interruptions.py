"""Join paragraphs that footnotes, figures or tables interrupt at the end of a column or page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from index.parsers.pdf.paragraphs import is_caption, is_interrupted
from index.parsers.pdf.printed_lines import LARGER, PrintedLine
from index.parsers.pdf.tables import Table

_MAX_BETWEEN: Final = 60  # blocks
_SHORT: Final = 60  # characters; a label in a figure is shorter


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, or a table: `kind` is "text", "heading", "code" or "table", `level` a heading's."""

    kind: str
    level: int
    items: tuple[PrintedLine | Table, ...]

    @property
    def lines(self) -> list[PrintedLine]:
        """The lines of the block; a table has none."""
        return [item for item in self.items if isinstance(item, PrintedLine)]

    @property
    def page(self) -> int:
        """The page on which the block begins."""
        return self.items[0].page


def with_whole_paragraphs(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with interrupted paragraphs joined; what interrupted one comes before it, or after it.

    The pages of the blocks stay in order: what stands on the page where a paragraph begins comes before it, what
    stands on the page where it ends after it. A paragraph stays parted if neither is so.
    """
    found: list[Block] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        at += 1
        before: list[Block] = []
        after: list[Block] = []
        while (rest := _rest(blocks, at, block)) is not None:
            last = blocks[rest].lines[-1].page
            later = [*after, *(other for other in blocks[at:rest] if other.page > block.page)]
            if any(other.page < last for other in later):
                break
            before += [other for other in blocks[at:rest] if other.page == block.page]
            after = later
            block = Block("text", 0, (*block.items, *blocks[rest].items))
            at = rest + 1
        found += [*before, block, *after]
    return found


def _rest(blocks: Sequence[Block], at: int, block: Block) -> int | None:
    """Return the number of the block, from `at` on, with the rest of a paragraph, or None if nothing interrupts it."""
    if block.kind != "text":
        return None
    for number in range(at, min(len(blocks), at + _MAX_BETWEEN)):
        other = blocks[number]
        if other.page > block.lines[-1].page + 1:
            return None
        if other.kind == "text" and is_interrupted(block.lines, other.lines):
            return number
        if not _interrupts(other, block.lines[-1]):
            return None
    return None


def _interrupts(other: Block, line: PrintedLine) -> bool:
    """Return whether a block is a footnote, a table, code, or a caption or label of a figure."""
    if other.kind in {"table", "code"}:
        return True
    first = other.lines[0]
    if first.size * LARGER < line.size or is_caption(first):
        return True
    return (
        other.kind == "text" and sum(len(each.text) for each in other.lines) <= _SHORT and first.region != line.region
    )

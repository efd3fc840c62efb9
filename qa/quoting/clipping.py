"""Clips readings to one block: no statement runs from a table row, list item or paragraph into the next one."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from index.models import Span
from index.text.blocks import blocks
from index.text.sentences import sentences_of

if TYPE_CHECKING:
    from qa.reading.protocol import Reading


def clip_to_block(text: str, reading: Reading) -> Reading:
    """Return the part of a reading of the passage `text` in the row, item or paragraph that has most of it.

    A reading of white space alone is returned as it is.
    """
    shares = [Span(max(part.start, reading.start), min(part.end, reading.end)) for part in _parts(text)]
    largest = max(shares, key=lambda share: len("".join(share.of(text).split())), default=None)
    if largest is None or largest.start >= largest.end:
        return reading
    return replace(reading, start=largest.start, end=largest.end)


@lru_cache(maxsize=512)
def _parts(text: str) -> tuple[Span, ...]:
    """Return the rows of tables, and all other blocks; a table's head and its delimiter row are one."""
    return tuple(
        part
        for block in blocks(text)
        for part in (sentences_of(text, block) if block.kind == "table" else [Span(block.start, block.end)])
    )

"""Part numbers of a table that are set so close together that they look like the words of one cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from index.parsers.pdf.columns import Line
from index.parsers.pdf.pieces import Piece

_BESIDE: Final = 3  # lines above and below in which the gaps of the columns are looked for
_NUMBER: Final = re.compile(r"[-+–−±$€£¥(*]*\d[\d.,:/%)*–-]*|[-–—*.]+|n/?a", re.IGNORECASE)


def with_parted_numbers(lines: Sequence[Line]) -> list[Line]:
    """Return lines with pieces parted between two numbers where the lines near by have a gap between columns."""
    gaps = [[(one.right, other.left) for one, other in pairwise(line)] for line in lines]
    found: list[Line] = []
    for number, line in enumerate(lines):
        near = [g for n in range(max(0, number - _BESIDE), number + _BESIDE + 1) if n < len(gaps) for g in gaps[n]]
        found.append(tuple(part for piece in line for part in _parts(piece, near)) if near else line)
    return found


def _parts(piece: Piece, gaps: Sequence[tuple[float, float]]) -> list[Piece]:
    """Return the parts of a piece between its numbers that stand in columns of their own.

    A gap between columns counts if the numbers on both its sides reach into these columns.
    """
    words = piece.text.split(" ")
    if not piece.spaces or len(words) != len(piece.spaces) + 1:
        return [piece]
    numbers = [_NUMBER.fullmatch(word) is not None for word in words]
    at, left = 0, piece.left
    parts: list[Piece] = []
    ends = [*(end for _, end, _ in piece.spaces), piece.right]  # of the words
    for n, (offset, end, start) in enumerate(piece.spaces):
        between = any(left < one < start and end < other < ends[n + 1] for one, other in gaps)
        if numbers[n] and numbers[n + 1] and between:
            parts.append(replace(piece, text=piece.text[at:offset], left=left, right=end, spaces=()))
            at, left = offset + 1, start
    return [*parts, replace(piece, text=piece.text[at:], left=left, spaces=())] if parts else [piece]

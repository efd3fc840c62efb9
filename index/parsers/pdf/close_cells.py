"""Part cells of a table that are set so close together that they look like the words of one cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from index.parsers.pdf.columns import Line
from index.parsers.pdf.pieces import Piece, is_number

_BESIDE: Final = 3  # lines above and below in which the gaps of the columns are looked for
_ALIKE: Final = 2  # of these lines, with a gap at the same place
_WIDE: Final = 0.4  # times the font size: the gap between two numbers that may be cells
_WIDE_IN_TEXT: Final = 0.5  # the same between other words
_WIDE_IN_CODE: Final = 1.0  # the same for monospaced words: more than one space
_LEADER: Final = re.compile(r"(?<![.…·_])(?<![.…·_]\s)(?:[.…·_]\s?+){5,}+")
_THOUSANDS: Final = re.compile(r"[-+$€£¥(]*\d{1,3}")  # of a number such as 1 234 567
_GROUP: Final = re.compile(r"\d{3}(?:[.,]\d+)?\D*")
Gap = tuple[float, float]


def with_parted_cells(lines: Sequence[Line]) -> list[Line]:
    """Return lines with pieces parted at leaders, and between numbers that stand in columns of their own."""
    lines = [tuple(part for piece in line for part in _without_leaders(piece)) for line in lines]
    close = [[gap for piece in line for gap in _close_gaps(piece)] for line in lines]
    near = [[n for n in range(at - _BESIDE, at + _BESIDE + 1) if 0 <= n < len(lines)] for at in range(len(lines))]
    for at, line in enumerate(lines):
        persistent = {gap for gap in close[at] if sum(_has_like(gap, close[n]) for n in near[at] if n != at) >= _ALIKE}
        lines[at] = tuple(part for piece in line for part in parted(piece, persistent))
    gaps = [[(one.right, other.left) for one, other in pairwise(line)] for line in lines]
    return [
        tuple(part for piece in line for part in _parts(piece, [gap for n in near[at] for gap in gaps[n]]))
        for at, line in enumerate(lines)
    ]


def parted(piece: Piece, gaps: Collection[Gap]) -> list[Piece]:
    """Return the parts of a piece between those spaces whose left and right edges are one of `gaps`."""
    if not gaps:
        return [piece]
    parts: list[Piece] = []
    at, left = 0, piece.left
    for offset, end, start in piece.spaces:
        if (end, start) in gaps:
            parts.append(_part(piece, at, offset, left, end))
            at, left = offset + 1, start
    return [*parts, _part(piece, at, len(piece.text), left, piece.right)] if parts else [piece]


def _part(piece: Piece, at: int, to: int, left: float, right: float) -> Piece:
    spaces = tuple((offset - at, end, start) for offset, end, start in piece.spaces if at < offset < to)
    return replace(piece, text=piece.text[at:to], left=left, right=right, spaces=spaces)


def parted_loosely(piece: Piece) -> list[Piece]:
    """Return the parts of a piece that may be cells of a table, as far as the gaps between them show."""
    return parted(piece, set(_close_gaps(piece)))


def parted_at(piece: Piece, gaps: Collection[Gap], wide: float = _WIDE_IN_TEXT) -> list[Piece]:
    """Return the parts of a piece that have one of the `gaps` between them, in a wide space or between numbers.

    `wide` is the least width of such a space in times of the font size, for text that is not monospaced.
    """
    if not gaps or not piece.spaces:
        return [piece]
    words = piece.text.split(" ")
    numbers = [is_number(word) for word in words] if len(words) == len(piece.spaces) + 1 else [False] * len(words)
    return parted(
        piece,
        {
            (end, start)
            for n, (_, end, start) in enumerate(piece.spaces)
            if any(end < right and left < start for left, right in gaps)
            and (all(numbers[n : n + 2]) or start - end >= (_WIDE_IN_CODE if piece.monospaced else wide) * piece.size)
        },
    )


def _close_gaps(piece: Piece) -> Iterator[Gap]:
    """Yield the spaces of a piece that are wide for one, between numbers or monospaced words."""
    words = piece.text.split(" ")
    if len(words) != len(piece.spaces) + 1:
        return
    for n, (_, end, start) in enumerate(piece.spaces):
        numbers = is_number(words[n]) and is_number(words[n + 1])
        one = numbers and _THOUSANDS.fullmatch(words[n]) and _GROUP.fullmatch(words[n + 1])
        wide = start - end >= (_WIDE if numbers and not one else _WIDE_IN_CODE) * piece.size
        if wide and (numbers or piece.monospaced):
            yield end, start


def _has_like(gap: Gap, others: Iterable[Gap]) -> bool:
    return any(gap[0] < start and end < gap[1] for end, start in others)


def _without_leaders(piece: Piece) -> list[Piece]:
    """Return the parts of a piece before and after a line of dots that leads from one to the other."""
    found = _LEADER.search(piece.text)
    name = piece.text[: found.start()].rstrip() if found else ""
    numbers = piece.text[found.end() :].lstrip() if found else ""
    if not name or not all(map(is_number, numbers.split() or [""])):
        return [piece]
    width = (piece.right - piece.left) / len(piece.text)
    to, at = len(name), len(piece.text) - len(numbers)
    end = next((end for offset, end, _ in piece.spaces if offset == to), piece.left + width * to)
    start = next((start for offset, _, start in piece.spaces if offset == at - 1), piece.left + width * at)
    return [_part(piece, 0, to, piece.left, end), _part(piece, at, len(piece.text), start, piece.right)]


def _parts(piece: Piece, near: Sequence[Gap]) -> list[Piece]:
    """Return the parts of a piece between its numbers that stand in columns of their own.

    A gap between columns in the lines `near` counts if the numbers on both its sides reach into these columns.
    """
    words = piece.text.split(" ")
    if not piece.spaces or len(words) != len(piece.spaces) + 1:
        return [piece]
    lefts = [piece.left, *(start for _, _, start in piece.spaces)]
    rights = [*(end for _, end, _ in piece.spaces), piece.right]
    chosen: set[Gap] = set()
    for n, (one, other) in enumerate(pairwise(words)):
        if is_number(one) and is_number(other):
            left, end, start, right = lefts[n], rights[n], lefts[n + 1], rights[n + 1]
            if any(left < a < start and end < b < right for a, b in near):
                chosen.add((end, start))
    return parted(piece, chosen)

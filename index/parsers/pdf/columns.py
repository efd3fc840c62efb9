"""Find the columns of a page, so that its lines are read column by column.

A page is cut recursively, as the XY cut does (Nagy, Seth and Viswanathan, "A prototype document image analysis system
for technical journals", 1992): a strip without text that separates lines of prose is a gutter. What stands above and
below the lines beside the gutter, such as a heading over both columns, is read before and after them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import median
from typing import Final

from index.parsers.pdf.pieces import GAP, Piece, is_number

_SAME_LINE = 0.35  # times the font size: pieces at heights that differ less are one line
_MIN_LINES = 3  # of a column
_MIN_CHARACTERS = 14  # median of the lines of a column of prose
_MIN_WORDS = 3  # median, unless the script has no spaces
_UNNAMED: Final = 0.8  # share of the lines of a table without its names
_NUMBERS: Final = 0.5  # share of the words of a table
_FILLED = 0.45  # median share of its width that a line of a column fills
_NEAR: Final = 1.6  # times the font size: lines of one paragraph
_MANY_LINES: Final = 8  # of a column that is no prose
_SAME_HEIGHT: Final = 0.6  # points
_SHARED: Final = 0.5  # share of the lines of a column that may stand at the height of one in the other
_MAX_CANDIDATES: Final = 60
_MAX_DEPTH: Final = 12
Line = tuple[Piece, ...]  # the pieces at one height, from left to right


def lines_of(pieces: Iterable[Piece]) -> list[Line]:
    """Return the pieces as lines from top to bottom."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.base, piece.left)):
        above = lines[-1][0] if lines else None
        if above is not None and above.base - piece.base <= _SAME_LINE * max(above.size, piece.size):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [tuple(sorted(line, key=lambda piece: piece.left)) for line in lines]


def text_of(line: Line) -> str:
    """Return the text of a line, with a space between its pieces."""
    return " ".join(piece.text for piece in line)


def regions(pieces: Sequence[Piece]) -> list[list[Line]]:
    """Return the lines of a page in the order of reading, separated where a column begins or ends.

    Text that is turned differently from most of the page comes last.
    """
    counts = Counter[int]()
    for piece in pieces:
        counts[piece.turned] += len(piece.text)
    found: list[list[Line]] = []
    for turned, _ in counts.most_common():
        found += _split([piece for piece in pieces if piece.turned == turned], 0)
    return found


def _split(pieces: Sequence[Piece], depth: int) -> list[list[Line]]:
    lines = lines_of(pieces)
    gutter = _gutter(lines) if depth < _MAX_DEPTH else None
    if gutter is None:
        return [lines] if lines else []
    first, last, x = gutter
    inside = [piece for line in lines[first:last] for piece in line]
    parts = (
        [piece for line in lines[:first] for piece in line],
        [piece for piece in inside if piece.right <= x],
        [piece for piece in inside if piece.right > x],
        [piece for line in lines[last:] for piece in line],
    )
    return [region for part in parts for region in _split(part, depth + 1)]


def _gutter(lines: Sequence[Line]) -> tuple[int, int, float] | None:
    """Return the best gutter as the range of lines beside it and its place, or None."""
    found: list[tuple[int, int, int, float]] = []  # with the weight first
    for x in _candidates(lines):
        crossed = [any(piece.left < x < piece.right for piece in line) for line in lines]
        for is_crossed, run in groupby(range(len(lines)), key=crossed.__getitem__):
            numbers = list(run)
            if not is_crossed and len(numbers) >= _MIN_LINES:
                first, last = _trim(lines, numbers[0], numbers[-1] + 1, x)
                weight = _weight(lines[first:last], x)
                found += [(weight, first, last, x)] if weight else []
    if not found:
        return None
    _, first, last, x = max(found)
    first, last = _between_headings(lines, (first, last, x), [each[1:] for each in found])
    return first, last, x


def _between_headings(
    lines: Sequence[Line], gutter: tuple[int, int, float], others: Sequence[tuple[int, int, float]]
) -> tuple[int, int]:
    """Return the lines of a gutter down to a heading that stands over all columns but does not reach this gutter.

    Such a heading crosses another gutter, which goes on below it, and has nothing beside it.
    """
    first, last, x = gutter
    for number in range(first + 1, last - 1):
        line = lines[number]
        crossed = {place for _, _, place in others if any(piece.left < place < piece.right for piece in line)}
        above = any(start < number and end <= number and place in crossed for start, end, place in others)
        below = any(start > number and place in crossed for start, _, place in others)
        if len(line) > 1 or not (above and below) or _is_next_line(lines[:number], line[0]):
            continue
        beside = [*lines[max(0, number - 2) : number], *lines[number + 1 : number + 3]]
        near = [each for each in beside if abs(_spacing(each, line)) <= 1]
        if not any((piece.right > x) != (line[0].right > x) for each in near for piece in each):
            return first, number
    return first, last


def _is_next_line(lines: Sequence[Line], piece: Piece) -> bool:
    """Return whether a piece stands below a line of its size as the next line of its paragraph."""
    return any(
        abs(above.size - piece.size) < 0.5
        and piece.base < above.base <= piece.base + _NEAR * piece.size
        and above.left < piece.right
        and piece.left < above.right
        for line in lines[-2:]
        for above in line
    )


def _trim(lines: Sequence[Line], first: int, last: int, x: float) -> tuple[int, int]:
    """Leave out the lines at the top that are far above those of the other column."""
    seen: set[bool] = set()
    start = first
    while start < last and len(seen) < 2:
        seen |= {piece.right <= x for piece in lines[start]}
        start += 1
    if len(seen) < 2:
        return first, last
    start -= 1
    while start > first and _spacing(lines[start - 1], lines[start]) <= _NEAR:
        start -= 1
    return start, last


def _spacing(above: Line, below: Line) -> float:
    """Return the distance of two lines in times of the font size."""
    return (above[0].base - below[0].base) / max(above[0].size, below[0].size)


def _candidates(lines: Sequence[Line]) -> list[float]:
    """Return the places where gutters may be: in gaps of lines, and left of edges where several lines begin."""
    places = Counter[int]()
    for line in lines:
        for one, other in pairwise(line):
            if other.left - one.right >= GAP * min(one.size, other.size):
                places[round((one.right + other.left) / 2)] += 1
                places[round(other.left - 2)] += 1
    edges = Counter(round(piece.left) for line in lines for piece in line)
    for edge, count in edges.items():
        if count >= _MIN_LINES:
            places[edge - 2] += count
    return [float(place) for place, _ in places.most_common(_MAX_CANDIDATES)]


def _weight(lines: Sequence[Line], x: float) -> int:
    """Return how much text a gutter separates: the characters of the side with fewer, 0 if it is no gutter."""
    left = [piece for line in lines for piece in line if piece.right <= x]
    right = [piece for line in lines for piece in line if piece.right > x]
    if not (_is_prose(left) and _is_prose(right)) and not _are_independent(left, right):
        return 0
    if any(_is_unnamed(side) for side in (left, right)):
        return 0
    width = min(piece.left for piece in right) - max(piece.right for piece in left)
    if width < GAP * median(piece.size for piece in left):
        return 0
    overlap = min(left[0].base, right[0].base) - max(left[-1].base, right[-1].base)
    if overlap <= 0:
        return 0
    return min(sum(len(piece.text) for piece in side) for side in (left, right))


def _are_independent(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Return whether the lines of two sides stand at heights of their own, unlike the cells of a table."""
    heights = [sorted({round(piece.base, 1) for piece in side}) for side in (left, right)]
    if min(map(len, heights)) < _MANY_LINES:
        return False
    fewer, more = sorted(heights, key=len)
    shared = sum(any(abs(one - other) <= _SAME_HEIGHT for other in more) for one in fewer)
    return shared <= _SHARED * len(fewer)


def _is_prose(side: Sequence[Piece]) -> bool:
    """Return whether lines are those of one or more columns of prose, not the cells of a table."""
    columns = merged_intervals(side)
    side = _whole_lines(side, columns)
    if len(side) < _MIN_LINES or _is_numbers(side):
        return False
    spaced = median(len(piece.text.split()) for piece in side) >= _MIN_WORDS
    if median(len(piece.text) for piece in side) < _MIN_CHARACTERS or not (spaced or not side[0].text.isascii()):
        return False
    filled = []
    for piece in side:
        start, end = next(each for each in columns if each[0] <= piece.left <= each[1])
        filled.append((piece.right - piece.left) / max(1.0, end - start))
    return median(filled) >= _FILLED


def _is_unnamed(pieces: Sequence[Piece]) -> bool:
    """Return whether most lines begin with a number: cells of a table whose names are elsewhere."""
    firsts = [line[0].text.split(" ", 1)[0] for line in lines_of(pieces)]
    return sum(map(is_number, firsts)) >= _UNNAMED * len(firsts)


def _is_numbers(pieces: Sequence[Piece]) -> bool:
    """Return whether most words of a text are numbers."""
    words = [word for piece in pieces for word in piece.text.split()]
    return sum(map(is_number, words)) > _NUMBERS * len(words)


def _whole_lines(pieces: Sequence[Piece], columns: Sequence[tuple[float, float]]) -> list[Piece]:
    """Return the pieces with those joined that are parts of one justified line in one column."""
    found: list[Piece] = []
    for line in lines_of(pieces):
        ends: list[float] = []  # of the columns in which the joined pieces stand
        for piece in line:
            end = next(end for start, end in columns if start <= piece.left <= end)
            if ends and ends[-1] == end:
                whole = found[-1]
                text = f"{whole.text} {piece.text}"
                found[-1] = replace(whole, text=text, right=max(whole.right, piece.right))
            else:
                found.append(piece)
                ends.append(end)
    return found


def merged_intervals(pieces: Iterable[Piece], gap: float = 0.5) -> list[tuple[float, float]]:
    """Return the horizontal intervals that pieces cover; a gap is at least `gap` times the font size wide."""
    found: list[tuple[float, float]] = []
    for piece in sorted(pieces, key=lambda piece: piece.left):
        if found and piece.left - found[-1][1] < gap * piece.size:
            found[-1] = found[-1][0], max(found[-1][1], piece.right)
        else:
            found.append((piece.left, piece.right))
    return found

"""Read the lines drawn on a PDF page and find the grids that they form, such as the borders of a table's cells."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

_MAX_OBJECTS: Final = 20_000  # of a page
_MAX_RULINGS: Final = 1500  # of a page; drawings with more are no tables
_MAX_CELLS: Final = 5000  # of a grid
_MAX_POINTS: Final = 200  # of one path
_STRAIGHT: Final = 1.0  # points: how far the ends of a vertical or horizontal line may differ
_MIN_LENGTH: Final = 5.0  # points
_THIN: Final = 3.0  # points: a filled rectangle that is thinner is a line
_TOUCH: Final = 3.0  # points: lines closer than this touch, and positions that differ less are one
_MIN_LINES: Final = 3  # positions of lines in each direction, for two rows and two columns


@dataclass(frozen=True, slots=True)
class Ruling:
    """A vertical or horizontal line at a position, from `start` to `end` along its direction; in points."""

    vertical: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Connected lines: the positions of the vertical ones from left to right, and of the others from top to bottom."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    rulings: tuple[Ruling, ...]

    def separates(self, *, vertical: bool, at: float, middle: float) -> bool:
        """Return whether a line at a position separates the cells on both its sides, `middle` along its direction."""
        return any(
            ruling.vertical == vertical
            and abs(ruling.at - at) <= _TOUCH
            and ruling.start - _TOUCH <= middle <= ruling.end + _TOUCH
            for ruling in self.rulings
        )


def page_rulings(page: pypdfium2.PdfPage) -> list[Ruling]:
    """Return the vertical and horizontal lines that are drawn on a page."""
    return list(_rulings(page))


def grids_of(rulings: Sequence[Ruling]) -> list[Grid]:
    """Return the grids that lines form, if they have at least two rows and two columns."""
    if not 2 * _MIN_LINES - 2 <= len(rulings) <= _MAX_RULINGS:
        return []
    grids = []
    for group in _connected(rulings):
        upright = [ruling for ruling in group if ruling.vertical]
        level = [ruling for ruling in group if not ruling.vertical]
        xs = _positions([r.at for r in upright] + [end for r in level for end in (r.start, r.end)])
        ys = _positions([r.at for r in level] + [end for r in upright for end in (r.start, r.end)])
        if min(len(xs), len(ys)) >= _MIN_LINES and upright and level and len(xs) * len(ys) <= _MAX_CELLS:
            grids.append(Grid(tuple(xs), tuple(reversed(ys)), tuple(joined(group))))
    return grids


def joined(rulings: Sequence[Ruling]) -> list[Ruling]:
    """Return the lines with those joined that continue each other, such as the borders of single cells."""
    found: list[Ruling] = []
    for ruling in sorted(rulings, key=lambda each: (each.vertical, round(each.at), each.start)):
        last = found[-1] if found else None
        near = last is not None and last.vertical == ruling.vertical and abs(last.at - ruling.at) <= _STRAIGHT
        if last is not None and near and ruling.start <= last.end + _TOUCH:
            found[-1] = replace(last, end=max(last.end, ruling.end))
        else:
            found.append(ruling)
    return found


def _rulings(page: pypdfium2.PdfPage) -> Iterator[Ruling]:
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)):
        drawn: Any = pdfium.FPDFPage_GetObject(page, number)
        if pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_PATH:
            yield from _path_rulings(drawn)


def _path_rulings(path: Any) -> Iterator[Ruling]:
    """Yield the straight lines of a path that is drawn, or filled and thin."""
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(path, filled, stroked) or not (filled.value or stroked.value):
        return
    if not stroked.value:
        sides = [ctypes.c_float() for _ in range(4)]
        pdfium.FPDFPageObj_GetBounds(path, *sides)
        left, bottom, right, top = (side.value for side in sides)
        if min(right - left, top - bottom) > _THIN:
            return
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(path, matrix)
    start: tuple[float, float] | None = None
    last: tuple[float, float] | None = None
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(min(pdfium.FPDFPath_CountSegments(path), _MAX_POINTS)):
        segment: Any = pdfium.FPDFPath_GetPathSegment(path, number)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            yield from _ruling(last, point)
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment) and start is not None:
            yield from _ruling(point, start)


def _ruling(one: tuple[float, float], other: tuple[float, float]) -> Iterator[Ruling]:
    (x1, y1), (x2, y2) = one, other
    if abs(x1 - x2) <= _STRAIGHT and abs(y1 - y2) >= _MIN_LENGTH:
        yield Ruling(True, (x1 + x2) / 2, min(y1, y2), max(y1, y2))
    elif abs(y1 - y2) <= _STRAIGHT and abs(x1 - x2) >= _MIN_LENGTH:
        yield Ruling(False, (y1 + y2) / 2, min(x1, x2), max(x1, x2))


def _connected(rulings: Sequence[Ruling]) -> list[list[Ruling]]:
    """Return the groups of lines that touch, directly or through others."""
    left = list(rulings)
    groups = []
    while left:
        group, new = [left[0]], [left.pop(0)]
        while new:
            ruling = new.pop()
            near: list[Ruling] = []
            apart: list[Ruling] = []
            for other in left:
                (near if _touch(ruling, other) else apart).append(other)
            left = apart
            group += near
            new += near
        groups.append(group)
    return groups


def _touch(one: Ruling, other: Ruling) -> bool:
    if one.vertical == other.vertical:  # parts of one line, as Word draws borders
        return abs(one.at - other.at) <= _TOUCH and one.start <= other.end + _TOUCH and other.start <= one.end + _TOUCH
    crosses = one.start - _TOUCH <= other.at <= one.end + _TOUCH
    return crosses and other.start - _TOUCH <= one.at <= other.end + _TOUCH


def _positions(values: Sequence[float]) -> list[float]:
    """Return positions in ascending order; those that hardly differ are one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _TOUCH:
            found.append(value)
    return found

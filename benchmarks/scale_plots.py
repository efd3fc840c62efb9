"""Line plots as SVG, with sizes on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 200, 40, 40  # pixels around the plot; the legend is at the right
_COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#d55e00",
    "#cc79a7",
    "#56b4e9",
    "#000000",
    "#999933",
    "#882255",
    "#888888",
)
_TICKS = 5


class Line(NamedTuple):
    """A line with its label; values that are NaN or infinite are left out."""

    label: str
    values: Sequence[float]


def plot(title: str, sizes: Sequence[int], lines: Sequence[Line], *, logarithmic: bool = False) -> str:
    """Return an SVG picture of lines over sizes, from 0 up or, if `logarithmic`, from the least power of ten."""
    known = [value for line in lines for value in line.values if math.isfinite(value)]
    ticks = _ticks(known or [1.0], logarithmic=logarithmic)

    def across(size: int) -> float:
        span = math.log(max(sizes) / min(sizes)) or 1.0
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log(size / min(sizes)) / span

    def up(value: float) -> float:
        low, high, value = (
            _scaled(one, logarithmic=logarithmic) for one in (ticks[0], ticks[-1], max(value, ticks[0]))
        )
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)

    parts = [f'<text x="{_LEFT}" y="20" font-size="15">{escape(title)}</text>']
    for tick in ticks:
        parts += [
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{up(tick):.1f}" y2="{up(tick):.1f}" stroke="#dddddd"/>'
        ]
        parts += [f'<text x="{_LEFT - 8}" y="{up(tick) + 4:.1f}" text-anchor="end">{tick:,.3g}</text>']
    for size in sizes:
        parts += [f'<text x="{across(size):.1f}" y="{_HEIGHT - 15}" text-anchor="middle">{size:,}</text>']
    for number, line in enumerate(lines):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [(across(s), up(v)) for s, v in zip(sizes, line.values, strict=True) if math.isfinite(v)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts += [f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>']
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        row = _TOP + 18 * number
        parts += [f'<rect x="{_WIDTH - _RIGHT + 20}" y="{row}" width="14" height="4" fill="{colour}"/>']
        parts += [f'<text x="{_WIDTH - _RIGHT + 40}" y="{row + 6}">{escape(line.label)}</text>']
    shape = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {shape}>'
    return "\n".join([head, f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>', *parts, "</svg>", ""])


def _ticks(values: Sequence[float], *, logarithmic: bool) -> list[float]:
    """Return round numbers, the last of which is not below any value."""
    if logarithmic:
        low, high = (math.log10(max(one, 1e-3)) for one in (min(values), max(values)))
        return [10.0**power for power in range(math.floor(low), max(math.ceil(high), math.floor(low) + 1) + 1)]
    step = 10 ** math.floor(math.log10(max(*values, 1e-3) / _TICKS))
    step *= next(factor for factor in (1, 2, 5, 10) if factor * step * _TICKS >= max(values))
    return [step * number for number in range(_TICKS + 1)]


def _scaled(value: float, *, logarithmic: bool) -> float:
    return math.log10(value) if logarithmic else value

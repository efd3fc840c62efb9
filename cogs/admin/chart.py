"""A chart of a server's figures: questions per day by outcome, and the share of helpful votes.

The chart has its own dark background, so that it looks the same in Discord's dark and light modes. It is drawn at three
times the size at which a phone of 360 pixels shows it, where its smallest text is larger than Discord's small text (13
pixels). The colours (blue, orange and grey of different lightness) are distinct for colour-blind readers too.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from cogs.ui.layout import AttachedImage
from i18n import texts
from qa.outcome import Answer, Closest, NotCovered
from storage.analytics import Day, Stats

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw as Pen
    from PIL.ImageFont import FreeTypeFont

_WIDTH, _EDGE, _RADIUS = 1080, 48, 36
_LARGE, _SMALL = 58, 48  # pixels of the image: 19 and 16 on a phone
_LINE_HEIGHT: Final = 72
_BARS: Final = 440  # pixels, the height of the axis
_LEFT: Final = 172  # of the bars; the axis labels are to the left of it
_GROUND, _GRID, _INK, _DIM = "#1e1f24", "#54575f", "#f2f3f5", "#c7cad1"
_ANSWERED, _CLOSEST, _NOT_COVERED = "#4da3ff", "#ffb000", "#8a8f9c"
_COLOURS: Final = (_ANSWERED, _CLOSEST, _NOT_COVERED)
_OUTCOMES: Final = (Answer.name, Closest.name, NotCovered.name)
_KEY: Final = 64  # pixels for a legend's colour, before its label
_MAX_BAR: Final = 110  # pixels, the greatest width of a bar
_GAP: Final = 3  # pixels between the parts of a bar, so that they are distinct without colours too
_LABEL_ROOM: Final = 80  # pixels that the number of a day takes
_EVERY: Final = (1, 2, 7, 14, 28)  # days between two labels
_TICK: Final = 14


def draw_chart(stats: Stats, days: int) -> AttachedImage:
    """Draw the figures of the last `days` days as a PNG, 1080 pixels wide.

    Takes tens of milliseconds. Pillow is imported by the first call.
    """
    return AttachedImage(
        _Drawing(stats, texts.STATS_HEADING.format(days=days, count=stats.questions)).png(), chart_text(stats)
    )


def chart_text(stats: Stats) -> str:
    """Return the chart's alternative text: the totals, then every day that had questions."""
    busiest = max(stats.days, key=lambda day: day.questions)
    counts = _counts(stats)
    sentences = [
        texts.STATS_PICTURE.format(first=stats.days[0].date, last=stats.days[-1].date),
        texts.STATS_PICTURE_MOST.format(date=busiest.date, count=busiest.questions),
        ", ".join(f"{texts.OUTCOMES[name]}: {count}" for name, count in zip(_OUTCOMES, counts, strict=True)) + ".",
        _votes_text(stats),
        *(f"{day.date}: {day.questions}." for day in stats.days if day.questions),
    ]
    return " ".join(sentences)


def _counts(stats: Stats) -> tuple[int, int, int]:
    return stats.answered, stats.closest, stats.not_covered


def _votes_text(stats: Stats) -> str:
    votes = stats.helpful + stats.unhelpful
    if not votes:
        return texts.STATS_NO_VOTES
    return texts.STATS_HELPFUL.format(share=stats.helpful / votes, votes=votes)


class _Drawing:
    """One chart, drawn from top to bottom: heading, legend, bars with their axes, and votes."""

    def __init__(self, stats: Stats, title: str) -> None:
        from PIL import Image, ImageDraw

        self._stats = stats
        self._titles = self._wrapped(title.strip("*"), self._large)
        self._votes_lines = self._wrapped(_votes_text(stats), self._small)
        lines = len(self._titles) + len(_OUTCOMES) + len(self._votes_lines)
        self._top = _EDGE + (len(self._titles) + len(_OUTCOMES)) * _LINE_HEIGHT + _SMALL
        self._bottom = self._top + _BARS
        height = 2 * _EDGE + lines * _LINE_HEIGHT + 2 * _SMALL + _BARS + 2 * _LINE_HEIGHT + _SMALL
        self._image = Image.new("RGBA", (_WIDTH, height), (0, 0, 0, 0))
        self._draw: Pen = ImageDraw.Draw(self._image)
        self._draw.rounded_rectangle((0, 0, _WIDTH - 1, height - 1), _RADIUS, fill=_GROUND)

    def png(self) -> bytes:
        """Draw everything and return the PNG file."""
        middle: float = _EDGE + _LINE_HEIGHT / 2
        for line in self._titles:
            self._text((_EDGE, middle), line, self._large)
            middle += _LINE_HEIGHT
        for name, count, colour in zip(_OUTCOMES, _counts(self._stats), _COLOURS, strict=True):
            self._draw.rounded_rectangle((_EDGE, middle - 19, _EDGE + 38, middle + 19), 8, fill=colour)
            label = texts.STATS_KEY.format(outcome=texts.OUTCOMES[name], count=count)
            self._text((_EDGE + _KEY, middle), label, self._small)
            middle += _LINE_HEIGHT
        self._bars(self._stats.days)
        self._votes(self._bottom + 2 * _LINE_HEIGHT + _SMALL)
        out = io.BytesIO()
        self._image.save(out, "PNG")
        return out.getvalue()

    @cached_property
    def _large(self) -> FreeTypeFont:
        return _font("SourceSansPro-Semibold.ttf", _LARGE)

    @cached_property
    def _small(self) -> FreeTypeFont:
        return _font("SourceSansPro-Regular.ttf", _SMALL)

    def _wrapped(self, text: str, font: FreeTypeFont) -> list[str]:
        """Return the lines of a text that is as wide as the chart: smaller letters could not be read."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and font.getlength(longer) > _WIDTH - 2 * _EDGE:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def _text(self, at: tuple[float, float], text: str, font: FreeTypeFont, *, anchor: str = "lm") -> None:
        """Write one line."""
        self._draw.text(at, text, fill=_INK if font.size > _SMALL else _DIM, font=font, anchor=anchor)

    def _bars(self, days: Sequence[Day]) -> None:
        top = _scale(max((day.questions for day in days), default=0))
        for value in (0, top // 2, top) if top > 1 else (0, top):
            y = self._height(value / top)
            self._draw.line((_LEFT, y, _WIDTH - _EDGE, y), fill=_GRID, width=3)
            self._text((_LEFT - 20, y), _short(value), self._small, anchor="rm")
        step = (_WIDTH - _EDGE - _LEFT) / max(1, len(days))
        width = min(step * 0.8, _MAX_BAR)
        for index, day in enumerate(days):
            self._bar(_LEFT + step * (index + 0.5) - width / 2, width, day, top)
        every = next((one for one in _EVERY if step * one >= _LABEL_ROOM), _EVERY[-1])
        self._dates([(_LEFT + step * (index + 0.5), days[index].date) for index in range(0, len(days), every)])

    def _dates(self, labels: Sequence[tuple[float, date]]) -> None:
        """Draw ticks with the numbers of days; below them year and month, where one begins and there is room."""
        row = self._bottom + _TICK + _LINE_HEIGHT / 2
        months: dict[str, float] = {}
        for middle, day in labels:
            self._draw.line((middle, self._bottom, middle, self._bottom + _TICK), fill=_DIM, width=3)
            self._text((middle, row), str(day.day), self._small, anchor="mm")
            months.setdefault(f"{day:%Y-%m}", middle - _LABEL_ROOM / 3)
        ends = [*list(months.values())[1:], _WIDTH - _EDGE / 2]
        for (month, left), end in zip(months.items(), ends, strict=True):
            if left + self._small.getlength(month) <= end:
                self._text((left, row + _LINE_HEIGHT * 0.8), month, self._small)

    def _height(self, share: float) -> float:
        return self._bottom - _BARS * share

    def _bar(self, left: float, width: float, day: Day, top: int) -> None:
        below = 0
        for count, colour in zip(day[1:], _COLOURS, strict=True):
            if count:
                high, low = (self._height(value / top) for value in (below + count, below))
                gap = _GAP if below and low - high > 2 * _GAP else 0
                self._draw.rectangle((left, high, left + width - 1, max(high, low - 1 - gap)), fill=colour)
            below += count

    def _votes(self, top: float) -> None:
        """Draw the share of helpful votes as one bar, with its label above."""
        stats, right = self._stats, _WIDTH - _EDGE
        for number, line in enumerate(self._votes_lines):
            self._text((_EDGE, top + _LINE_HEIGHT * (number + 0.5)), line, self._small)
        top += _LINE_HEIGHT * len(self._votes_lines)
        self._draw.rounded_rectangle((_EDGE, top, right, top + _SMALL), 10, fill=_GRID)
        votes = stats.helpful + stats.unhelpful
        if stats.helpful:
            end = _EDGE + (right - _EDGE) * stats.helpful / votes
            self._draw.rounded_rectangle((_EDGE, top, end, top + _SMALL), 10, fill=_ANSWERED)


def _short(value: int) -> str:
    """Return a number of the axis, in thousands if it would not fit beside it."""
    return f"{value / 1000:g}k" if value >= 10_000 else str(value)


def _scale(most: int) -> int:
    """Return the highest value of the axis: the smallest round, even number that is at least `most`."""
    if most <= 10:
        return max(2, most + most % 2)
    unit = 1
    while True:
        for factor in (10, 12, 16, 20, 24, 30, 40, 50, 60, 80):
            if factor * unit >= most:
                return factor * unit
        unit *= 10


def _font(name: str, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(files("font_source_sans_pro") / "files" / name), size)

"""A chart of a server's figures: questions per day by outcome, and the share of helpful votes.

The chart has its own dark background, so that it looks the same in Discord's dark and light modes. Text is large enough
for a phone, and the colours (blue, orange and grey of different lightness) are distinct for colour-blind readers too.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
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

_WIDTH, _HEIGHT, _EDGE = 1200, 960, 60
_TOP, _BOTTOM = 260, 700  # of the bars
_LEFT: Final = 150  # of the bars; the axis labels are to the left of it
_VOTES: Final = 880  # top of the bar of votes
_LARGE, _SMALL = 48, 40
_GROUND, _LINE, _INK, _DIM = "#1e1f24", "#44464f", "#f2f3f5", "#b8bbc4"
_ANSWERED, _CLOSEST, _NOT_COVERED = "#4da3ff", "#ffb000", "#8a8f9c"
_COLOURS: Final = (_ANSWERED, _CLOSEST, _NOT_COVERED)
_OUTCOMES: Final = (Answer.name, Closest.name, NotCovered.name)
_KEY: Final = 60  # pixels for a legend's colour, before its label
_MAX_BAR: Final = 120  # pixels, the greatest width of a bar
_GAP: Final = 3  # pixels between the parts of a bar, so that they are distinct without colours too


def draw_chart(stats: Stats, days: int) -> AttachedImage:
    """Draw the figures of the last `days` days as a PNG of 1200 x 960 pixels.

    Takes tens of milliseconds. Pillow is imported by the first call.
    """
    return AttachedImage(
        _Drawing(stats, texts.STATS_HEADING.format(days=days, count=stats.questions)).png(), chart_text(stats)
    )


def chart_text(stats: Stats) -> str:
    """Return the chart's alternative text."""
    busiest = max(stats.days, key=lambda day: day.questions)
    counts = _counts(stats)
    sentences = [
        texts.STATS_PICTURE.format(first=stats.days[0].date, last=stats.days[-1].date),
        texts.STATS_PICTURE_MOST.format(date=busiest.date, count=busiest.questions),
        ", ".join(f"{texts.OUTCOMES[name]}: {count}" for name, count in zip(_OUTCOMES, counts, strict=True)) + ".",
        _votes_text(stats),
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
    """One chart, drawn from top to bottom."""

    def __init__(self, stats: Stats, title: str) -> None:
        from PIL import Image, ImageDraw

        self._stats = stats
        self._title = title.strip("*")
        self._image = Image.new("RGB", (_WIDTH, _HEIGHT), _GROUND)
        self._draw: Pen = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """Draw everything and return the PNG file."""
        self._text((_EDGE, 70), self._title, self._large, width=_WIDTH - 2 * _EDGE)
        self._legend(165)
        self._bars(self._stats.days)
        self._votes()
        out = io.BytesIO()
        self._image.save(out, "PNG")
        return out.getvalue()

    @cached_property
    def _large(self) -> FreeTypeFont:
        return _font("SourceSansPro-Semibold.ttf", _LARGE)

    @cached_property
    def _small(self) -> FreeTypeFont:
        return _font("SourceSansPro-Regular.ttf", _SMALL)

    def _text(
        self, at: tuple[float, float], text: str, font: FreeTypeFont, *, anchor: str = "lm", width: float = _WIDTH
    ) -> None:
        """Write one line, in a smaller size if it would be wider than `width` pixels."""
        length = font.getlength(text)
        if length > width:
            font = font.font_variant(size=font.size * width / length)
        self._draw.text(at, text, fill=_INK if font.size > _SMALL else _DIM, font=font, anchor=anchor)

    def _legend(self, middle: int) -> None:
        """Draw the legend in one row: each colour with its outcome and count."""
        labels = [
            texts.STATS_KEY.format(outcome=texts.OUTCOMES[name], count=count)
            for name, count in zip(_OUTCOMES, _counts(self._stats), strict=True)
        ]
        available = _WIDTH - 2 * _EDGE - len(labels) * _KEY
        lengths = [self._small.getlength(label) for label in labels]
        scale = min(1.0, available / sum(lengths))
        spare = (available - sum(lengths) * scale) / (len(labels) - 1)
        left: float = _EDGE
        for label, colour, length in zip(labels, _COLOURS, lengths, strict=True):
            self._draw.rounded_rectangle((left, middle - 18, left + 36, middle + 18), 8, fill=colour)
            self._text((left + _KEY - 10, middle), label, self._small, width=length * scale)
            left += _KEY + length * scale + min(spare, _MAX_BAR)

    def _bars(self, days: Sequence[Day]) -> None:
        top = _scale(max((day.questions for day in days), default=0))
        for value in (0, top // 2, top) if top > 1 else (0, top):
            y = _BOTTOM - (_BOTTOM - _TOP) * value / top
            self._draw.line((_LEFT, y, _WIDTH - _EDGE, y), fill=_LINE, width=2)
            self._text((_LEFT - 16, y), str(value), self._small, anchor="rm", width=_LEFT - _EDGE)
        step = (_WIDTH - _EDGE - _LEFT) / max(1, len(days))
        width = min(step * 0.8, _MAX_BAR)
        for index, day in enumerate(days):
            self._bar(_LEFT + step * (index + 0.5) - width / 2, width, day, top)
        if days:
            self._text((_LEFT, _BOTTOM + 40), days[0].date.isoformat(), self._small)
        if len(days) > 1:
            self._text((_WIDTH - _EDGE, _BOTTOM + 40), days[-1].date.isoformat(), self._small, anchor="rm")

    def _bar(self, left: float, width: float, day: Day, top: int) -> None:
        below = 0
        for count, colour in zip(day[1:], _COLOURS, strict=True):
            if count:
                high, low = (_BOTTOM - (_BOTTOM - _TOP) * value / top for value in (below + count, below))
                gap = _GAP if below and low - high > 2 * _GAP else 0
                self._draw.rectangle((left, high, left + width - 1, max(high, low - 1 - gap)), fill=colour)
            below += count

    def _votes(self) -> None:
        """Draw the share of helpful votes as one bar, with its label above."""
        stats, right = self._stats, _WIDTH - _EDGE
        self._text((_EDGE, _VOTES - 50), _votes_text(stats), self._small, width=right - _EDGE)
        self._draw.rounded_rectangle((_EDGE, _VOTES, right, _VOTES + 32), 10, fill=_LINE)
        votes = stats.helpful + stats.unhelpful
        if stats.helpful:
            end = _EDGE + (right - _EDGE) * stats.helpful / votes
            self._draw.rounded_rectangle((_EDGE, _VOTES, end, _VOTES + 32), 10, fill=_ANSWERED)


def _scale(most: int) -> int:
    """Return the highest value of the axis: the smallest round, even number that is at least `most`."""
    unit = 2
    while True:
        for factor in range(1, 10):
            if factor * unit >= most:
                return factor * unit
        unit *= 10


def _font(name: str, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(files("font_source_sans_pro") / "files" / name), size)

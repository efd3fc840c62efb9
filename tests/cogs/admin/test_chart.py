"""The chart of a server's figures: its colours, its size and its alternative text."""

from __future__ import annotations

import io
from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest
from PIL import Image, ImageColor

from cogs.admin.chart import (
    _COLOURS,
    _DIM,
    _EDGE,
    _GROUND,
    _INK,
    _KEY,
    _LARGE,
    _SMALL,
    _WIDTH,
    _Drawing,
    _scale,
    draw_chart,
)
from cogs.ui.layout import AttachedImage
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from storage.analytics import Day, Stats

ANSWERED, CLOSEST, NOT_COVERED = (ImageColor.getrgb(colour) for colour in _COLOURS)
FIRST = date(2026, 11, 1)


def stats_of(*counts: tuple[int, int, int], helpful: int = 3, unhelpful: int = 1) -> Stats:
    """Return figures with one day for each count."""
    days = tuple(Day(FIRST + timedelta(days=at), *count) for at, count in enumerate(counts))
    totals = [sum(day[part] for day in days) for part in (1, 2, 3)]
    return Stats(*totals, helpful, unhelpful, 1.0, 2.0, (), days)


def seen(drawn: AttachedImage) -> Image.Image:
    """Decode a chart."""
    return Image.open(io.BytesIO(drawn.data)).convert("RGB")


def lightness(colour: tuple[int, ...]) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    linear = [(part / 255 / 12.92) if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def heights(image: Image.Image) -> dict[tuple[int, int, int], int]:
    """Return the number of pixels of each outcome's colour in the area of the bars."""
    part = image.crop((172, 385, image.width, 880))  # below the legend, above the votes
    return {colour: count for count, colour in part.getcolors(1 << 20) if colour in {ANSWERED, CLOSEST, NOT_COVERED}}


def test_bars_are_as_high_as_their_counts() -> None:
    """The area of each outcome is proportional to its number of questions."""
    found = heights(seen(draw_chart(stats_of((40, 20, 10), (0, 0, 0), (30, 15, 10)), 3)))

    assert found[ANSWERED] / found[CLOSEST] == pytest.approx(2, rel=0.1)
    assert found[ANSWERED] / found[NOT_COVERED] == pytest.approx(3.5, rel=0.1)


@pytest.mark.parametrize("count", [1, 7, 31, 90])
def test_any_number_of_days_and_questions(count: int) -> None:
    """One day and ninety, one question and 100,000 fit; the file stays small."""
    for most in (0, 1, 100_000):
        drawn = draw_chart(stats_of(*[(most, most // 3, 1)] * count, helpful=most, unhelpful=0), count)
        assert seen(drawn).width == _WIDTH
        assert len(drawn.data) < 200_000


def test_the_words_say_the_same() -> None:
    """The alternative text has the dates, the outcomes and the votes."""
    said = draw_chart(stats_of((4, 2, 1), (5, 3, 1)), 30).alt_text

    for part in ("2026-11-01", "2026-11-02", ": 9.", "answer: 9", "closest passages: 5", "not covered: 2", "75% of 4"):
        assert part in said[:256]  # what a gallery takes
    assert "2026-11-01: 7. 2026-11-02: 9." in said
    month = draw_chart(stats_of(*[(8000, 1000, 1000)] * 31), 31).alt_text
    assert len(month) <= 1024  # what an attachment takes
    assert month.endswith("2026-12-01: 10000.")
    assert texts.STATS_NO_VOTES in draw_chart(stats_of((1, 0, 0), helpful=0, unhelpful=0), 1).alt_text


def test_the_colours_are_told_apart_without_hue() -> None:
    """The outcomes' colours differ in lightness from each other and from the background, for colour-blind readers."""
    found = sorted(map(lightness, (ImageColor.getrgb(_GROUND), ANSWERED, CLOSEST, NOT_COVERED)))
    ratios = [(high + 0.05) / (low + 0.05) for low, high in pairwise(found)]
    assert all(ratio >= 1.2 for ratio in ratios)
    assert all(one != other for one, other in combinations(found, 2))


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (1, 2), (2, 2), (3, 4), (10, 10), (19, 20), (21, 24), (88, 100), (1089, 1200)]
)
def test_scale(most: int, top: int) -> None:
    """The axis ends at a round, even number."""
    assert _scale(most) == top


def test_everything_can_be_read_on_a_phone() -> None:
    """Shown 360 pixels wide, the smallest text is larger than Discord's small text, in every language."""
    assert _SMALL * 360 / _WIDTH >= 16
    assert _LARGE > _SMALL
    for language in LANGUAGES:
        with speaking(language):
            drawing = _Drawing(stats_of((9000, 9000, 9000)), texts.STATS_HEADING.format(days=30, count=1_000_000))
            keys = [texts.STATS_KEY.format(outcome=name, count=1_000_000) for name in texts.OUTCOMES.values()]
        assert all(drawing._large.getlength(line) <= _WIDTH - 2 * _EDGE for line in drawing._titles)
        assert all(drawing._small.getlength(line) <= _WIDTH - 2 * _EDGE for line in drawing._votes_lines)
        assert all(drawing._small.getlength(key) <= _WIDTH - 2 * _EDGE - _KEY for key in keys)


@pytest.mark.parametrize("first", [date(2026, 10, 31), date(2026, 11, 1), date(2026, 12, 30)])
@pytest.mark.parametrize("count", [1, 7, 30, 90])
def test_labels_of_the_axis_do_not_touch(first: date, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The labels of a row, days and months, have room between them and stay inside the picture."""
    rows: defaultdict[float, list[tuple[float, float]]] = defaultdict(list)
    write = _Drawing._text

    def noted(self: _Drawing, at: tuple[float, float], text: str, font: Any, *, anchor: str = "lm") -> None:
        length = font.getlength(text)
        left = at[0] - {"l": 0.0, "m": length / 2, "r": length}[anchor[0]]
        rows[at[1]].append((left, left + length))
        write(self, at, text, font, anchor=anchor)

    monkeypatch.setattr(_Drawing, "_text", noted)
    days = tuple(Day(first + timedelta(days=at), 1, 1, 1) for at in range(count))
    draw_chart(Stats(count, count, count, 1, 1, 1.0, 1.0, (), days), count)

    for row in rows.values():
        assert all(left >= 0 and right <= _WIDTH for left, right in row)
        assert all(after[0] - before[1] >= 8 for before, after in pairwise(sorted(row)))


def test_contrast() -> None:
    """Text has a contrast of at least 4.5 with the background, and bars of at least 3 (WCAG 2)."""
    ground = lightness(ImageColor.getrgb(_GROUND))
    for colours, least in (((_INK, _DIM), 4.5), (_COLOURS, 3.0)):
        assert all((lightness(ImageColor.getrgb(one)) + 0.05) / (ground + 0.05) >= least for one in colours)

"""The chart of a server's figures: its colours, its size and its alternative text."""

from __future__ import annotations

import io
from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
from PIL import Image, ImageColor

from cogs.admin.chart import _COLOURS, _GROUND, _scale, draw_chart
from cogs.ui.layout import AttachedImage
from i18n import texts
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


def heights(image: Image.Image) -> dict[tuple[int, int, int], int]:
    """Return the number of pixels of each outcome's colour in the area of the bars."""
    part = image.crop((150, 255, image.width, 705))
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
        assert seen(drawn).size == (1200, 960)
        assert len(drawn.data) < 200_000


def test_the_words_say_the_same() -> None:
    """The alternative text has the dates, the outcomes and the votes."""
    said = draw_chart(stats_of((4, 2, 1), (5, 3, 1)), 30).alt_text

    for part in ("2026-11-01", "2026-11-02", ": 9.", "answer: 9", "closest passages: 5", "not covered: 2", "75% of 4"):
        assert part in said
    assert len(said) <= 256
    assert texts.STATS_NO_VOTES in draw_chart(stats_of((1, 0, 0), helpful=0, unhelpful=0), 1).alt_text


def test_the_colours_are_told_apart_without_hue() -> None:
    """The outcomes' colours differ in lightness from each other and from the background, for colour-blind readers."""

    def lightness(colour: tuple[int, ...]) -> float:
        linear = [(part / 255 / 12.92) if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    found = sorted(map(lightness, (ImageColor.getrgb(_GROUND), ANSWERED, CLOSEST, NOT_COVERED)))
    ratios = [(high + 0.05) / (low + 0.05) for low, high in pairwise(found)]
    assert all(ratio >= 1.2 for ratio in ratios)
    assert all(one != other for one, other in combinations(found, 2))


@pytest.mark.parametrize(("most", "top"), [(0, 2), (1, 2), (2, 2), (3, 4), (19, 20), (88, 100), (1089, 1200)])
def test_scale(most: int, top: int) -> None:
    """The axis ends at a round, even number."""
    assert _scale(most) == top

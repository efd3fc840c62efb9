"""Promises about memory over a week: a short run of `tests.acceptance.week`."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.week import run


async def test_nothing_in_memory_grows_with_questions(tmp_path: Path) -> None:
    """In a week with 60 servers, 1,000 questions and 100 changes everything is answered and no container grows."""
    report = await run(tmp_path, questions=1000, servers=60, changes=100, seed=5)

    assert report.problems(1000, 100, 50, most_growth=None) == []
    assert report.sizes

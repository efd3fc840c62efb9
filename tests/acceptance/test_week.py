"""Promises about memory over a week: a short run of `tests.acceptance.week`."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.week import run


async def test_nothing_in_memory_grows_with_questions(tmp_path: Path) -> None:
    """In a week with 120 servers, 300 questions and 40 changes everything is answered and no container grows."""
    report = await run(tmp_path, questions=300, servers=120, changes=40, seed=5)

    assert report.problems(300, 40, 20, most_growth=None) == []
    assert report.sizes

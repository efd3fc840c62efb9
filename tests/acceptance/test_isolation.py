"""Promises about servers that share a bot: a short run of `tests.acceptance.isolation`."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.isolation import run


async def test_nothing_crosses_servers(tmp_path: Path) -> None:
    """Whatever members send, forged ids included, a server sees and changes nothing of another."""
    report = await run(tmp_path, servers=3, steps=80, seed=7, articles=3)

    assert report.problems == []
    assert report.forged.total() > 15
    assert report.refused.total() > 8
    assert {"text", "title", "question"} <= report.own.keys()

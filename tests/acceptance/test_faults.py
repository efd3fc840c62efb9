"""Promises while Discord fails: a short run of `tests.acceptance.faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import LOOPBACK
from tests.acceptance.fault_scenarios import SCENARIOS, Plan
from tests.acceptance.faults import play


@pytest.mark.skipif(not LOOPBACK.is_dir(), reason="the loopback Discord (../shared/fakecord) is not on this machine")
@pytest.mark.parametrize("name", list(SCENARIOS))
async def test_each_accepted_question_is_answered_once(tmp_path: Path, name: str) -> None:
    """Whatever fails, nothing is answered twice or not at all, and the bot does not connect without pauses."""
    trial = await play(Plan(rounds=1, outage=10.0, seed=3), tmp_path, [name])

    assert trial.problems == []
    assert trial.tallies[name].faults
    assert trial.tallies[name].answered

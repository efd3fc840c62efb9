"""Promises of a data folder whose process is killed: a short run of `tests.acceptance.crash`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.acceptance.crash import kill_repeatedly
from tests.acceptance.crash_operations import KINDS


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    """After 40 kills, during changes of every kind, the folder is sound and has all that was reported as stored."""
    trial = kill_repeatedly(tmp_path, 40, seed=3)

    assert trial.lost == []
    assert trial.kills.total() >= 40
    assert set(trial.kills) <= set(KINDS)
    assert len(trial.kills) >= len(KINDS) - 2

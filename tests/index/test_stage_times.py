"""Stages are measured where somebody records, and nowhere else."""

from __future__ import annotations

import time

import pytest

from index.stage_times import recording, stage


def test_stages_are_added_up() -> None:
    """A stage that runs twice counts with both times, and one inside another counts for both."""
    with recording() as times:
        for _ in range(2):
            with stage("outer"), stage("inner"):
                time.sleep(0.001)

    assert list(times) == ["inner", "outer"]
    assert 0.002 <= times["inner"] <= times["outer"]


def test_a_stage_that_fails_is_measured() -> None:
    """An exception leaves the stage measured, and is passed on."""
    with recording() as times, pytest.raises(ZeroDivisionError), stage("failing"):
        raise ZeroDivisionError

    assert list(times) == ["failing"]


def test_nothing_is_kept_without_a_recording() -> None:
    """Outside of a recording a stage does nothing, also after one has ended."""
    with recording() as times:
        pass
    with stage("later"):
        pass

    assert times == {}

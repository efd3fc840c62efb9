"""Ages are judged by a clock that does not follow jumps, and that no wrong time stops for long."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index.trusted_clock import ClockReading, TrustedClock, is_future

START = 1_800_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR
YEAR = 365 * DAY


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], float]:
    """Return a function that reads the clock of a new process when the system's shows START and some seconds.

    The clock has run for two days.
    """

    def read(seconds: float) -> float:
        monkeypatch.setattr(time, "time", lambda: START + seconds)
        return TrustedClock(tmp_path).read().trusted - START

    for hour in range(-48, 1, 12):
        read(hour * HOUR)
    return read


def test_a_clock_that_runs(at: Callable[[float], float]) -> None:
    """The time is that of the system, also if nothing ran for some hours, or if it is set back a little."""
    assert [at(seconds) for seconds in (0, 60, 20 * HOUR, 19.5 * HOUR, 40 * HOUR)] == [
        0,
        60,
        20 * HOUR,
        19.5 * HOUR,
        40 * HOUR,
    ]


def test_a_jump_forward_is_not_followed(at: Callable[[float], float]) -> None:
    """Until the clock has run on for a day, ages are judged by the time before it."""
    at(HOUR)

    assert [at(5 * YEAR + hour * HOUR) for hour in (0, 12, 23)] == [HOUR] * 3
    assert at(5 * YEAR + DAY) == 5 * YEAR + DAY


def test_a_jump_that_is_corrected(at: Callable[[float], float]) -> None:
    """A clock that was years ahead for hours has changed nothing, and stops nothing."""
    assert at(5 * YEAR) == at(5 * YEAR + HOUR) == 0
    assert at(2 * HOUR) == 0
    assert [at(hour * HOUR) for hour in (12, 24, 26)] == [0, 0, 26 * HOUR]


def test_a_clock_that_was_believed_ahead(at: Callable[[float], float]) -> None:
    """If it was ahead for days, it goes back at once."""
    for hour in range(0, 72, 12):
        at(YEAR + hour * HOUR)
    assert at(YEAR + 72 * HOUR) == YEAR + 72 * HOUR

    assert at(72 * HOUR) == 72 * HOUR


def test_a_clock_that_was_behind(at: Callable[[float], float]) -> None:
    """Nothing becomes old when it is set right, until a day has passed."""
    assert at(-40 * YEAR) == -40 * YEAR
    assert at(60) == at(HOUR) == -40 * YEAR
    assert [at(12 * HOUR), at(DAY + 60)] == [-40 * YEAR, DAY + 60]


def test_a_long_pause(at: Callable[[float], float]) -> None:
    """After a pause, ages are judged by the time before it for a day; rare use does not stop the clock."""
    assert at(30 * DAY) == 0
    assert at(37 * DAY) == 30 * DAY
    assert at(44 * DAY) == 37 * DAY


def test_times_of_the_future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored time is called one of the future only if the clock is certain."""
    monkeypatch.setattr(time, "time", lambda: START)

    assert not is_future(START + YEAR, ClockReading(START, is_settled=False))
    assert is_future(START + YEAR, ClockReading(START))
    assert not is_future(START + 60, ClockReading(START))


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"last": NaN, "since": 1, "confirmed": 1}', b"\0" * 90, b"[" * 10**5]
)
def test_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """It is written anew."""
    monkeypatch.setattr(time, "time", lambda: START)
    (tmp_path / "clock.json").write_bytes(content)

    assert TrustedClock(tmp_path).read() == TrustedClock(tmp_path).read() == ClockReading(START, is_settled=False)
    assert b"1800000000" in (tmp_path / "clock.json").read_bytes()


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's clock is used."""
    monkeypatch.setattr(time, "time", lambda: START)

    assert TrustedClock(tmp_path / "missing").read().trusted == START

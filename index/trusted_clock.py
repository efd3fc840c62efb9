"""The time by which it is decided what is old enough to be deleted: it does not follow a clock that jumps.

A machine's clock may be years ahead for a while, such as after a start without a network. What is deleted then because
of its age would be lost. So a jump forward is trusted only once the clock has run on for a day; until then, ages are
judged by the last time before it. The state is stored in a file of the data folder, for all processes.
"""

from __future__ import annotations

import json
import math
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from index.durable_files import write_durably

if TYPE_CHECKING:
    from pathlib import Path

CLOCK_ERROR: Final = 3600.0
"""Seconds by which clocks may differ, without a jump."""

_JUMP: Final = 86_400.0  # seconds between two readings, beyond which the clock may have jumped, or nothing ran
_CONFIRMED_AFTER: Final = 86_400.0  # seconds
_WRITTEN_EVERY: Final = 600.0  # seconds


@dataclass(frozen=True, slots=True)
class _Readings:
    """Unix times: the last reading, the first one since the last jump, and the last one that is confirmed."""

    last: float
    since: float
    confirmed: float

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Return what a file has, None if it is missing or damaged."""
        try:
            stored: Any = json.loads(path.read_bytes())
            last, since, confirmed = (float(stored[name]) for name in ("last", "since", "confirmed"))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        return cls(last, since, confirmed) if math.isfinite(last + since + confirmed) else None

    def followed_by(self, now: float) -> _Readings:
        """Return the readings after another one, `now`."""
        if now < self.last - CLOCK_ERROR:  # it was ahead, or is behind now: either way it is the earlier time
            return _Readings(now, now, min(self.confirmed, now))
        if now > self.last + _JUMP:
            return _Readings(now, now, max(self.confirmed, self.last))
        return _Readings(now, self.since, now if now - self.since >= _CONFIRMED_AFTER else self.confirmed)


class ClockReading(NamedTuple):
    """The Unix time by which ages are judged, and whether the clock has not jumped for a day.

    Stored times that are later than `future` were written while the clock was ahead; None if that is not certain,
    because it may be behind now.
    """

    trusted: float
    is_settled: bool = True

    @property
    def future(self) -> float | None:
        """The earliest time that lies in the future, with a margin; None while the clock is not settled."""
        return self.trusted + CLOCK_ERROR if self.is_settled else None


def is_future(at: float, clock: ClockReading) -> bool:
    """Whether a stored time was written while the clock was ahead."""
    return clock.future is not None and at > clock.future


def system_clock() -> ClockReading:
    """Read the system's clock, and trust it."""
    return ClockReading(time.time())


class TrustedClock:
    """Reads the system's clock, and remembers in a file which times it has shown. May be used by several threads."""

    def __init__(self, data_dir: Path) -> None:
        """Use the file `clock.json` of a data folder."""
        self._path = data_dir / "clock.json"

    def read(self) -> ClockReading:
        """Return the time by which ages are to be judged: the present one, or an earlier one after a jump.

        The first time of all is trusted.
        """
        now, before = time.time(), _Readings.load(self._path)
        after = before.followed_by(now) if before else _Readings(now, now, now)
        if before is None or after.since != before.since or after.last - before.last >= _WRITTEN_EVERY:
            with suppress(OSError):  # in a folder that cannot be written nothing is deleted either
                write_durably(self._path, lambda stream: stream.write(json.dumps(asdict(after)).encode()))
        return ClockReading(after.confirmed, is_settled=now - after.since >= _CONFIRMED_AFTER)

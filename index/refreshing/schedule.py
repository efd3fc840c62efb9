"""When each source of a library is due for its next check: pure functions of the stored sources and the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from index.refreshing.change_detection import RefreshTarget, refresh_targets
from index.sources.http.addresses import is_address
from index.trusted_clock import CLOCK_ERROR

if TYPE_CHECKING:
    from index.catalog.article_sources import KnownSources

JITTER: Final = 0.1  # of the interval, up or down, so that sources added together are not checked together
_CLOCK_ERROR: Final = timedelta(seconds=CLOCK_ERROR)
_NEVER_CHECKED: Final = datetime(2000, 1, 1, tzinfo=UTC)  # for a source older than the record of checks


class ScheduledRefresh(NamedTuple):
    """When a target is due (`at`, None for never); `every` is its interval in hours."""

    target: RefreshTarget
    every: float
    at: datetime | None


def scheduled(view: KnownSources, hours: float) -> list[ScheduledRefresh]:
    """Return when each target is due, the most urgent first; `hours` is the interval of those without their own.

    A file that was added on its own is never due unless it is given an interval: it may be moved once it was added.
    """
    found = []
    for target in refresh_targets(view):
        place = target.origin or target.known[0]
        usual = hours if target.origin or is_address(target.key) else 0.0
        every = usual if place.every is None else place.every
        looked = datetime.fromisoformat(place.looked) if place.looked else _NEVER_CHECKED
        found.append(
            ScheduledRefresh(
                target, every, looked + timedelta(hours=every * _jitter_factor(target.key)) if every else None
            )
        )
    return sorted(found, key=lambda one: (one.at is None, one.at))


def due(view: KnownSources, now: datetime, hours: float) -> list[RefreshTarget]:
    """Return the targets that are due now, the most urgent first.

    A target that is due later than one interval from now was last checked while the clock was ahead: it is due, too.
    """
    return [
        one.target
        for one in scheduled(view, hours)
        if one.at is not None and not now < one.at <= now + timedelta(hours=one.every * (1 + JITTER)) + _CLOCK_ERROR
    ]


def next_due(view: KnownSources, hours: float) -> datetime | None:
    """Return when the first target is due; None if none ever is."""
    return next((one.at for one in scheduled(view, hours)), None)


def _jitter_factor(key: str) -> float:
    """Return a factor of 1 plus or minus `JITTER` that is derived from the key."""
    share = int.from_bytes(blake2b(key.encode(), digest_size=4).digest()) / 2**32
    return 1 - JITTER + 2 * JITTER * share

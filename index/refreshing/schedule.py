"""When each source of a library is to be looked at again: a function of what is known and of the time, nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from index.refreshing.change_detection import RefreshTarget, refresh_targets
from index.sources.http.addresses import is_address

if TYPE_CHECKING:
    from index.catalog.article_sources import KnownSources

JITTER: Final = 0.1  # of the interval, up or down, so that what was added together is not looked at together
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)  # of a source from before looks were noted


class ScheduledRefresh(NamedTuple):
    """When a target is to be looked at; None where it never is. `every` is its interval in hours."""

    target: RefreshTarget
    every: float
    at: datetime | None


def scheduled(view: KnownSources, hours: float) -> list[ScheduledRefresh]:
    """Return when each target is due, the most urgent first; `hours` is the interval where it has none of its own.

    A file that was added by itself has no interval until it is given one: it may be put away once it was added.
    """
    found = []
    for target in refresh_targets(view):
        place = target.origin or target.known[0]
        usual = hours if target.origin or is_address(target.key) else 0.0
        every = usual if place.every is None else place.every
        looked = datetime.fromisoformat(place.looked) if place.looked else _FIRST
        found.append(
            ScheduledRefresh(target, every, looked + timedelta(hours=every * _factor(target.key)) if every else None)
        )
    return sorted(found, key=lambda one: (one.at is None, one.at))


def due(view: KnownSources, now: datetime, hours: float) -> list[RefreshTarget]:
    """Return what is to be looked at now, the most urgent first."""
    return [one.target for one in scheduled(view, hours) if one.at is not None and one.at <= now]


def next_due(view: KnownSources, hours: float) -> datetime | None:
    """Return when the first target is due; None where none ever is."""
    return next((one.at for one in scheduled(view, hours)), None)


def _factor(key: str) -> float:
    """Return a number around 1 that is always the same for one source, and another for the next."""
    share = int.from_bytes(blake2b(key.encode(), digest_size=4).digest()) / 2**32
    return 1 - JITTER + 2 * JITTER * share

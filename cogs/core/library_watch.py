"""Keeps the recorded states of libraries up to date, so that periodic work need not look at all of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from index.libraries.read_only import LibrarySummary
from index.models import UserError
from index.sqlite_errors import StorageError
from storage.library_states import LibraryState

if TYPE_CHECKING:
    from cogs.core.async_store import AsyncStore

_log = logging.getLogger(__name__)

_SCANNED_AT_ONCE: Final = 500  # libraries whose modification times are read in one job: some 4 ms
_READ_SECONDS: Final = 0.05  # after which a job that reads libraries ends
_RECENT_SECONDS: Final = 30.0


class LibraryWatch:
    """Reads the libraries whose files have changed, on the thread for reports, and records their states.

    The modification times of all libraries are compared, some hundreds in one job; only those that have changed, in
    this process or another, are opened, a few in one job. The times are stored, so that a restart opens none.
    """

    def __init__(self, store: AsyncStore) -> None:
        """Start with nothing read."""
        self._store = store
        self._lock = asyncio.Lock()
        self._begun = -_RECENT_SECONDS  # monotonic seconds
        self._known: dict[str, str] | None = None  # the stamps that are recorded
        self._failures: dict[str, UserError] = {}

    async def update(self, *, recent: bool = False) -> list[UserError]:
        """Record the libraries that have changed; return the errors of those that cannot be read, which are logged.

        With `recent`, for what is repeated each minute, it is enough if this was begun within the last half minute.
        """
        enough = time.monotonic() - _RECENT_SECONDS * recent
        async with self._lock:
            if self._begun <= enough:
                begun = time.monotonic()
                await self._update()
                self._begun = begun
            return list(self._failures.values())

    async def _update(self) -> None:
        states = self._store.database.library_states
        if self._known is None or self._store.is_shared:  # other processes record what they have read, too
            self._known = await self._store.report(states.stamps)
        known, present, failures = self._known, set[str](), dict[str, UserError]()
        scan = self._store.report_catalogues.stamps()
        while some := await self._store.report(lambda: list(islice(scan, _SCANNED_AT_ONCE))):
            present.update(name for name, _ in some)
            changed = iter([(name, str(stamp)) for name, stamp in some if known.get(name) != str(stamp)])
            while True:
                if not await self._store.report(partial(self._read_some, changed, known, failures)):
                    break
                # As long a pause as the job took: after an update all libraries are read, while others are answered.
                await asyncio.sleep(_READ_SECONDS)
        gone = sorted(known.keys() - present)
        if gone:
            await self._store.report(partial(states.forget, gone))
            for name in gone:
                del known[name]
        self._failures = failures

    def _read_some(
        self, changed: Iterator[tuple[str, str]], known: dict[str, str], failures: dict[str, UserError]
    ) -> bool:
        """Read and record some libraries, for a short time; return whether more may be left."""
        found, end, more = [], time.monotonic() + _READ_SECONDS, False
        for name, stamp in changed:
            summary = self._read(name, failures)
            if summary is not None:
                found.append((_state(name, stamp, summary), summary.contributors))
            if time.monotonic() >= end:
                more = True
                break
        if found:
            # The stamps are from before reading: a change meanwhile is read the next time.
            self._store.database.library_states.record(found, time.time())
            known.update((state.library, state.stamp) for state, _ in found)
        return more

    def _read(self, name: str, failures: dict[str, UserError]) -> LibrarySummary | None:
        """Return what is to be known of a library; None, with its error in `failures`, if it cannot be read."""
        try:
            return self._store.report_catalogues.summary(name)
        except UserError as error:
            failures[name] = error
        except Exception as error:  # noqa: BLE001 - damage may show as anything, and must not keep the others unread
            failures[name] = StorageError(f"The library {name} cannot be read ({error}). Restore a copy of it.")
        if name not in self._failures:
            _log.warning("The library %s cannot be read for periodic work: %s", name, failures[name])
        return None


def _state(name: str, stamp: str, found: LibrarySummary) -> LibraryState:
    versions = "\n".join(sorted(version or "" for version in found.index_versions))
    times = map(_unix_time, (found.oldest_version, found.oldest_entry))
    return LibraryState(name, stamp, found.generation, found.articles, found.passages, versions, *times)


def _unix_time(stored: str | None) -> float | None:
    """Return a time as stored in a catalogue; 0.0, which is looked at by those who delete what is old, if damaged."""
    try:
        return datetime.fromisoformat(stored).timestamp() if stored else None
    except (ValueError, OverflowError):
        return 0.0

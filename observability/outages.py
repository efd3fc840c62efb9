"""One line in the log when a server of the data cannot be reached, and one at the end, however many requests fail.

`OUTAGES` is told by whoever meets an UnreachableError. What is logged about such errors meanwhile is dropped.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from index.sqlite_errors import SearchUnreachableError, TooSlowError, UnreachableError

_log = logging.getLogger(__name__)

_BEGUN: Final = "From now on questions are refused: %s"
_OVER: Final = "%s can be reached again, after %.0f s"
_NAMES: Final[dict[type[UnreachableError], str]] = {
    UnreachableError: "The database",
    SearchUnreachableError: "The vector store",
}


class Outages(logging.Filter):
    """Which servers cannot be reached now. May be used on any thread; as a filter of log records it drops repetitions.

    `kind` is the class of the errors: UnreachableError for the database, SearchUnreachableError for the vector store.
    """

    def __init__(self) -> None:
        """Start without outages."""
        super().__init__()
        self._present: dict[type[UnreachableError], tuple[float, str]] = {}  # since when, and what it said
        self._lock = threading.Lock()

    def begun(self, error: UnreachableError) -> None:
        """Note that a server cannot be reached; the first time, that is logged. One slow statement is no outage."""
        if isinstance(error, TooSlowError):
            return
        kind = _kind(error)
        with self._lock:
            if kind in self._present:
                return
            self._present[kind] = time.monotonic(), str(error)
        _log.error(_BEGUN, str(error))

    def over(self, kind: type[UnreachableError] = UnreachableError) -> None:
        """Note that a server answers; if it did not before, that is logged."""
        with self._lock:
            since, _ = self._present.pop(kind, (0.0, ""))
        if since:
            _log.warning(_OVER, _NAMES[kind], time.monotonic() - since)

    def reason(self, kind: type[UnreachableError] = UnreachableError) -> str | None:
        """Return why a server cannot be reached, for the operator; None if it can."""
        with self._lock:
            _, reason = self._present.get(kind, (0.0, None))
        return reason

    def filter(self, record: logging.LogRecord) -> bool:
        """Return False for a record about a server of which it is logged already that it cannot be reached."""
        error = _unreachable(record)
        return error is None or self.reason(_kind(error)) is None


def _kind(error: UnreachableError) -> type[UnreachableError]:
    return SearchUnreachableError if isinstance(error, SearchUnreachableError) else UnreachableError


def _unreachable(record: logging.LogRecord) -> UnreachableError | None:
    """Return the error about a server that a record has, as its exception, a cause of it, or in its message."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    error = record.exc_info[1] if record.exc_info else None
    while error is not None and not isinstance(error, UnreachableError):
        error = error.__cause__ or error.__context__
    return error or next((one for one in arguments if isinstance(one, UnreachableError)), None)


OUTAGES: Final = Outages()
"""The outages of this process."""

"""Turns errors of PostgreSQL into sentences for the operator. None of them contains a password.

Errors are told apart by their SQLSTATE (PostgreSQL's documentation, appendix A), so that psycopg need not be imported.
"""

from __future__ import annotations

from typing import Final

from index.messages.library import TOO_LONG_FOR_INDEX
from index.models import UserError
from index.sqlite_errors import DamagedError, LockedError, StorageError, TooSlowError, UnreachableError

PREPARE: Final = "Run `python bot.py prepare-database`"

_UNREACHABLE: Final = (
    "The database {place} cannot be reached ({reason}), so nothing was changed. Check that PostgreSQL runs and that "
    "DATABASE_URL is right; as soon as it answers, everything goes on."
)
_SLOW: Final = (
    "The database {place} took too long for a statement, so nothing was changed. Try again; if it stays slow, look at "
    "the load of the PostgreSQL server."
)
_BUSY: Final = (
    "Another process has been changing this in the database {place} for a long time, so nothing was changed; try again "
    "when that is done."
)
ALL_IN_USE: Final = "All connections of this process to the database are in use; try again in a moment."
# A column without a value, or with one that is not allowed: a program fills all columns that it knows as it should.
_OLDER: Final = (
    "The database {place} was prepared by a later version of Verbatim than the one that runs here, so nothing was "
    "changed. Stop this process, and start it with that version."
)
_SENTENCES: Final[dict[str, str]] = {
    "28": "The database {place} refuses the user of DATABASE_URL. Check user, password and the server's pg_hba.conf.",
    "3D": "There is no database at {place}. Create it with `createdb`, then run `python bot.py prepare-database`.",
    "3F": "The database {place} is not prepared for Verbatim. " + PREPARE + ".",
    "42501": "The user of DATABASE_URL lacks rights in the database {place}. " + PREPARE + ".",
    "42P01": "The database {place} is not prepared for Verbatim. " + PREPARE + ".",
    "42703": "The database {place} was prepared by another version of Verbatim. " + PREPARE + ".",
    "23502": _OLDER,
    "23514": _OLDER,
    "25006": "The database {place} accepts no changes at the moment. Check that DATABASE_URL names the primary server.",
    "53100": "The disk of the database {place} is full, so nothing was changed. Free some space and try again.",
    "53": "The database {place} lacks memory or connections, so nothing was changed. Raise its limits, or try again.",
    "58": "The database {place} reports an error of its disk. Check the server's log, then try again.",
}
_DELETED: Final = (
    "Another process has deleted this library from the database {place}, so nothing was changed. If it was moved to "
    "other stores, start this process with their settings; otherwise start it again."
)
_OF_LIBRARY: Final = "_library_id_fkey"  # ends the names of the references to the list of libraries
_REASONS: Final = {"57P01": "it is being shut down", "57P02": "it has crashed", "57P03": "it is starting or stopping"}
_LOCKED: Final = frozenset({"55P03", "40001", "40P01", "25P03"})
_LONGEST_REASON: Final = 200  # characters


def database_error(
    error: BaseException, place: str, *, connecting: bool = False, disconnected: bool = False
) -> UserError | None:
    """Return the sentence for an error, None if it is not about the database; `place` names server and database.

    It is a StorageError but for a text that is too long for an index. `connecting` is true if no connection could be
    made, `disconnected` if one was lost.
    """
    state = getattr(error, "sqlstate", None) or ""
    return _known_error(state, error, place) or (
        UnreachableError(_UNREACHABLE.format(place=place, reason=_REASONS.get(state) or _reason(error)))
        if connecting or disconnected or state.startswith(("08", "57P"))
        else None
    )


def _known_error(state: str, error: BaseException, place: str) -> UserError | None:
    """Return the sentence for an error that PostgreSQL tells by its code."""
    if state == "57014":
        return TooSlowError(_SLOW.format(place=place))
    if state in _LOCKED:
        return LockedError(_BUSY.format(place=place))
    if state.startswith("XX"):
        return DamagedError(f"The database {place} is damaged ({_reason(error)}). Restore a backup of it.")
    if state == "54000":
        return UserError(TOO_LONG_FOR_INDEX)
    of_library = state == "23503" and _constraint(error).endswith(_OF_LIBRARY)
    sentence = _DELETED if of_library else _SENTENCES.get(state) or _SENTENCES.get(state[:2])
    return StorageError(sentence.format(place=place)) if sentence else None


def _constraint(error: BaseException) -> str:
    """Return the name of the constraint that was violated, empty if it is none."""
    return getattr(getattr(error, "diag", None), "constraint_name", None) or ""


def _reason(error: BaseException) -> str:
    """Return the first line of what the driver says, without the name of the host, which the sentence has already."""
    line = next(iter(str(error).splitlines()), "") or type(error).__name__
    return line.rpartition(" failed: ")[2].strip()[:_LONGEST_REASON]

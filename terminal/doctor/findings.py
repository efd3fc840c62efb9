"""What a check of `doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Status = Literal["ok", "warning", "problem", "not checked"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check: what was found, in one sentence, and, unless all is well, what to do."""

    check: str
    status: Status
    message: str
    remedy: str | None = None


def ok(check: str, message: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(check, "ok", message)


def warning(check: str, message: str, remedy: str) -> Finding:
    """Return a finding that the bot runs with, but should not."""
    return Finding(check, "warning", message, remedy)


def problem(check: str, message: str, remedy: str) -> Finding:
    """Return a finding that keeps the bot, or a part of it, from working."""
    return Finding(check, "problem", message, remedy)


def not_checked(check: str, message: str) -> Finding:
    """Return a finding for what could not be found out."""
    return Finding(check, "not checked", message)


def guarded(check: str, find: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield the findings of a check; an unexpected error becomes a problem, so that the other checks still run."""
    try:
        yield from find()
    except Exception as error:  # noqa: BLE001 - whatever is wrong here is what is looked for
        reason = " ".join(str(error).split()) or "no message"
        yield problem(check, f"this could not be checked ({type(error).__name__}: {reason}).", "See what that names.")

"""The id of the request in progress: an interaction, an event of Discord, or one run of a background job.

It belongs to the current task, to the tasks that this one starts, and to the jobs that they give to a `Worker`. Each
log record inside carries it, and so does the sentence that reports an unexpected error, so that one leads to the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: without I, L, O and U, which are misread
_LENGTH: Final = 6
_SHORTEST: Final = 4  # characters of a text that is concealed; shorter ones would be found in any message
_MOST_CONCEALED: Final = 256  # texts of one request, of which a task that lives long may have any number


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its id, and the texts that its log records must not contain."""

    id: str
    concealed: tuple[str, ...] = ()


_in_progress: ContextVar[Request | None] = ContextVar("request", default=None)


def begin_request() -> str:
    """Begin a request that lasts for the rest of this task; return its id."""
    request = Request(_new_id())
    _in_progress.set(request)
    return request.id


@contextmanager
def request() -> Iterator[str]:
    """Begin a request that lasts inside the block; yield its id."""
    token = _in_progress.set(Request(_new_id()))
    try:
        yield request_id()
    finally:
        _in_progress.reset(token)


def request_id() -> str:
    """Return the id of the request in progress, six letters and digits such as "7F3K2Q"; begin one if there is none."""
    found = _in_progress.get()
    return found.id if found else begin_request()


def known_request_id() -> str | None:
    """Return the id of the request in progress, or None."""
    found = _in_progress.get()
    return found.id if found else None


def request_in_progress() -> Request | None:
    """Return the request in progress, to be continued elsewhere, or None."""
    return _in_progress.get()


@contextmanager
def continue_request(request: Request | None) -> Iterator[None]:
    """Do what is inside the block, on any thread, as part of a request that began elsewhere; None is no request."""
    token = _in_progress.set(request)
    try:
        yield
    finally:
        _in_progress.reset(token)


def conceal(text: str) -> None:
    """Keep a member's text out of the request's log records, even if an exception quotes it.

    Of very many texts in one request those that came first may be found in its later records.
    """
    found = _in_progress.get() or Request(_new_id())
    texts = {text.strip(), repr(text.strip())[1:-1]}  # exceptions often quote what `repr` returns
    added = [one for one in texts if len(one) >= _SHORTEST and one not in found.concealed]
    _in_progress.set(replace(found, concealed=(*found.concealed, *added)[-_MOST_CONCEALED:]))


def concealed() -> tuple[str, ...]:
    """Return the texts that `conceal` was given in the request in progress."""
    found = _in_progress.get()
    return found.concealed if found else ()


def _new_id() -> str:
    bits = secrets.randbits(5 * _LENGTH)
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(_LENGTH))

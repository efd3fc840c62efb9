"""Checks that ask Discord: the token, the intents and the clock. Nothing here waits for more than a few seconds."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import certifi
import urllib3

from i18n import texts
from storage.backups.archive import own_version
from terminal.doctor.findings import not_checked, ok, problem, warning
from terminal.doctor.settings_checks import is_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from settings import Settings
    from terminal.doctor.findings import Finding

_API: Final = "https://discord.com/api/v10"
_SECONDS: Final = 4.0  # for connecting and for reading, and one more for finding the address
_MESSAGE_CONTENT: Final = (1 << 18) | (
    1 << 19
)  # flags of an application: the intent is on, for many or for few servers
_YEARS: Final = range(2026, 2100)
_CLOCK_SECONDS: Final = 60.0


class _Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: Any


def check_discord(settings: Settings) -> Iterator[Finding]:
    """Yield whether Discord accepts the token and the intents, and whether the clock is right."""
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    asked = _ask(token if is_token(token) else "")
    if isinstance(asked, str):
        yield not_checked("Discord", f"It cannot be reached from here ({asked}), so the token is not tried.")
        yield not_checked("intents", "Discord cannot be reached from here.")
        yield from _clock(None)
        return
    yield from _answer(asked, with_token=is_token(token))
    yield from _intents(asked, wanted=settings.message_content)
    yield from _clock(asked.headers.get("Date"))


def _ask(token: str) -> _Response | str:
    """Ask Discord about the application, or without a token for its gateway; return why that failed, if it did."""
    found: list[_Response | str] = []

    def ask() -> None:
        path, headers = ("applications/@me", {"Authorization": f"Bot {token}"}) if token else ("gateway", {})
        headers["User-Agent"] = f"DiscordBot (verbatim, {own_version()})"
        try:
            with urllib3.PoolManager(ca_certs=certifi.where(), timeout=_SECONDS, retries=False) as pool:
                response = pool.request("GET", f"{_API}/{path}", headers=headers)
                found.append(_Response(response.status, response.headers, _parsed(response.data)))
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            found.append(type(error).__name__)

    # On a thread: finding an address has no time limit of its own.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(2 * _SECONDS + 1)
    return found[0] if found else "no answer in time"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _answer(asked: _Response, *, with_token: bool) -> Iterator[Finding]:
    name, remedy = "Discord", "Try again later, and see https://discordstatus.com."
    if asked.status == 401:
        yield problem(name, "It refuses the token.", texts.TOKEN_REFUSED)
    elif asked.status == 403:
        yield problem(name, "It refuses this machine or the token (403).", texts.LOGIN_FORBIDDEN)
    elif asked.status == 429:
        yield warning(name, "It refuses requests from this address for now (429).", texts.TOO_MANY_LOGINS)
    elif asked.status != 200:
        yield warning(name, f"It answers with the status {asked.status}.", remedy)
    elif with_token:
        yield ok(name, "It can be reached and accepts the token.")
    else:
        yield ok(name, "It can be reached.")


def _intents(asked: _Response, *, wanted: bool) -> Iterator[Finding]:
    flags = asked.body.get("flags") if isinstance(asked.body, dict) else None
    if not wanted:
        yield ok("intents", "No privileged intent is needed (MESSAGE_CONTENT is off).")
    elif asked.status != 200 or not isinstance(flags, int):
        yield not_checked("intents", "Discord did not say which intents the application has.")
    elif flags & _MESSAGE_CONTENT:
        yield ok("intents", "The message content intent is on, as MESSAGE_CONTENT needs it.")
    else:
        yield problem(
            "intents", "MESSAGE_CONTENT is on, but the application has no such intent.", texts.INTENTS_REFUSED
        )


def _clock(date: str | None) -> Iterator[Finding]:
    """Yield whether the clock is right, compared with the date of a response if there is one."""
    now, remedy = datetime.now(UTC), "Set the clock, and switch on its synchronisation (NTP)."
    if now.year not in _YEARS:
        yield problem("clock", f"It says {now:%Y-%m-%d %H:%M} UTC.", remedy)
        return
    try:
        theirs = parsedate_to_datetime(date) if date else None
    except ValueError:
        theirs = None
    if theirs is None:
        yield ok("clock", f"It says {now:%Y-%m-%d %H:%M} UTC; not compared with Discord's.")
    elif abs((now - theirs).total_seconds()) > _CLOCK_SECONDS:
        yield warning("clock", f"It is {abs((now - theirs).total_seconds()):,.0f} s away from Discord's.", remedy)
    else:
        yield ok("clock", f"It says {now:%Y-%m-%d %H:%M} UTC, as Discord's does.")

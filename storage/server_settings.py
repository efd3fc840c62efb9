"""The settings of servers in discord.db."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.concurrency import one_transaction_each, serialised, upsert
from storage.models import Mode, QuestionText, ServerSettings
from storage.schema import servers

if TYPE_CHECKING:
    import sqlalchemy as sa

_SETTING_NAMES = frozenset(field.name for field in fields(ServerSettings))
_DEFAULTS = asdict(ServerSettings())
_NULLABLE = frozenset({"helpers_channel", "helpers_role", "editor_role", "digest_channel"})


class UnreadableSettingsError(Exception):
    """The stored settings of a server are damaged. They must not be taken for the defaults, which answer."""


class TimedPause(NamedTuple):
    """A pause of a server that ends by itself; `since` and `until` are Unix times."""

    guild_id: int
    since: int
    until: int


@one_transaction_each
class ServerSettingsStore:
    """Settings in discord.db, one JSON object for each server that has changed some. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def get(self, guild_id: int) -> ServerSettings:
        """Return a server's settings, with defaults for what is not set. Raises UnreadableSettingsError."""
        with self._engine.connect() as db:
            return _read(db, guild_id)

    def change(
        self,
        guild_id: int,
        change: Callable[[ServerSettings], ServerSettings],
        *,
        damaged: ServerSettings | None = None,
    ) -> tuple[ServerSettings, ServerSettings]:
        """Read the settings, store what `change` returns for them, and return both.

        Nothing can change between the two; `change` may be called twice. `damaged` is taken for settings that cannot
        be read; without it they raise UnreadableSettingsError.
        """
        with write_transaction(self._engine) as db:
            serialised(db, "settings", guild_id)
            try:
                before = _read(db, guild_id)
            except UnreadableSettingsError:
                if damaged is None:
                    raise
                before = damaged
            after = change(before)
            if after != before or before is damaged:
                upsert(db, servers, {"guild_id": guild_id, "settings": json.dumps(asdict(after))})
        return before, after

    def timed_pauses(self) -> list[TimedPause]:
        """Return the pauses that end by themselves; settings that cannot be read have none."""
        query = select(servers.c.guild_id).where(servers.c.settings.contains('"paused": true'))
        found = []
        with self._engine.connect() as db:
            for guild_id in db.execute(query).scalars():
                with suppress(UnreadableSettingsError):
                    settings = _read(db, guild_id)
                    if settings.paused and settings.paused_until:
                        found.append(TimedPause(guild_id, settings.paused_since, settings.paused_until))
        return found

    def forget_server(self, guild_id: int) -> None:
        """Delete the settings of a server."""
        with write_transaction(self._engine) as db:
            db.execute(servers.delete().where(servers.c.guild_id == guild_id))


def _read(db: sa.Connection, guild_id: int) -> ServerSettings:
    stored = db.execute(select(servers.c.settings).where(servers.c.guild_id == guild_id)).scalar()
    if stored is None:
        return ServerSettings()
    try:
        values = json.loads(stored)
    except (ValueError, TypeError, RecursionError) as error:
        raise UnreadableSettingsError from error
    if not isinstance(values, dict):
        raise UnreadableSettingsError
    # A later version may have stored settings that this one does not know.
    known = {name: value for name, value in values.items() if name in _SETTING_NAMES}
    if not all(_fits(name, value) for name, value in known.items()):
        raise UnreadableSettingsError
    return ServerSettings(**known)


def _fits(name: str, value: Any) -> bool:
    """Whether a stored value has the type of its setting, and is one that the bot would store."""
    default = _DEFAULTS[name]
    if name in _NULLABLE:
        return value is None or _is_count(value)
    if name in _OF_PLACES:
        places = isinstance(value, dict) and all(key.isdecimal() for key in value)
        return places and all(_OF_PLACES[name](one) for one in value.values())
    if name == "questions":
        return _is_one_of(QuestionText, value)
    if isinstance(default, bool | str):
        return type(value) is type(default)
    return _is_share(value) if isinstance(default, float) else _is_count(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_one_of(kind: type[StrEnum], value: Any) -> bool:
    return isinstance(value, str) and value in set(kind)


# Overrides by channel or category, and what is a value of them.
_OF_PLACES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "modes": partial(_is_one_of, Mode),
    "floors": _is_share,
    "in_threads": lambda value: isinstance(value, bool),
    "collections": lambda value: isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value),
}

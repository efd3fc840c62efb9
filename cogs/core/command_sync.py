"""Syncs the application commands to Discord only if they, or what Discord has of them, differ from the last sync."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from cogs.core.backoff import CONNECTION_ERRORS, Backoff, is_temporary, retry_after
from cogs.core.command_ids import CommandIds
from index.durable_files import make_folder, write_durably

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Synced:
    """Digests of the commands that were sent last and of what Discord listed then, and the commands' ids by name."""

    sent: str = ""
    listed: str = ""
    ids: dict[str, int] = field(default_factory=dict)


_log = logging.getLogger(__name__)

_FILE: Final = "discord-commands.json"


class SyncRecord(Protocol):
    """Where it is stored what was sent last: JSON, for all processes of the bot."""

    async def synced_commands(self) -> str | None:
        """Return what is stored; empty or None if nothing is, since a repeated sync is harmless."""
        ...

    async def set_synced_commands(self, synced: str) -> None:
        """Replace what is stored. What cannot be stored is logged."""
        ...


class SyncFile:
    """Such a record in the data folder of a bot that is one process."""

    def __init__(self, data_dir: Path) -> None:
        """Use a file in this folder."""
        self._path = data_dir / _FILE

    async def synced_commands(self) -> str | None:
        """Return what the file has."""
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None

    async def set_synced_commands(self, synced: str) -> None:
        """Replace the file atomically."""
        try:
            make_folder(self._path.parent)
            write_durably(self._path, lambda stream: stream.write(synced.encode()))
        except OSError as error:
            _log.warning("The digest of the commands could not be stored in %s: %s", self._path, error)


async def learn_ids(record: SyncRecord, application_id: int | None, ids: CommandIds) -> bool:
    """Let `ids` learn the ids of the commands that another process has synced; return whether there are any."""
    known = _parse(await record.synced_commands()).get(str(application_id))
    if known is not None:
        ids.learn(known.ids)
    return known is not None


async def sync_when_changed(
    tree: app_commands.CommandTree[commands.Bot], record: SyncRecord | Path, ids: CommandIds | None = None
) -> bool:
    """Sync the commands of `tree` unless Discord has those of the last sync; return whether they were sent.

    `record`, or a file in this data folder, holds per application id the digests of the commands sent last and of what
    Discord listed then, so that commands that were deleted or changed elsewhere are sent again. While Discord cannot be
    reached, it is tried again. A refusal is logged and leaves the record unchanged, so the next start tries again;
    mentions and direct messages work meanwhile. `ids` learns the ids of the commands, which the record has as well.
    """
    application = str(tree.client.application_id)
    record = SyncFile(record) if isinstance(record, Path) else record
    stored = _parse(await record.synced_commands())
    known, ids = stored.get(application, _Synced()), ids or CommandIds()
    ids.learn(known.ids)
    try:
        wanted = _digest(await _payload(tree))
        listed = await _listed(tree) if known.sent == wanted else None
        if known.sent == wanted and (listed is None or _digest_of(listed) == known.listed):
            ids.learn(known.ids if listed is None else _ids(listed))
            return False
        sent = await _persistently(tree.sync)
        listed = await _listed(tree)
    except (discord.DiscordException, *CONNECTION_ERRORS) as error:
        _log.error("The commands could not be sent to Discord; the next start tries again: %s", error)
        return False
    now = _Synced(wanted, _digest_of(listed) if listed else "", _ids(listed or sent))
    ids.learn(now.ids)
    await record.set_synced_commands(_written({**stored, application: now}))
    _log.info("The commands differed from those that Discord had, and were sent")
    return True


async def _persistently(request: Callable[[], Awaitable[T]]) -> T:
    """Return the result of a request, repeated while Discord cannot be reached."""
    backoff = Backoff()
    while True:
        try:
            return await request()
        except (discord.DiscordException, *CONNECTION_ERRORS) as error:
            if not is_temporary(error):
                raise
            await asyncio.sleep(backoff.pause(max(1.0, retry_after(error))))


async def _payload(tree: app_commands.CommandTree[commands.Bot]) -> list[Mapping[str, Any]]:
    """Return the commands as they are sent."""
    translator, commands_to_send = tree.translator, tree.get_commands()
    if translator is None:
        return [command.to_dict(tree) for command in commands_to_send]
    return [await command.get_translated_payload(tree, translator) for command in commands_to_send]


async def _listed(tree: app_commands.CommandTree[commands.Bot]) -> list[app_commands.AppCommand] | None:
    """Return the commands that Discord has; None if it refuses to list them."""
    try:
        return await _persistently(tree.fetch_commands)
    except discord.HTTPException as error:
        _log.warning("Discord does not list the commands: %s", error)
        return None


def _digest_of(listed: Iterable[app_commands.AppCommand]) -> str:
    return _digest(command.to_dict() for command in listed)


def _ids(listed: Iterable[app_commands.AppCommand]) -> dict[str, int]:
    return {command.name: command.id for command in listed}


def _digest(payloads: Iterable[Mapping[str, Any]]) -> str:
    """Return a digest of commands in any order."""
    ordered = sorted(payloads, key=lambda command: (command["type"], command["name"]))
    return hashlib.sha256(json.dumps(ordered, sort_keys=True, default=str).encode()).hexdigest()


def _parse(stored: str | None) -> dict[str, _Synced]:
    """Return what is stored by application; empty if it is missing or damaged, since a repeated sync is harmless."""
    try:
        return {str(application): _synced(values) for application, values in json.loads(stored or "{}").items()}
    except (ValueError, TypeError, AttributeError, KeyError):
        return {}


def _synced(values: Mapping[str, Any]) -> _Synced:
    ids = {str(name): int(number) for name, number in values["ids"].items()}
    return _Synced(str(values["sent"]), str(values["listed"]), ids)


def _written(synced: Mapping[str, _Synced]) -> str:
    return json.dumps({application: asdict(one) for application, one in synced.items()}, indent=2) + "\n"

"""Syncs the application commands to Discord only if they have changed since the last sync."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.core.backoff import CONNECTION_ERRORS, Backoff, is_temporary, retry_after

_log = logging.getLogger(__name__)

_FILE: Final = "discord-commands.json"


async def sync_when_changed(tree: app_commands.CommandTree[commands.Bot], data_dir: Path) -> bool:
    """Sync the commands of `tree` unless they equal those of the last sync; return whether they were sent.

    A JSON file in `data_dir` holds one digest of the commands per application id. While Discord cannot be reached, it
    is tried again. A refusal is logged and leaves the file unchanged, so the next start tries again; mentions and
    direct messages work meanwhile.
    """
    application = str(tree.client.application_id)
    path = data_dir / _FILE
    sent = _read(path)
    try:
        digest = await _digest(tree)
        if sent.get(application) == digest:
            return False
        await _send(tree)
    except (discord.DiscordException, *CONNECTION_ERRORS) as error:
        _log.error("The commands could not be sent to Discord; the next start tries again: %s", error)
        return False
    _write(path, {**sent, application: digest})
    _log.info("The commands have changed and were sent to Discord")
    return True


async def _send(tree: app_commands.CommandTree[commands.Bot]) -> None:
    backoff = Backoff()
    while True:
        try:
            await tree.sync()
        except (discord.DiscordException, *CONNECTION_ERRORS) as error:
            if not is_temporary(error):
                raise
            await asyncio.sleep(backoff.pause(max(1.0, retry_after(error))))
        else:
            return


async def _digest(tree: app_commands.CommandTree[commands.Bot]) -> str:
    translator, commands_to_send = tree.translator, tree.get_commands()
    if translator is None:
        payload = [command.to_dict(tree) for command in commands_to_send]
    else:
        payload = [await command.get_translated_payload(tree, translator) for command in commands_to_send]
    payload.sort(key=lambda command: (command["type"], command["name"]))
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> dict[str, str]:
    """Return the stored digests; empty if the file is missing or damaged, since a repeated sync is harmless."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in stored.items()} if isinstance(stored, dict) else {}


def _write(path: Path, sent: dict[str, str]) -> None:
    """Replace the file atomically."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(sent, indent=2) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        _log.warning("The digest of the commands could not be stored in %s: %s", path, error)

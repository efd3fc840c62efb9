"""Commands are synced when they have changed, and again after a failure."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import AsyncMock

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from cogs.core.command_sync import sync_when_changed


def tree_of(*names: str, application: int = 7) -> app_commands.CommandTree[commands.Bot]:
    """Return a command tree whose `sync` is a mock."""
    bot = commands.Bot(command_prefix=(), intents=discord.Intents.none(), application_id=application)
    tree = bot.tree
    for name in names:

        @tree.command(name=name, description="Does something")
        async def command(interaction: discord.Interaction) -> None: ...

    tree.sync = AsyncMock(spec=tree.sync, return_value=[])  # type: ignore[method-assign]
    return tree


async def test_unchanged_commands_are_not_sent(tmp_path: Path) -> None:
    """The first start sends the commands; the next one, with the same commands in any order, does not."""
    assert await sync_when_changed(tree_of("ask", "help"), tmp_path)

    again = tree_of("help", "ask")
    assert not await sync_when_changed(again, tmp_path)
    again.sync.assert_not_awaited()


async def test_changed_commands_are_sent(tmp_path: Path) -> None:
    """Changed commands are sent; digests are stored per application."""
    await sync_when_changed(tree_of("ask"), tmp_path)

    assert await sync_when_changed(tree_of("ask", "help"), tmp_path)
    assert await sync_when_changed(tree_of("ask", "help", application=8), tmp_path)
    assert not await sync_when_changed(tree_of("ask", "help"), tmp_path)


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), OSError("no route"), discord.DiscordException()])
async def test_failure_is_tried_again(tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A failed sync is logged, and the next start tries again."""
    broken = tree_of("ask")
    broken.sync.side_effect = error

    assert not await sync_when_changed(broken, tmp_path)
    assert "next start" in caplog.text
    assert await sync_when_changed(tree_of("ask"), tmp_path)


async def test_memory_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """If the digest cannot be written, the commands are sent all the same, and the failure is logged."""
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file, not a folder", encoding="utf-8")

    assert await sync_when_changed(tree_of("ask"), in_the_way)
    assert "could not be stored" in caplog.text


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"7": 1}'])
async def test_damaged_memory_is_replaced(tmp_path: Path, content: str) -> None:
    """A damaged file counts as empty and is replaced."""
    (tmp_path / "discord-commands.json").write_text(content, encoding="utf-8")

    assert await sync_when_changed(tree_of("ask"), tmp_path)

    stored = json.loads((tmp_path / "discord-commands.json").read_text(encoding="utf-8"))
    assert list(stored) == ["7"]

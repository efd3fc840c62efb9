"""Commands are synced when they have changed, and again after a failure."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from cogs.core.command_ids import CommandIds
from cogs.core.command_sync import sync_when_changed


class Listing:
    """What Discord has of each application's commands."""

    def __init__(self) -> None:
        self.of: dict[int, list[str]] = {}

    def fetch(self, application: int) -> list[Any]:
        """Return what `fetch_commands` does, as far as it is used."""
        return [
            SimpleNamespace(name=name, id=50 + at, to_dict=lambda name=name: {"type": 1, "name": name, "id": 5})
            for at, name in enumerate(self.of[application])
        ]


LISTING = Listing()


@pytest.fixture(autouse=True)
def _nothing_listed() -> None:
    LISTING.of = {7: [], 8: []}


def tree_of(*names: str, application: int = 7) -> app_commands.CommandTree[commands.Bot]:
    """Return a command tree whose `sync` and `fetch_commands` are mocks: what is sent is listed."""
    bot = commands.Bot(command_prefix=(), intents=discord.Intents.none(), application_id=application)
    tree = bot.tree
    for name in names:

        @tree.command(name=name, description="Does something")
        async def command(interaction: discord.Interaction) -> None: ...

    async def sync() -> list[object]:
        LISTING.of[application] = sorted(names)
        return []

    async def fetch() -> list[object]:
        return LISTING.fetch(application)

    tree.sync = AsyncMock(spec=tree.sync, side_effect=sync)  # type: ignore[method-assign]
    tree.fetch_commands = AsyncMock(spec=tree.fetch_commands, side_effect=fetch)  # type: ignore[method-assign]
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


async def test_commands_that_were_deleted_elsewhere_are_sent_again(tmp_path: Path) -> None:
    """What Discord lists is compared too, with one request: deleted, changed and foreign commands are overwritten."""
    await sync_when_changed(tree_of("ask", "help"), tmp_path)
    for listed in ([], ["ask"], ["ask", "help", "theirs"]):
        LISTING.of[7] = listed
        tree = tree_of("ask", "help")
        assert await sync_when_changed(tree, tmp_path)
        assert LISTING.of[7] == ["ask", "help"]

    again = tree_of("ask", "help")
    assert not await sync_when_changed(again, tmp_path)
    again.fetch_commands.assert_awaited_once()


async def test_ids_are_known_after_each_start(tmp_path: Path) -> None:
    """Ids come with what Discord lists; if it lists nothing, those of the last start are used."""
    sent, kept, alone = CommandIds(), CommandIds(), CommandIds()
    await sync_when_changed(tree_of("ask", "help"), tmp_path, sent)
    await sync_when_changed(tree_of("ask", "help"), tmp_path, kept)
    silent = tree_of("ask", "help")
    silent.fetch_commands.side_effect = discord.NotFound(Mock(status=404, reason="No", headers={}), "no such route")
    await sync_when_changed(silent, tmp_path, alone)

    assert [[ids.get(name) for name in ("ask", "help", "pin")] for ids in (sent, kept, alone)] == [[50, 51, None]] * 3


async def test_discord_that_does_not_list_them(tmp_path: Path) -> None:
    """Then the digest of what was sent decides, as before."""
    await sync_when_changed(tree_of("ask"), tmp_path)
    tree = tree_of("ask")
    tree.fetch_commands.side_effect = discord.NotFound(Mock(status=404, reason="No", headers={}), "no such route")

    assert not await sync_when_changed(tree, tmp_path)
    changed = tree_of("ask", "help")
    changed.fetch_commands.side_effect = tree.fetch_commands.side_effect
    assert await sync_when_changed(changed, tmp_path)


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), OSError("no route")])
async def test_an_outage_is_waited_for(tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Discord cannot be reached, the commands are sent again, after pauses."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("cogs.core.command_sync.asyncio.sleep", sleep)
    tree = tree_of("ask")
    tree.sync.side_effect = [error, error, []]

    assert await sync_when_changed(tree, tmp_path)
    assert len(slept) == 2
    assert min(slept) >= 1


async def test_a_refusal_is_tried_again_at_the_next_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is logged, and the next start sends the commands again."""
    broken = tree_of("ask")
    broken.sync.side_effect = discord.DiscordException()

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

"""Running the bot, end to end: backups while it answers, doctor beside it, and commands that were deleted elsewhere."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import start, until
from tests.processes import bot

pytestmark = [pytest.mark.asyncio(loop_scope="session")]

QUESTION = "Who is Han Song-il?"


async def test_backup_while_the_bot_answers(discord: Any, data_dir: Path, tmp_path: Path) -> None:
    """A backup is made beside the running bot; restored elsewhere it is consistent, and answers the same."""
    path, new = tmp_path / "backup.zip", tmp_path / "new"
    made, asked = await asyncio.gather(
        asyncio.to_thread(bot, "backup", path, "--data-dir", data_dir),
        discord.slash(discord.alice, "ask", {"question": QUESTION}),
    )
    restored = await asyncio.to_thread(bot, "restore-backup", path, "--data-dir", new)
    checked = await asyncio.to_thread(bot, "check", "--data-dir", new)
    answered = await asyncio.to_thread(bot, "ask", QUESTION, "--json", "--data-dir", new)

    assert not asked.failed
    assert (made.status, made.err) == (0, "")
    assert (restored.status, restored.err) == (0, "")
    assert checked.status == 0
    assert answered.lines[0]["outcome"] == "answer"
    assert (new / "discord.db").exists()


async def test_a_used_data_folder_is_not_restored_into(discord: Any, data_dir: Path, tmp_path: Path) -> None:
    """The running bot is named, and nothing is changed."""
    made = await asyncio.to_thread(bot, "backup", tmp_path / "b.zip", "--data-dir", data_dir)
    refused = await asyncio.to_thread(bot, "restore-backup", tmp_path / "b.zip", "--data-dir", data_dir)

    assert made.status == 0
    assert refused.status == 1
    assert refused.err.startswith("A bot is running with the data folder")


async def test_doctor_beside_the_bot(discord: Any, data_dir: Path) -> None:
    """It names the running process, finds every database sound, and disturbs nothing."""
    done = await asyncio.to_thread(bot, "doctor", "--json", "--data-dir", data_dir)
    found = {line["check"]: line for line in map(json.loads, done.out.splitlines())}

    assert "A bot is running" in found["other processes"]["message"]
    assert found["databases"]["status"] == "ok"
    assert not (await discord.slash(discord.alice, "ask", {"question": QUESTION})).failed


async def test_commands_that_were_deleted_elsewhere_come_back(discord: Any) -> None:
    """A command that somebody deleted is there again after the next start, although the commands are the same."""
    commands = discord.server.commands[None]
    deleted = next(key for key, command in commands.items() if command["name"] == "ask")
    del commands[deleted]
    await discord.bot.stop()
    discord.bot = await start(discord)

    await until(lambda: any(one["name"] == "ask" for one in discord.server.commands[None].values()))
    assert any(one["name"] == "ask" for one in discord.server.commands[None].values())
    assert not (await discord.slash(discord.alice, "ask", {"question": QUESTION})).failed

"""Threads and channels as articles, end to end with the message content intent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from i18n import texts
from tests.acceptance.conftest import start
from tests.acceptance.test_discord import unexpected
from tests.acceptance.test_features import MANAGE_GUILD, MANAGE_MESSAGES, SEND
from tests.acceptance.test_sites import until
from tests.cogs.reader import read_quotes

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def test_threads_and_channels(fakecord: Any, data_dir: Path, tmp_path: Path) -> None:
    """A thread is quoted once it is saved; a channel's messages are quoted as they are written, edited and deleted."""
    async with fakecord.Harness(ratelimits="realistic", latency=(0.03, 0.12), privileged_intents=True) as harness:
        harness.data_dir, harness.log = data_dir, str(tmp_path / "bot.log")
        harness.default_timeout = 60.0
        bot = await start(harness, synced=True, MESSAGE_CONTENT="true")
        boss = harness.user("Boss", permissions=SEND | MANAGE_GUILD)
        writer = harness.user("Writer", permissions=SEND | MANAGE_MESSAGES)
        room, news = harness.text_channel("talk"), harness.text_channel("news")

        begun = harness.post(harness.alice, "Does anyone know when the funicular of Gull Hill runs?", room)
        thread = harness.server.make_thread(room, "Funicular of Gull Hill", harness.alice, begun)
        harness.post(writer, "The funicular of Gull Hill runs every twenty minutes until midnight.", thread)
        saving = await harness.slash(boss, "article thread", channel=thread)
        saved = await harness.click(boss, saving.response, texts.ARTICLE_ADD_BUTTON)
        answer = await harness.slash(harness.bob, "ask", {"question": "How often does the funicular of Gull Hill run?"})

        old = harness.post(writer, "The swimming pool of Gull Hill opens at half past six.", news)
        harness.post(harness.bob, "The swimming pool of Gull Hill never opens at all.", news)
        offered = await harness.slash(boss, "article channel", {"channel": news})
        added = await harness.click(boss, offered.response, texts.ARTICLE_ADD_BUTTON)
        await until(lambda: "Stored: 1" in offered.response.text)
        question = {"question": "When does the swimming pool of Gull Hill open?"}
        first = await harness.slash(harness.bob, "ask", question)
        harness.server.edit_message(old, {"content": "The swimming pool of Gull Hill opens at half past nine."})
        quoted = ""
        for _ in range(60):
            asked = await harness.slash(harness.alice, "ask", question)
            quoted = read_quotes(asked.response.text)[0].text if read_quotes(asked.response.text) else ""
            if "half past nine" in quoted:
                break
        assert await bot.stop() == 0
        harness.server.delete_message(old)
        bot = await start(harness, MESSAGE_CONTENT="true")
        state = None
        for _ in range(60):
            state = await harness.slash(boss, "article channel", {"channel": news})
            if "Stored: 0" in state.response.text:
                break
        removed = await harness.click(boss, state.response, texts.WATCH_REMOVE_BUTTON)

        seen = (saving, saved, answer, offered, added, first, state, removed)
        assert [each.failed for each in seen] == [None] * 8
        assert all(each.ephemeral for each in (saving, offered, state))
        assert "runs every twenty minutes" in read_quotes(answer.response.text)[0].text
        assert "half past six" in read_quotes(first.response.text)[0].text
        assert "half past nine" in quoted
        assert texts.WATCH_REMOVED.format(channel=f"<#{news['id']}>", count=0) in state.response.text
        assert await bot.stop() == 0
        assert unexpected(harness) == []

"""Threads and channels as articles, end to end with the message content intent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from i18n import texts
from tests.acceptance.conftest import quicken, start, until
from tests.acceptance.test_discord import QUESTION, quoted, unexpected
from tests.acceptance.test_features import MANAGE_GUILD, MANAGE_MESSAGES, SEND
from tests.cogs.reader import read_quotes

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def harness(fakecord: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """Return the simulated Discord, with privileged intents, and a bot that receives message content."""
    async with fakecord.Harness(ratelimits="realistic", latency=(0.03, 0.12), privileged_intents=True) as harness:
        quicken(harness)
        harness.data_dir = tmp_path_factory.mktemp("data")
        harness.log = str(tmp_path_factory.mktemp("log") / "bot.log")
        harness.default_timeout = 60.0
        harness.bot = await start(harness, synced=True, MESSAGE_CONTENT="true")
        yield harness


async def test_channels_that_are_listened_to(harness: Any) -> None:
    """With message content, questions in an ask channel and a forum are answered once without a mention."""
    guild = harness.server.guilds[int(harness.channel["guild_id"])]
    boss = harness.user("Boss", permissions=SEND | MANAGE_GUILD)
    room = harness.text_channel("questions")
    forum = harness.server.make_channel(guild, "help", type_=15)
    for place in (room, forum):
        await harness.slash(boss, "config channel", {"channel": place, "mode": "questions"})

    # Concurrently: the bot waits for some seconds without a message before it answers without being mentioned.
    post = harness.server.make_thread(forum, "North Korea on Twitter", harness.alice)
    asked, talk, opened = await asyncio.gather(
        harness.say(harness.alice, QUESTION, room),
        harness.say(harness.bob, "the weather is nice today", room, expect=False, timeout=6),
        harness.say(harness.alice, QUESTION, post),
    )
    own = {"channel": room, "confidence": 0.25, "thread": True}
    said = await harness.slash(boss, "config channel", own)
    later, threaded = await asyncio.gather(
        harness.say(harness.alice, QUESTION, post, expect=False, timeout=6),
        harness.say(harness.bob, "What causes the tides?", room),
    )
    harness.server.deny(room, harness.server.bot, "create_public_threads")
    checked = await harness.slash(boss, "config check")
    replied = await harness.say(harness.bob, "What are spring tides?", room)

    assert texts.IN_THREADS in said.text
    assert threaded.response.channel_id == int(threaded.trigger["_id"])
    assert texts.CHECK_NEW_THREADS in checked.text
    assert replied.response.reply_to == replied.trigger["_id"]
    assert quoted(threaded)
    assert quoted(asked)
    assert asked.response.reply_to == asked.trigger["_id"]
    assert quoted(opened)
    assert [talk.messages, later.messages] == [[], []]
    assert unexpected(harness) == []


async def test_threads_and_channels(harness: Any) -> None:
    """A thread is quoted once it is saved; a channel's messages are quoted as they are written, edited and deleted."""
    boss = harness.user("Boss", permissions=SEND | MANAGE_GUILD)
    writer = harness.user("Writer", permissions=SEND | MANAGE_MESSAGES)
    room, news = harness.text_channel("talk"), harness.text_channel("news")

    begun = harness.post(harness.alice, "Does anyone know when the funicular of Gull Hill runs?", room)
    thread = harness.server.make_thread(room, "Funicular of Gull Hill", harness.alice, begun)
    harness.post(writer, "The funicular of Gull Hill runs every twenty minutes until midnight.", thread)
    saving = await harness.slash(boss, "article follow thread", channel=thread)
    saved = await harness.click(boss, saving.response, texts.ARTICLE_ADD_BUTTON)
    await until(lambda: "Added: " in saved.response.text)
    answer = await harness.slash(harness.bob, "ask", {"question": "How often does the funicular of Gull Hill run?"})

    old = harness.post(writer, "The swimming pool of Gull Hill opens at half past six.", news)
    harness.post(harness.bob, "The swimming pool of Gull Hill never opens at all.", news)
    offered = await harness.slash(boss, "article follow channel", {"channel": news})
    added = await harness.click(boss, offered.response, texts.ARTICLE_ADD_BUTTON)
    await until(lambda: "Stored: 1" in offered.response.text)
    question = {"question": "When does the swimming pool of Gull Hill open?"}
    first = await harness.slash(harness.bob, "ask", question)
    harness.server.edit_message(old, {"content": "The swimming pool of Gull Hill opens at half past nine."})
    last = ""
    for _ in range(60):
        asked = await harness.slash(harness.alice, "ask", question)
        last = read_quotes(asked.response.text)[0].text if read_quotes(asked.response.text) else ""
        if "half past nine" in last:
            break
    assert await harness.bot.stop() == 0
    harness.server.delete_message(old)
    harness.bot = await start(harness, MESSAGE_CONTENT="true")
    state = None
    for _ in range(60):
        state = await harness.slash(boss, "article follow channel", {"channel": news})
        if "Stored: 0" in state.response.text:
            break
    removed = await harness.click(boss, state.response, texts.WATCH_REMOVE_BUTTON)
    gone = texts.WATCH_REMOVED.format(channel=f"<#{news['id']}>", count=0)
    await until(lambda: gone in state.response.text)

    seen = (saving, saved, answer, offered, added, first, state, removed)
    assert [each.failed for each in seen] == [None] * 8
    assert all(each.ephemeral for each in (saving, offered, state))
    assert "runs every twenty minutes" in read_quotes(answer.response.text)[0].text
    assert "half past six" in read_quotes(first.response.text)[0].text
    assert "half past nine" in last
    assert gone in state.response.text
    assert await harness.bot.stop() == 0
    assert unexpected(harness) == []

"""The daily job keeps the promised retention times, and forgets servers that the bot is no longer in."""

from __future__ import annotations

import time

import pytest
import simcord

from cogs.admin.retention_job import RetentionJob
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from storage.models import ServerSettings
from tests.cogs.visible_text import PUBLIC
from tests.storage.test_database import recent

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

DAY = 86400.0
LEFT = 5  # a server that the bot is not in


def job_of(bot: VerbatimBot) -> RetentionJob:
    """Return the running bot's job."""
    job = bot.get_cog("RetentionJob")
    assert isinstance(job, RetentionJob)
    return job


async def test_old_answers_go_without_new_ones(
    channel: simcord.ChannelHandle, simcord_bot: VerbatimBot, store: AsyncStore
) -> None:
    """An answer older than 90 days is deleted even if nobody asks anything more."""
    database, old = store.database, time.time() - 91 * DAY
    key = await store.run(lambda: database.keep(recent()))
    await store.run(lambda: database.update(key, asked_at=old))

    await job_of(simcord_bot).expire()

    assert channel.id
    assert await store.run(lambda: database.answer(key)) is None


async def test_a_server_that_removed_the_bot_while_it_was_away(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, simcord_bot: VerbatimBot, store: AsyncStore
) -> None:
    """Its data is deleted seven days after the first complete list without it; those of other servers stay."""
    here, job, database = simcord_env.guild.id, job_of(simcord_bot), store.database
    for guild_id in (here, LEFT):
        await store.change_settings(guild_id, lambda now: now.changed(plain=True))
    await store.run(lambda: database.memberships.join(simcord_bot.application_id or 0, LEFT))

    now = time.time()
    await job.compare_servers(now)
    kept = await store.run(lambda: database.server_settings.get(LEFT))
    await job.compare_servers(now + 7 * DAY)

    assert channel.id
    assert kept.plain
    assert await store.run(lambda: database.server_settings.get(LEFT)) == ServerSettings()
    assert (await store.settings(here)).plain


async def test_nothing_is_forgotten_before_the_list_is_complete(
    channel: simcord.ChannelHandle, simcord_bot: VerbatimBot, store: AsyncStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Discord is still sending the servers, missing ones mean nothing."""
    database = store.database
    await store.change_settings(LEFT, lambda now: now.changed(plain=True))
    await store.run(lambda: database.memberships.join(simcord_bot.application_id or 0, LEFT))
    monkeypatch.setattr(simcord_bot, "knows_whether_in", lambda _: False)

    for day in (0, 8, 16):
        await job_of(simcord_bot).compare_servers(time.time() + day * DAY)

    assert channel.id
    assert (await store.run(lambda: database.server_settings.get(LEFT))).plain

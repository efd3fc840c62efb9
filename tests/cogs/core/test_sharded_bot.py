"""Promises of the bot with two shards: each of them is served, and counts its own servers alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import discord
import pytest
import simcord

from cogs.admin.retention_job import RetentionJob
from cogs.articles.channels.channel_states import ChannelStates
from cogs.ask.missed import MissedQuestions
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.shards import Shards
from cogs.services import Resources
from storage.channel_sources import ChannelSource
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import replies_in, shown

DAY = 86400.0

pytestmark = pytest.mark.simcord(shard_count=2)


@pytest.fixture
def simcord_bot(resources: Resources) -> VerbatimBot:
    """Return a bot with two shards."""
    return VerbatimBot(resources, Shards.all_of(2))


@pytest.fixture
def servers(simcord_env: simcord.Env) -> list[simcord.GuildHandle]:
    """Return a server of each shard."""
    return [simcord_env.create_guild(shard_id=shard_id) for shard_id in range(2)]


@pytest.fixture
def channels(servers: list[simcord.GuildHandle]) -> list[simcord.ChannelHandle]:
    """Return a channel of each server."""
    return [server.create_text_channel("general") for server in servers]


@pytest.fixture
def members(simcord_env: simcord.Env, servers: list[simcord.GuildHandle]) -> list[simcord.MemberActor]:
    """Return a member of each server."""
    alice = simcord_env.create_user("alice")
    return [server.add_member(alice) for server in servers]


def test_every_server_is_on_one_shard() -> None:
    """The shard follows from the server's id as Discord says; direct messages are on the first one."""
    shards = Shards.all_of(3)

    assert shards.ids == (0, 1, 2)
    assert {shards.of(number << 22 | 7) for number in range(3)} == {0, 1, 2}
    assert shards.of(5 << 22) == 2
    assert shards.of(None) == 0


async def test_each_shard_answers(
    simcord_env: simcord.Env, channels: list[simcord.ChannelHandle], members: list[simcord.MemberActor]
) -> None:
    """Commands and mentions are answered on both; the other one goes on while one is away."""
    bot = simcord_env.bot
    for channel, alice in zip(channels, members, strict=True):
        asked = await alice.slash(channel, "ask", question="who built it?")
        await alice.send(channel, f"<@{bot.user.id}> who built it?")
        assert "Ada Brook" in shown(asked.response)
        assert len(replies_in(channel, simcord_env)) == 2

    await bot.get_shard(0).disconnect()
    assert bot.disconnected_shards == [0]
    assert not bot.is_connected
    asked = await members[1].slash(channels[1], "ask", question="who built it?")
    assert "Ada Brook" in shown(asked.response)
    await bot.get_shard(0).connect()
    await simcord_env.settle()
    assert bot.is_connected


async def test_only_the_shard_that_was_away_catches_up(
    simcord_env: simcord.Env,
    channels: list[simcord.ChannelHandle],
    members: list[simcord.MemberActor],
    answers: FakeAnswers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was asked meanwhile on the shard is answered; where the connection stood, nothing is looked for."""
    bot = simcord_env.bot
    await bot.get_shard(1).disconnect()
    await simcord_env.settle()
    with monkeypatch.context() as patch:
        patch.setattr(simcord_env.backend, "emit", lambda *_, **__: None)
        for channel, alice in zip(channels, members, strict=True):
            message = simcord_env.backend.create_message(channel.id, alice.id, f"<@{bot.user.id}> who built it?")
            bot.get_channel(channel.id).last_message_id = message.id
    monkeypatch.setattr("cogs.ask.missed.time.time", lambda: 0.0)  # the simulated messages are of another year
    cog = bot.get_cog("MissedQuestions")
    assert isinstance(cog, MissedQuestions)
    monkeypatch.setitem(cog._away_since, 1, 1.0)
    await cog.on_shard_ready(1)
    await simcord_env.settle()

    assert [len(replies_in(channel, simcord_env)) for channel in channels] == [0, 1]
    assert len(answers.asked) == 1


async def test_a_server_that_discord_sends_late(
    simcord_env: simcord.Env,
    servers: list[simcord.GuildHandle],
    channels: list[simcord.ChannelHandle],
    members: list[simcord.MemberActor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was asked in a server that was not available when its shard was ready is answered once it is."""
    bot, channel, guild = simcord_env.bot, channels[1], simcord_env.bot.get_guild(servers[1].id)
    with monkeypatch.context() as patch:
        patch.setattr(simcord_env.backend, "emit", lambda *_, **__: None)
        message = simcord_env.backend.create_message(channel.id, members[1].id, f"<@{bot.user.id}> who built it?")
        bot.get_channel(channel.id).last_message_id = message.id
    monkeypatch.setattr("cogs.ask.missed.time.time", lambda: 0.0)
    cog = bot.get_cog("MissedQuestions")
    assert isinstance(cog, MissedQuestions)
    guild.unavailable = True
    await cog.catch_up(0.0, 1)
    before = len(replies_in(channel, simcord_env))
    guild.unavailable = False
    for _ in range(2):
        await cog.on_guild_available(guild)
    await simcord_env.settle()

    assert (before, len(replies_in(channel, simcord_env))) == (0, 1)


async def test_a_missing_server_of_a_shard_that_is_not_ready(
    servers: list[simcord.GuildHandle], simcord_bot: VerbatimBot, store: AsyncStore
) -> None:
    """Servers are forgotten only if their own shard has listed its servers without them."""
    assert servers
    database, job = store.database, simcord_bot.get_cog("RetentionJob")
    assert isinstance(job, RetentionJob)
    left = {0: 10 << 22, 1: 11 << 22}
    for guild_id in left.values():
        await store.change_settings(guild_id, lambda now: now.changed(plain=True))
        await store.run(lambda one=guild_id: database.memberships.join(simcord_bot.application_id or 0, one))
    simcord_bot._ready_shards.discard(1)

    now = time.time()
    for day in (0, 8):
        await job.compare_servers(now + day * DAY)
    kept = {shard: await store.run(lambda one=one: database.server_settings.get(one)) for shard, one in left.items()}

    assert {shard: settings.plain for shard, settings in kept.items()} == {0: False, 1: True}


async def test_a_new_session_lists_the_servers_of_its_shard(
    simcord_env: simcord.Env, servers: list[simcord.GuildHandle], simcord_bot: VerbatimBot
) -> None:
    """A server that has removed the bot meanwhile is gone after the next READY of its shard, and no other is."""
    stays, left = (server.id for server in servers)
    state = simcord_bot._connection
    user = {"id": str(simcord_bot.user.id), "username": "bot", "discriminator": "0", "avatar": None}

    state.parse_ready({"user": user, "shard": [0, 2], "guilds": [{"id": str(stays), "unavailable": True}]})
    assert {guild.id for guild in simcord_bot.guilds} == {stays, left}
    state.parse_ready({"user": user, "shard": [1, 2], "guilds": []})
    assert {guild.id for guild in simcord_bot.guilds} == {stays}
    await simcord_env.settle()
    assert simcord_bot.is_connected


async def test_shards_that_begin_again_before_all_are_ready(simcord_env: simcord.Env, simcord_bot: VerbatimBot) -> None:
    """Each shard is announced as ready, also when one begins a new session while others are being prepared."""
    simcord_bot._ready_shards.clear()
    user = {"id": str(simcord_bot.user.id), "username": "bot", "discriminator": "0", "avatar": None}
    ready: dict[str, object] = {"user": user, "guilds": []}
    simcord_bot._connection.begin(simcord_bot.own_shards)

    for shard_id in (0, 1, 1):
        simcord_bot._connection.parse_ready({**ready, "shard": [shard_id, 2]})
        await asyncio.sleep(0)
    for _ in range(500):
        if simcord_bot.is_connected:
            break
        await asyncio.sleep(0.01)

    assert simcord_env.bot is simcord_bot
    assert simcord_bot.is_connected


async def test_channel_sources_of_a_shard(store: AsyncStore) -> None:
    """After a new session of a shard the channels of its servers alone are read again."""
    states, of = ChannelStates(store), Shards.all_of(2).of
    chosen: Callable[[int], bool] = lambda guild_id: of(guild_id) == 1  # noqa: E731
    for guild_id in (10 << 22, 11 << 22):
        await states.save(ChannelSource(guild_id + 1, guild_id, None, running=True))

    assert states.running(chosen) == [(11 << 22) + 1]


async def test_ready_without_a_shard_that_cannot_connect(
    simcord_bot: VerbatimBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After a while the background jobs begin without it, and the log says so."""
    monkeypatch.setattr("cogs.core.gateway._READY_WITHOUT_ALL", 0.0)
    begun: list[str] = []
    monkeypatch.setattr(simcord_bot, "dispatch", lambda event, *_: begun.append(event))
    await simcord_bot._async_setup_hook()
    await simcord_bot.on_shard_ready(0)
    assert simcord_bot._late is not None
    await simcord_bot._late

    assert begun == ["ready"]
    assert simcord_bot.is_ready()
    assert "not connected: 0, 1" in caplog.text
    assert isinstance(simcord_bot, discord.AutoShardedClient)

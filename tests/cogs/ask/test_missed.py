"""What was asked while the bot was away is answered after its return."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import discord
import pytest
import simcord

from cogs.ask.missed import MissedQuestions
from cogs.core.async_store import AsyncStore
from storage.models import Mode, ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, replies_in

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

Return = Callable[[], Awaitable[None]]


def call(env: simcord.Env, text: str) -> str:
    """Return a message that mentions the bot."""
    return f"<@{env.bot.user.id}> {text}"


@pytest.fixture
def write(simcord_env: simcord.Env, monkeypatch: pytest.MonkeyPatch) -> Callable[..., discord.Message]:
    """Return a function that writes a message of which the bot is not told."""

    def write(channel: simcord.ChannelHandle, who: simcord.MemberActor, text: str, **more: object) -> discord.Message:
        backend = simcord_env.backend
        with monkeypatch.context() as patch:
            patch.setattr(backend, "emit", lambda *_, **__: None)
            message = backend.create_message(channel.id, who.id, text, **more)
        simcord_env.bot.get_channel(channel.id).last_message_id = message.id
        return message

    return write


@pytest.fixture
def come_back(simcord_env: simcord.Env, monkeypatch: pytest.MonkeyPatch) -> Return:
    """Return a function that looks for questions as after a new connection, of the time since 1970."""

    async def come_back() -> None:
        monkeypatch.setattr("cogs.ask.missed.time.time", lambda: 0.0)
        cog = simcord_env.bot.get_cog("MissedQuestions")
        assert isinstance(cog, MissedQuestions)
        await cog.catch_up(0.0, 0)
        await simcord_env.settle()

    return come_back


async def test_answered_once(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    write: Callable[..., discord.Message],
    come_back: Return,
) -> None:
    """A mention is answered by a reply, and not again after the next return; small talk is not answered late."""
    question = write(channel, alice, call(simcord_env, "who built it?"))
    write(channel, alice, call(simcord_env, "hello"))
    write(channel, alice, "who painted it?")
    await come_back()
    await come_back()

    (answer,) = replies_in(channel, simcord_env)
    assert answer.reference.message_id == question.id
    assert [text for text, _ in answers.asked] == ["who built it?"]


@pytest.mark.parametrize("how", ["reply", "thanks", "deleted"])
async def test_no_longer_open(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    write: Callable[..., discord.Message],
    come_back: Return,
    how: str,
) -> None:
    """What somebody has answered, what its author is content with and what is deleted stays unanswered."""
    question = write(channel, alice, call(simcord_env, "who built it?"))
    if how == "reply":
        write(channel, bob, f"it was Ada, <@{alice.id}>")
    elif how == "thanks":
        write(channel, alice, call(simcord_env, "ah ok, got it"))
    else:
        del simcord_env.backend.messages[channel.id][question.id]
    await come_back()

    assert answers.asked == []


@pytest.mark.parametrize("settings_of_server", [ServerSettings(missed_minutes=0), ServerSettings(paused=True)])
async def test_not_wanted(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    write: Callable[..., discord.Message],
    come_back: Return,
    settings_of_server: ServerSettings,
) -> None:
    """A server can switch it off; a paused one gets nothing."""
    await store.change_settings(simcord_env.guild.id, lambda _: settings_of_server)
    write(channel, alice, call(simcord_env, "who built it?"))
    await come_back()

    assert answers.asked == []


async def test_too_old(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    write: Callable[..., discord.Message],
) -> None:
    """A question that is older than the server wants is left."""
    write(channel, alice, call(simcord_env, "who built it?"))
    cog = simcord_env.bot.get_cog("MissedQuestions")
    assert isinstance(cog, MissedQuestions)
    await cog.catch_up(time.time() + 86400 * 365, 0)

    assert answers.asked == []


async def test_where_history_may_not_be_read(
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    write: Callable[..., discord.Message],
    come_back: Return,
) -> None:
    """Without the permission to read it, a channel's history is not asked for."""
    overwrites = {simcord_env.bot.user: discord.PermissionOverwrite(read_message_history=False)}
    closed = simcord_env.guild.create_text_channel("closed", overwrites=overwrites)
    write(closed, alice, call(simcord_env, "who built it?"))
    await come_back()

    assert answers.asked == []
    assert [one for one in simcord_env.http_requests if one.method == "GET" and "/messages" in one.path] == []


async def test_the_last_connection(simcord_env: simcord.Env, store: AsyncStore) -> None:
    """When the bot was last connected is stored, so that it knows after a restart how long it was away."""
    cog = simcord_env.bot.get_cog("MissedQuestions")
    assert isinstance(cog, MissedQuestions)
    await store.run(lambda: store.database.presence.set_last_connected(1.5))
    assert await store.run(store.database.presence.last_connected) == 1.5


async def test_direct_messages(
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
    come_back: Return,
) -> None:
    """A direct message is answered if the bot has answered its author there before."""
    await alice.send_dm("who built it?")
    channel = alice.user.dm_channel
    with monkeypatch.context() as patch:
        patch.setattr(simcord_env.backend, "emit", lambda *_, **__: None)
        simcord_env.backend.create_message(channel.id, alice.id, "who painted it?")
    await come_back()
    await come_back()

    assert [text for text, _ in answers.asked] == ["who built it?", "who painted it?"]
    assert len(replies_in(channel, simcord_env)) == 2


async def test_posts(
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
    come_back: Return,
) -> None:
    """A post in a forum that is listened to is answered, once."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.05)
    forum = simcord_env.guild.create_forum_channel("forum")
    wanted = ServerSettings().with_mode(forum.id, Mode.EVERYTHING)
    await store.change_settings(simcord_env.guild.id, lambda _: wanted)
    simcord_env.backend.create_thread(forum.id, "Who built the lighthouse", alice.id, type=11)
    await simcord_env.settle()
    (post,) = forum.threads
    with monkeypatch.context() as patch:
        patch.setattr(simcord_env.backend, "snowflake", lambda: post.id)
        patch.setattr(simcord_env.backend, "emit", lambda *_, **__: None)
        simcord_env.backend.create_message(post.id, alice.id, "I saw it yesterday.")
    simcord_env.bot.get_channel(post.id).last_message_id = post.id
    await come_back()
    await come_back()

    assert len(answers.asked) == 1
    assert answers.asked[0][0].startswith("Who built the lighthouse")
    assert len(replies_in(post, simcord_env)) == 1


async def test_a_stop_while_looking(
    channel: simcord.ChannelHandle, simcord_env: simcord.Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the bot stops while it looks for questions, that is no error; anything else is one."""
    assert channel.id
    cog = simcord_env.bot.get_cog("MissedQuestions")
    assert isinstance(cog, MissedQuestions)

    async def fail(_since: float, _shard_id: int) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("Session is closed")

    monkeypatch.setattr(cog, "catch_up", fail)
    await cog.on_shard_disconnect(0)
    with pytest.raises(RuntimeError):
        await cog.on_shard_ready(0)
    await cog.on_shard_disconnect(0)
    monkeypatch.setattr(simcord_env.bot, "is_closed", lambda: True)
    await cog.on_shard_ready(0)

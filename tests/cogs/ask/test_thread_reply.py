"""Answers in a new thread, where a channel is set to them."""

from __future__ import annotations

import discord
import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from storage.models import Mode, ServerSettings
from tests.cogs.ask.test_listener import CONTENT, say
from tests.cogs.ask.test_listener import quick as quick  # noqa: PLC0414 - a fixture
from tests.cogs.ask.test_listener import settings as settings  # noqa: PLC0414 - a fixture
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=CONTENT)


async def threaded(store: AsyncStore, env: simcord.Env, place: simcord.ChannelHandle) -> None:
    """Set a channel to answer questions in new threads."""
    settings = ServerSettings().with_place(place.id, mode=Mode.QUESTIONS, thread=True)
    await store.change_settings(env.guild.id, lambda _: settings)


async def test_an_answer_in_a_new_thread(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """The thread is named after the question; follow-ups, edits and deletions work there."""
    await threaded(store, simcord_env, channel)
    await say(simcord_env, alice, channel, "who built the lighthouse?")
    (thread,) = channel.threads
    (answer,) = replies_in(thread, simcord_env)
    question = next(message for message in channel.history() if message.author.id == alice.id)
    before = shown(answer)

    await say(simcord_env, alice, thread, "and who painted it?")
    await alice.edit(question, "closest thing to a lighthouse?")
    edited = shown(replies_in(thread, simcord_env)[0])
    await alice.delete(question)

    assert thread.name == "who built the lighthouse?"
    assert answer.mentions == []
    assert not [message for message in replies_in(channel, simcord_env) if not message.is_system()]
    assert texts.CLOSEST_WARNING not in before
    assert texts.CLOSEST_WARNING in edited
    assert len(answers.before[1]) > 0
    assert len(channel.threads) == 1
    assert answer.id not in {message.id for message in replies_in(thread, simcord_env)}


@pytest.mark.parametrize("by_button", [False, True])
@pytest.mark.parametrize("kept", ["", "spoken in", "not to be deleted", "not to be read", "begun by a member"])
async def test_a_thread_goes_with_its_answer(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
    by_button: bool,
    kept: str,
) -> None:
    """The bot deletes its own thread once it is empty, if it may read and delete it."""
    denied = {"not to be deleted": "manage_threads", "not to be read": "read_message_history"}
    overwrites = {simcord_env.bot.user: discord.PermissionOverwrite(manage_threads=True)}
    place = simcord_env.guild.create_text_channel("asked", overwrites=overwrites)
    await threaded(store, simcord_env, place)
    await say(simcord_env, alice, place, "who built the lighthouse?")
    (thread,) = place.threads
    question = next(message for message in place.history() if message.author.id == alice.id)
    if kept == "spoken in":
        await say(simcord_env, alice, thread, "thanks")
    if kept in denied:
        allowed = discord.Permissions.all()
        allowed.update(**{denied[kept]: False})
        monkeypatch.setattr(discord.Thread, "permissions_for", lambda *_: allowed)
    if kept == "begun by a member":
        simcord_env.bot.get_channel(thread.id).owner_id = alice.id

    if by_button:
        await alice.context_menu(thread, texts.DELETE_MENU, replies_in(thread, simcord_env)[0])
    else:
        await alice.delete(question)

    assert len(place.threads) == bool(kept)


async def test_no_thread_without_an_answer(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """No thread is created if the outcome is not shown."""
    await threaded(store, simcord_env, channel)

    await say(simcord_env, alice, channel, "unknown thing, or is it?")

    assert channel.threads == []


@pytest.mark.parametrize("denied", ["create_public_threads", "send_messages_in_threads"])
async def test_a_thread_that_may_not_be_begun(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    denied: str,
) -> None:
    """Without the permission to create threads the answer is a reply."""
    overwrites = {simcord_env.bot.user: discord.PermissionOverwrite(**{denied: False})}
    closed = simcord_env.guild.create_text_channel("closed", overwrites=overwrites)
    await threaded(store, simcord_env, closed)

    await say(simcord_env, alice, closed, "who built the lighthouse?")

    assert closed.threads == []
    assert len(replies_in(closed, simcord_env)) == 1


@pytest.mark.parametrize(("status", "code"), [(403, 50013), (400, 160006)])
async def test_a_thread_that_is_refused(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    status: int,
    code: int,
) -> None:
    """If Discord refuses the thread, the answer is a reply."""
    await threaded(store, simcord_env, channel)
    simcord_env.inject_error("POST", "/channels/*/messages/*/threads", status=status, code=code)

    await say(simcord_env, alice, channel, "who built the lighthouse?")

    assert len(replies_in(channel, simcord_env)) == 1


async def test_a_thread_that_is_there_already(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """If the message has a thread already, it is used."""
    await threaded(store, simcord_env, channel)
    simcord_env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160004)
    question = simcord_env.backend.create_message(channel.id, alice.id, "who built the lighthouse?")
    simcord_env.backend.create_thread(channel.id, "mine", alice.id, message_id=question.id, broadcast=False)
    await simcord_env.settle()

    (thread,) = channel.threads
    assert len(replies_in(thread, simcord_env)) == 1
    assert replies_in(channel, simcord_env) == []

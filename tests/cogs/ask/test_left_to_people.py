"""Threads and forum posts that are left to the people in them."""

from __future__ import annotations

import discord
import pytest
import simcord

from cogs.ask.edit_sync import EditSync
from cogs.core.async_store import AsyncStore
from cogs.core.job_queue import BusyError
from i18n import texts
from storage.models import Mode
from tests.cogs.ask.test_listener import CONTENT, say, set_mode
from tests.cogs.ask.test_listener import quick as quick  # noqa: PLC0414 - a fixture
from tests.cogs.ask.test_listener import settings as settings  # noqa: PLC0414 - a fixture
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import replies_in

pytestmark = pytest.mark.simcord(approved_intents=CONTENT)


async def test_a_thread_that_a_moderator_has_taken_over(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """After a moderator has written in a thread, only mentions are answered there; this is stored."""
    await set_mode(store, simcord_env, channel, Mode.QUESTIONS)
    await simcord_env.bot.get_channel(channel.id).create_thread(name="t", type=discord.ChannelType.public_thread)
    (thread,) = channel.threads

    await say(simcord_env, alice, thread, "who built it then?")
    await say(simcord_env, mod, thread, "I am looking into it.")
    await say(simcord_env, alice, thread, "who built it then?")
    await say(simcord_env, alice, thread, f"<@{simcord_env.bot.user.id}> who built it?")

    assert len(answers.asked) == 2
    assert await store.run(lambda: store.database.is_silenced(thread.id))


async def test_a_thread_that_a_helper_has_taken_over(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """So it is after a helper has written there, whose own questions are for the member."""
    role = simcord_env.guild.create_role("Helpers")
    helper = simcord_env.guild.add_member(simcord_env.create_user("hanna"), roles=[role])
    await set_mode(store, simcord_env, channel, Mode.QUESTIONS)
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(helpers_role=role.id))
    await simcord_env.bot.get_channel(channel.id).create_thread(name="t", type=discord.ChannelType.public_thread)
    (thread,) = channel.threads

    await say(simcord_env, helper, thread, "which lighthouse do you mean?")
    await say(simcord_env, alice, thread, "who built it then?")

    assert answers.asked == []


def open_post(env: simcord.Env, forum: simcord.ChannelHandle, who: simcord.MemberActor, title: str) -> object:
    """Open a forum post as a member, without its first message, which gets the id of the post."""
    return env.backend.create_thread(forum.id, title, who.id, type=11)


@pytest.mark.parametrize("locked", [False, True])
async def test_forum_posts_are_answered_once(
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
    locked: bool,
) -> None:
    """A post's title and first message are answered in the post; later messages are not, and locked posts neither."""
    forum = simcord_env.guild.create_forum_channel("help")
    await set_mode(store, simcord_env, forum, Mode.QUESTIONS)
    post = open_post(simcord_env, forum, alice, "Lighthouse trouble")
    await simcord_env.settle()
    if locked:
        simcord_env.bot.get_channel(post.id).locked = True
    (thread,) = forum.threads

    with monkeypatch.context() as patch:
        patch.setattr(simcord_env.backend, "snowflake", lambda: post.id)
        simcord_env.backend.create_message(thread.id, alice.id, "It does not shine.")
    await simcord_env.settle()
    await say(simcord_env, alice, thread, "who can tell me?")

    expected = [] if locked else ["Lighthouse trouble\nIt does not shine."]
    assert [question for question, _ in answers.asked] == expected
    assert len(replies_in(thread, simcord_env)) == len(expected)


async def test_a_forum_post_is_answered_once_while_nothing_can_be_changed(
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another process has locked discord.db: the post is left to people all the same."""
    forum = simcord_env.guild.create_forum_channel("help")
    await set_mode(store, simcord_env, forum, Mode.QUESTIONS)
    post = open_post(simcord_env, forum, alice, "Lighthouse trouble")
    await simcord_env.settle()
    (thread,) = forum.threads

    async def locked(*_: object) -> None:
        raise BusyError(texts.BUSY)

    with monkeypatch.context() as patch:
        patch.setattr(AsyncStore, "run", locked)
        patch.setattr(simcord_env.backend, "snowflake", lambda: post.id)
        simcord_env.backend.create_message(thread.id, alice.id, "It does not shine.")
        await simcord_env.settle()
    await say(simcord_env, alice, thread, "who can tell me?")

    assert [question for question, _ in answers.asked] == ["Lighthouse trouble\nIt does not shine."]


async def test_a_forum_post_keeps_its_answer_after_a_new_connection(
    alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check after a new connection finds the first message of a post in the post and keeps its answer."""
    forum = simcord_env.guild.create_forum_channel("help")
    await set_mode(store, simcord_env, forum, Mode.QUESTIONS)
    post = open_post(simcord_env, forum, alice, "Lighthouse trouble")
    await simcord_env.settle()
    (thread,) = forum.threads
    with monkeypatch.context() as patch:
        patch.setattr(simcord_env.backend, "snowflake", lambda: post.id)
        simcord_env.backend.create_message(thread.id, alice.id, "It does not shine.")
    await simcord_env.settle()
    following = simcord_env.bot.get_cog("EditSync")
    assert isinstance(following, EditSync)

    await following.on_shard_ready(0)

    assert len(replies_in(thread, simcord_env)) == 1

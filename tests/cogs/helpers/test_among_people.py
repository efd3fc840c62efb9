"""What people write to each other about a call, or under what the bot posts for staff, is no question to the bot."""

from __future__ import annotations

import time
from typing import Any

import discord
import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from storage.models import Mode
from storage.staff_messages import NewMessage
from tests.cogs.fakes import FakeAnswers
from tests.cogs.helpers.conftest import posts_in
from tests.cogs.visible_text import PUBLIC

HEARING = PUBLIC | discord.Intents(message_content=True)

pytestmark = pytest.mark.simcord(approved_intents=HEARING)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pause that ends a burst."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.05)


@pytest.fixture
async def post(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> Any:
    """Return the message of a call, which has a thread."""
    asked = await alice.slash(channel, "ask", question="unknown ferry?")
    await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    return posts_in(helpers, simcord_env)[-1]


async def test_replies_to_a_call_are_for_the_member(
    simcord_env: simcord.Env,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    answers: FakeAnswers,
    post: Any,
) -> None:
    """A reply to the message of a call, and in its thread, gets no answer; a mention of the bot does."""
    thread, before = helpers.threads[-1], len(answers.asked)

    await helper.send(helpers, "Which ferry do you mean?", reply_to=post)
    await simcord_env.bot.get_channel(thread.id).send("May I save your words?")  # type: ignore[union-attr]
    await helper.send(thread, "What for?", reply_to=posts_in(thread, simcord_env)[-1])

    assert answers.asked[before:] == []
    assert (len(posts_in(helpers, simcord_env)), len(posts_in(thread, simcord_env))) == (1, 1)

    await helper.send(thread, f"{simcord_env.bot.user.mention} when does the ferry leave?")

    await helper.send(thread, "and on Sunday?", reply_to=posts_in(thread, simcord_env)[-1])

    assert [question for question, _ in answers.asked[before:]] == ["when does the ferry leave?", "and on Sunday?"]


async def test_the_thread_of_a_call_is_not_listened_to(
    simcord_env: simcord.Env,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    post: Any,
) -> None:
    """Questions that people ask each other about a call are theirs, also where the bot answers without a mention."""
    await store.change_settings(simcord_env.guild.id, lambda now: now.with_mode(helpers.id, Mode.EVERYTHING))
    before = len(answers.asked)

    simcord_env.backend.create_message(helpers.threads[-1].id, helper.id, "Which ferry do you mean?")
    await simcord_env.settle()

    assert answers.asked[before:] == []
    assert posts_in(helpers.threads[-1], simcord_env) == []


async def test_replies_to_messages_for_staff(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
) -> None:
    """A reply to the digest or to a vote that was posted is for the other readers."""
    sent = await simcord_env.bot.get_channel(channel.id).send("Digest")  # type: ignore[union-attr]
    new = NewMessage(simcord_env.guild.id, channel.id, sent.id, "en", plain=False, words=False)
    await store.run(lambda: store.database.staff_messages.digest_posted(new, f"Digest {time.time()}", []))

    await helper.send(channel, "Who writes the article about the ferry?", reply_to=posts_in(channel, simcord_env)[-1])

    assert answers.asked == []
    assert len(posts_in(channel, simcord_env)) == 1

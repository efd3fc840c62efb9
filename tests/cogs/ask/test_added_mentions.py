"""Edits that add a mention or a question, and edits that take the mention out."""

from __future__ import annotations

import discord
import pytest
import simcord
from pydantic import SecretStr

from cogs.core.async_store import AsyncStore
from settings import Settings
from storage.models import Mode, ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC | discord.Intents(message_content=True))


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    """Return settings with message content."""
    return Settings(
        data_dir=tmp_path, discord_token=SecretStr("not.a.token"), second_quote_confidence=0.5, message_content=True
    )


def call(env: simcord.Env, text: str) -> str:
    """Return a message that mentions the bot."""
    return f"<@{env.bot.user.id}> {text}"


async def test_a_mention_is_added(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A question to which an edit adds the mention is answered, once."""
    question = await alice.send(channel, "who built it?")
    await alice.edit(question, call(simcord_env, "who built it?"))
    await alice.edit(question, call(simcord_env, "who  built it?"))

    (answer,) = replies_in(channel, simcord_env)
    assert answer.reference.message_id == question.id
    assert [text for text, _ in answers.asked] == ["who built it?"]


@pytest.mark.parametrize("first", ["", "hello", "thanks", "refuse this"])
async def test_a_question_is_added(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    first: str,
) -> None:
    """A question that an edit adds to a mention is answered, and the help or notice that it got before goes."""
    message = await alice.send(channel, call(simcord_env, first))
    await alice.edit(message, call(simcord_env, "who built it?"))

    (answer,) = replies_in(channel, simcord_env)
    assert "> **The** lighthouse" in shown(answer)


async def test_old_messages(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mention that is added to an old message is passed over."""
    monkeypatch.setattr("cogs.ask.edit_sync._ADDED_SECONDS", -(10.0**9))
    question = await alice.send(channel, "who built it?")
    await alice.edit(question, call(simcord_env, "who built it?"))

    assert answers.asked == []


async def test_a_mention_is_taken_out(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """The answer goes with the mention, and comes back with it."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    (answer,) = replies_in(channel, simcord_env)
    await alice.edit(question, "who built it?")
    assert replies_in(channel, simcord_env) == []
    assert await store.run(lambda: store.database.answer_in(answer.id)) is None

    await alice.edit(question, call(simcord_env, "who built it?"))
    assert len(replies_in(channel, simcord_env)) == 1
    assert len(answers.asked) == 2


@pytest.mark.parametrize("case", ["late", "reply", "listened", "helper"])
async def test_answers_that_stay(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
    case: str,
) -> None:
    """An answer stays that is old, to a reply, in a channel that is listened to, or posted by a helper."""
    if case == "listened":
        await store.change_settings(
            simcord_env.guild.id, lambda _: ServerSettings().with_mode(channel.id, Mode.QUESTIONS)
        )
    if case == "reply":
        await alice.send(channel, call(simcord_env, "unknown thing?"))
        question = await alice.send(channel, "who built it?", reply_to=replies_in(channel, simcord_env)[0])
    else:
        question = await alice.send(channel, call(simcord_env, "who built it?"))
    before = len(replies_in(channel, simcord_env))
    if case == "helper":
        answer = await store.run(lambda: store.database.answer_to(question.id))
        await store.run(lambda: store.database.update(answer.id, asker_id=mod.id))
    if case == "late":
        monkeypatch.setattr("cogs.ask.edit_sync._EDIT_SECONDS", -1.0)
    await alice.edit(question, "who built it ?")

    assert before
    assert len(replies_in(channel, simcord_env)) == before


async def test_small_talk_takes_no_answer_away(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """An edit that leaves only small talk changes nothing."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    await alice.edit(question, call(simcord_env, "thanks!"))

    assert len(replies_in(channel, simcord_env)) == 1
    assert len(answers.asked) == 1

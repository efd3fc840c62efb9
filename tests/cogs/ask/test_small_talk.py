"""Small talk that addresses the bot gets no answer: a reaction at most, or the short help."""

from __future__ import annotations

import discord
import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from storage.models import Mode, ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


def call(env: simcord.Env, text: str) -> str:
    """Return a message that mentions the bot."""
    return f"<@{env.bot.user.id}> {text}"


@pytest.mark.parametrize("text", ["thanks!", "ok", "lol", "great bot", "no, that is wrong", "👍"])
async def test_no_new_answer(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    text: str,
) -> None:
    """Thanks and the like get no message, as a mention and as a reply to an answer."""
    await alice.send(channel, call(simcord_env, "who built it?"))
    (answer,) = replies_in(channel, simcord_env)
    await alice.send(channel, call(simcord_env, text))
    await alice.send(channel, text, reply_to=answer)

    assert len(replies_in(channel, simcord_env)) == 1
    assert len(answers.asked) == 1


@pytest.mark.parametrize("reactions", [True, False])
async def test_reactions(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    reactions: bool,
) -> None:
    """Thanks get a reaction if the server wants it; blame gets none."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(reactions=reactions))
    await alice.send(channel, call(simcord_env, "thanks!"))
    await alice.send(channel, call(simcord_env, "that is wrong"))

    sent = [request for request in simcord_env.http_requests if "/reactions/" in request.path]
    assert len(sent) == reactions


async def test_a_reaction_that_is_not_allowed(simcord_env: simcord.Env, alice: simcord.MemberActor) -> None:
    """Without the permission the bot does not try to react."""
    overwrites = {simcord_env.bot.user: discord.PermissionOverwrite(add_reactions=False)}
    quiet = simcord_env.guild.create_text_channel("quiet", overwrites=overwrites)
    await alice.send(quiet, call(simcord_env, "thanks!"))

    assert [request for request in simcord_env.http_requests if "/reactions/" in request.path] == []


@pytest.mark.parametrize("text", ["hello", "help", "who are you?", "what can you do?", "heyyy", "", "???"])
async def test_short_help(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    text: str,
) -> None:
    """Greetings and calls for help get a short help with buttons, in servers and in direct messages."""
    await alice.send(channel, call(simcord_env, text))
    (said,) = replies_in(channel, simcord_env)

    assert "/ask" in shown(said)
    assert buttons_of(said) == [texts.HELP_ASK_BUTTON, texts.HELP_ARTICLES_BUTTON, texts.HELP_PRIVACY_BUTTON]
    assert answers.asked == []


async def test_in_direct_messages(
    alice: simcord.MemberActor, bob: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """Direct messages are met like mentions."""
    await alice.send_dm("hello")
    await bob.send_dm("thanks!")

    assert len(replies_in(alice.user.dm_channel, simcord_env)) == 1
    assert replies_in(bob.user.dm_channel, simcord_env) == []
    assert answers.asked == []


async def test_buttons_of_the_help(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    boss: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
) -> None:
    """Its buttons ask, list the articles and show what is stored; only who may change settings gets one for set-up."""
    await boss.send(channel, call(simcord_env, "hello"))
    (said,) = replies_in(channel, simcord_env)
    assert buttons_of(said)[-1] == texts.HELP_SETUP_BUTTON

    listed = await alice.click(said, label=texts.HELP_ARTICLES_BUTTON)
    stored = await alice.click(said, label=texts.HELP_PRIVACY_BUTTON)
    refused = await alice.click(said, label=texts.HELP_SETUP_BUTTON)
    begun = await boss.click(said, label=texts.HELP_SETUP_BUTTON)
    form = await alice.click(said, label=texts.HELP_ASK_BUTTON)
    asked = await alice.submit_modal(form, {"question": "who built it?"})

    assert listed.ephemeral
    assert texts.ARTICLE_LIST_EMPTY in shown(listed.response)
    assert texts.PRIVACY.split("\n", maxsplit=1)[0] in shown(stored.response)
    assert texts.NOT_ALLOWED in [shown(message) for message in (refused.response, *refused.followups) if message]
    assert begun.ephemeral
    assert "> **The** lighthouse" in shown(asked.response)
    assert [question for question, _ in answers.asked] == ["who built it?"]


async def test_small_talk_in_a_command(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers
) -> None:
    """`/ask hello` gets the short help, privately."""
    result = await alice.slash(channel, "ask", question="hello")

    (said,) = result.followups
    assert said.ephemeral
    assert texts.HELP_ASK_BUTTON in buttons_of(said)
    assert answers.asked == []


async def test_real_questions_are_answered(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """Small talk before a question does not hide it."""
    await alice.send(channel, call(simcord_env, "ok, but how do I reset it?"))
    await alice.send(channel, call(simcord_env, "thanks! and when does it open?"))

    assert [question for question, _ in answers.asked] == ["ok, but how do I reset it?", "and when does it open?"]


@pytest.mark.simcord(approved_intents=PUBLIC | discord.Intents(message_content=True))
@pytest.mark.parametrize("text", ["thanks everyone!", "hello", "help please", "lol"])
async def test_not_addressed(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
) -> None:
    """In a channel that is listened to, small talk among people gets nothing."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.05)
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings().with_mode(channel.id, Mode.EVERYTHING))
    simcord_env.backend.create_message(channel.id, alice.id, text)
    await simcord_env.settle()

    assert answers.asked == []
    assert replies_in(channel, simcord_env) == []
    assert [request for request in simcord_env.http_requests if "/reactions/" in request.path] == []

"""`/ask`, mentions, replies and direct messages."""

from __future__ import annotations

import discord
import pytest
import simcord

from cogs.ui.answer_card import Colour
from i18n import texts
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, replies_in, shown

# Discord grants no privileged intent in any of these tests.
pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def test_ask_quotes_publicly(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """`/ask` is deferred first, then shows question, quote, title, link, place and outcome publicly."""
    result = await alice.slash(channel, "ask", question="Who built the *lighthouse*?")

    first, *_ = [request for request in simcord_env.http_requests if "callback" in request.path]
    assert first.json["type"] == discord.InteractionResponseType.deferred_channel_message.value
    assert not result.ephemeral
    text = shown(result.response)
    assert r"**Who built the \*lighthouse\*?**" in text
    assert r"> **The** lighthouse was built in 1871 by Ada Brook. She \*paid\* for it herself, \@everyone said." in text
    assert r"> It burned down twice; see https\://example.org/fire\_report for the \`log\`." in text
    assert "**[The lighthouse](<https://example.org/light>)** · paragraph 4 of 14" in text
    assert "Answer, quoted word for word · high confidence" in text
    assert result.response.components[0]["accent_color"] == Colour.ANSWER


async def test_further_quotes_need_confidence(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """A second or third quote is shown only if its own confidence reaches the setting."""
    result = await alice.slash(channel, "ask", question="Who?")

    assert "> **A** second passage" in shown(result.response)
    assert "third passage" not in shown(result.response)


async def test_server_library_first(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A question in a server searches that server's library and the shared one, on the worker's thread."""
    await alice.slash(channel, "ask", question="Who?")

    assert answers.asked == [("Who?", (f"guild-{simcord_env.guild.id}", "shared"))]
    assert answers.threads == {"verbatim-worker"}


async def test_closest_is_no_answer(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """It is said above the nearest passages that there is no clear answer, below them what they are, in a colour."""
    result = await alice.slash(channel, "ask", question="closest thing?")

    text = shown(result.response)
    assert text.index(texts.CLOSEST_HEADING) < text.index("> ") < text.index(texts.CLOSEST_WARNING)
    assert "Answer" not in text
    assert result.response.components[0]["accent_color"] == Colour.CLOSEST


async def test_not_covered_quotes_nothing(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """If the articles do not cover a question, the answer says so, with a next step and without a quote."""
    result = await alice.slash(channel, "ask", question="unknown thing?")

    assert texts.NOT_COVERED_HINT in shown(result.response)
    assert "> " not in shown(result.response)


async def test_mention_is_answered_by_a_reply(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A mention anywhere in a message is answered by a reply that pings nobody."""
    asked = await alice.send(channel, f"hey <@{simcord_env.bot.user.id}>,  who   built it?")

    (answer,) = replies_in(channel, simcord_env)
    assert answers.asked[0][0] == "hey , who built it?"
    assert answer.reference is not None
    assert answer.reference.message_id == asked.id
    assert answer.mentions == []
    assert "> **The** lighthouse" in shown(answer)
    assert "built it?" not in shown(answer)


async def test_thread(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A mention in a thread is answered in the thread and not in its channel."""
    await simcord_env.bot.get_channel(channel.id).create_thread(name="t", type=discord.ChannelType.public_thread)
    (thread,) = channel.threads

    await alice.send(thread, f"<@{simcord_env.bot.user.id}> who?")

    assert len(answers.asked) == 1
    assert len(replies_in(thread, simcord_env)) == 1
    assert [message for message in replies_in(channel, simcord_env) if not message.is_system()] == []


async def test_reply_to_the_bot(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A reply to the bot's message that pings it is a question, without a mention in its text."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    (first,) = replies_in(channel, simcord_env)

    await alice.send(channel, "and when?", reply_to=first)

    assert [question for question, _ in answers.asked] == ["who?", "and when?"]


async def test_direct_message(alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env) -> None:
    """Any direct message is a question, and searches only the shared library."""
    await alice.send_dm("Who built it?")

    assert answers.asked == [("Who built it?", ("shared",))]
    assert len(replies_in(alice.user.dm_channel, simcord_env)) == 1


@pytest.mark.parametrize("text", ["@everyone who?", "@here who?", "who built it?", "<@&{role}> who?"])
async def test_not_spoken_to(
    channel: simcord.ChannelHandle,
    simcord_env: simcord.Env,
    answers: FakeAnswers,
    text: str,
) -> None:
    """Messages that do not address the bot are not answered, including `@everyone` and other roles."""
    admins = simcord_env.guild.create_role("Admins", permissions=discord.Permissions.all())
    boss = simcord_env.guild.add_member(simcord_env.create_user("boss"), roles=[admins])

    await boss.send(channel, text.format(role=admins.id))

    assert answers.asked == []
    assert replies_in(channel, simcord_env) == []


async def test_machines_are_ignored(
    channel: simcord.ChannelHandle, simcord_env: simcord.Env, answers: FakeAnswers
) -> None:
    """Other bots and webhooks get no answer, so that two bots cannot talk endlessly."""
    other = simcord_env.guild.add_member(simcord_env.create_user("other", bot=True))
    await other.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    await simcord_env.guild.create_webhook(channel).send(f"<@{simcord_env.bot.user.id}> who?")

    assert answers.asked == []


async def test_empty_mention_is_told_how(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A mention without a question gets the short help, at most once a minute."""
    for _ in range(3):
        await alice.send(channel, f"<@{simcord_env.bot.user.id}>")

    (notice,) = replies_in(channel, simcord_env)
    assert texts.SHORT_HELP in shown(notice)
    assert answers.asked == []


async def test_user_error_is_private(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """A refusal after a public "thinking" is private, and the public message is deleted."""
    result = await alice.slash(channel, "ask", question="refuse this")

    assert result.response is None
    (notice,) = result.followups
    assert notice.ephemeral
    assert notice.content == "This question cannot be read."


async def test_unexpected_error_has_an_id(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error is reported privately without details; the id in the sentence finds it in the log."""
    result = await alice.slash(channel, "ask", question="crash now")

    (notice,) = result.followups
    assert notice.ephemeral
    assert "secret" not in notice.content
    name = notice.content.removesuffix(").").rpartition(" ")[2]
    assert f"Unexpected error {name}" in caplog.text
    assert "secret details" in caplog.text


async def test_unexpected_error_on_a_message(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """An error on a message is one short reply; a second one within a minute is not reported."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> crash")
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> crash")

    (notice,) = replies_in(channel, simcord_env)
    assert notice.content.startswith(texts.UNEXPECTED.split("{", maxsplit=1)[0])
    assert notice.mentions == []

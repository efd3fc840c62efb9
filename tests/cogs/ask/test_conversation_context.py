"""Which earlier questions and quotes are passed along with a follow-up question."""

from __future__ import annotations

import time

import discord
import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from settings import Settings
from tests.cogs.stored_articles import SENTENCES, TEXT, StockedAnswers, remove, stock
from tests.cogs.visible_text import PUBLIC, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

QUOTED = SENTENCES[0].of(TEXT)


@pytest.fixture
def answers(settings: Settings) -> StockedAnswers:
    """Return fake answers that quote an article of the shared library."""
    return StockedAnswers(stock(settings.data_dir))


async def age(store: AsyncStore, minutes: float) -> None:
    """Set the time of every answer back by some minutes."""
    for key in (1, 2, 3):
        await store.run(lambda key=key: store.database.update(key, asked_at=time.time() - 60 * minutes))


async def test_direct_messages_are_a_conversation(alice: simcord.MemberActor, answers: StockedAnswers) -> None:
    """In direct messages a question gets the earlier questions and quotes, oldest first."""
    for question in ("Who built it?", "and when?", "why?"):
        await alice.send_dm(question)

    assert answers.before == [[], ["Who built it?", QUOTED], ["Who built it?", QUOTED, "and when?", QUOTED]]


async def test_a_chain_of_replies_is_a_conversation(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """A reply to an answer continues its conversation, whoever replies, without other questions of the channel."""
    me = f"<@{simcord_env.bot.user.id}>"
    await alice.send(channel, f"{me} Who built it?")
    await bob.send(channel, f"{me} Is entry free?")
    first = next(reply for reply in replies_in(channel, simcord_env) if reply.reference.message_id)
    await bob.send(channel, f"{me} and when?", reply_to=first)
    await alice.send(channel, f"{me} What burned down?")

    asked = [question for question, _ in answers.asked]
    assert asked == ["Who built it?", "Is entry free?", "and when?", "What burned down?"]
    assert [len(before) for before in answers.before] == [0, 0, 2, 0]
    assert answers.before[2][1] == QUOTED


async def test_a_thread_is_a_conversation_of_all_in_it(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """A thread is one conversation of all its members, without its channel and without private answers."""
    await simcord_env.bot.get_channel(channel.id).create_thread(name="t", type=discord.ChannelType.public_thread)
    (thread,) = channel.threads
    await alice.slash(channel, "ask", question="Outside?")
    await alice.slash(thread, "ask", question="Private?", private=True)
    await alice.send(thread, f"<@{simcord_env.bot.user.id}> Who built it?")
    await bob.slash(thread, "ask", question="and when?")

    assert answers.before == [[], [], [], ["Who built it?", QUOTED]]


async def test_a_conversation_ends(alice: simcord.MemberActor, answers: StockedAnswers, store: AsyncStore) -> None:
    """Answers older than the setting allows are not part of the conversation."""
    await alice.send_dm("Who built it?")
    await age(store, 31)
    await alice.send_dm("and when?")

    assert answers.before == [[], []]


async def test_a_quote_that_is_gone_is_not_leant_on(
    alice: simcord.MemberActor, answers: StockedAnswers, settings: Settings
) -> None:
    """After its article was removed, a quote is left out; its question stays."""
    await alice.send_dm("Who built it?")
    remove(settings.data_dir, answers.article_id)
    await alice.send_dm("and when?")

    assert answers.before[1] == ["Who built it?"]


async def test_forget(
    alice: simcord.MemberActor, bob: simcord.MemberActor, channel: simcord.ChannelHandle, answers: StockedAnswers
) -> None:
    """`/forget` deletes the member's own questions everywhere, and nobody else's."""
    await alice.send_dm("Who built it?")
    await bob.send_dm("Is entry free?")

    told = await alice.slash(channel, "forget")
    await alice.send_dm("and when?")
    await bob.send_dm("and why?")

    assert shown(told.response) == texts.FORGOTTEN.format(count=1)
    assert told.response.flags.ephemeral
    assert answers.before[2:] == [[], ["Is entry free?", QUOTED]]

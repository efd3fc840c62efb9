"""Votes on answers, with their reasons and quotes."""

from __future__ import annotations

from typing import Any

import pytest
import simcord
from sqlalchemy import select

from cogs.answers.feedback import WantedButton
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from i18n import texts
from storage import analytics, gaps
from storage.analytics import Vote
from storage.gaps import Gap
from storage.schema import feedback
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def votes(store: AsyncStore) -> list[Any]:
    """Return all votes: who, helpful or not, why."""
    query = select(feedback.c.member_id, feedback.c.helpful, feedback.c.reason).order_by(feedback.c.id)

    def read() -> list[Any]:
        with store.database.reading() as db:
            return [tuple(row) for row in db.execute(query)]

    return await store.run(read)


async def test_helpful(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, bob: simcord.MemberActor, store: AsyncStore
) -> None:
    """Each member has one vote on an answer; a second one replaces the first. The reply is private."""
    asked = await alice.slash(channel, "ask", question="Who?")

    thanked = await bob.click(asked.response, label=texts.HELPFUL_BUTTON)
    await bob.click(asked.response, label=texts.HELPFUL_BUTTON)
    await alice.click(asked.response, label=texts.HELPFUL_BUTTON)

    assert thanked.response.ephemeral
    assert texts.HELPFUL_WHICH in shown(thanked.response)
    assert await votes(store) == [(bob.id, True, None), (alice.id, True, None)]


async def test_not_helpful_asks_why(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """The button for "not helpful" counts at once and opens a form, whose reason is added to the vote."""
    asked = await alice.slash(channel, "ask", question="closest thing?")
    await alice.click(asked.response, label=texts.HELPFUL_BUTTON)

    form = await alice.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    counted = await votes(store)
    (reason, *_, details) = (part["component"]["custom_id"] for part in form.modal["components"])
    thanked = await alice.submit_modal(form, {reason: ["outdated"], details: " since May "})

    assert counted == [(alice.id, False, None)]
    assert await votes(store) == [(alice.id, False, "outdated: since May")]
    assert thanked.response.content == texts.THANKS


async def test_which_quotation(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """If an answer shows several quotes, a vote can say which one it is about."""
    asked = await alice.slash(channel, "ask", question="Who?")

    thanked = await bob.click(asked.response, label=texts.HELPFUL_BUTTON)
    offered = buttons_of(thanked.response)
    chosen = await bob.click(thanked.response, label=texts.QUOTATION.format(number=2))
    form = await alice.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    (reason, which, _) = (part["component"]["custom_id"] for part in form.modal["components"])
    await alice.submit_modal(form, {reason: ["wrong"], which: ["1", "2"]})

    assert shown(thanked.response) == texts.THANKS
    assert chosen.response.id == thanked.response.id
    assert offered == [texts.QUOTATION.format(number=number) for number in (1, 2)]
    assert await votes(store) == [(bob.id, True, None), (alice.id, False, "wrong")]
    assert [vote.quote_numbers for vote in await store.run(lambda: told(store))] == [(2,), (1, 2)]


async def test_a_single_quotation_needs_no_choice(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """If an answer shows at most one quote, the member is not asked which one."""
    asked = await alice.slash(channel, "ask", question="closest thing?")

    form = await alice.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    thanked = await alice.click(asked.response, label=texts.HELPFUL_BUTTON)

    assert len(form.modal["components"]) == 2
    assert thanked.response.content == texts.THANKS


async def test_this_should_be_covered(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Members can say that what is not covered should be; a second press counts once, and an edit takes it back."""
    question = await alice.send(channel, f"<@{simcord_env.bot.user.id}> unknown thing about ferries?")
    (answer,) = replies_in(channel, simcord_env)

    for member in (alice, bob, bob):
        thanked = await member.click(answer, label=texts.WANTED_BUTTON)
        assert (thanked.response.content, thanked.response.ephemeral) == (texts.WANTED_NOTED, True)
    counted = await votes(store)
    gaps = await store.run(lambda: gaps_of(store, simcord_env.guild.id))
    await alice.edit(question, f"<@{simcord_env.bot.user.id}> who built the ferry?")

    assert counted == [(alice.id, False, "wanted"), (bob.id, False, "wanted")]
    assert gaps == [Gap("unknown thing about ferries?", 2, 1, 2)]
    assert await votes(store) == []
    assert await store.run(lambda: gaps_of(store, simcord_env.guild.id)) == []
    assert texts.WANTED_BUTTON not in buttons_of(replies_in(channel, simcord_env)[0])


def gaps_of(store: AsyncStore, guild_id: int) -> list[Gap]:
    """Return the unanswered questions that at least two members asked or want to be covered."""
    with store.database.reading() as db:
        return gaps.gaps(db, guild_id, 0, members=2)


async def test_only_what_is_not_covered_can_be_wanted(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """A forged or outdated button of an answer is refused, and nothing is stored."""
    await alice.slash(channel, "ask", question="Who?")
    body = message_body(notice_card("forged"), [[WantedButton(1)]])
    sent = await simcord_env.bot.get_channel(channel.id).send(**body.send_kwargs)

    refused = await alice.click(sent, label=texts.WANTED_BUTTON)

    assert refused.response.content == texts.ANSWER_FORGOTTEN
    assert await votes(store) == []


def told(store: AsyncStore) -> list[Vote]:
    """Return all votes as the reports read them."""
    with store.database.reading() as db:
        return analytics.votes(db)


async def test_form_sent_after_a_restart(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    resources: Resources,
) -> None:
    """A form opened before a restart of the bot can be submitted after it."""
    asked = await alice.slash(channel, "ask", question="Who?")
    form = await alice.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    (reason, *_) = (part["component"]["custom_id"] for part in form.modal["components"])
    await simcord_env.restart_bot(VerbatimBot(resources))

    thanked = await alice.submit_modal(form, {reason: ["missing"]})

    assert thanked.response.content == texts.THANKS
    assert await votes(store) == [(alice.id, False, "missing")]


async def test_form_of_a_forgotten_answer(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """A form submitted after its answer was deleted is refused, and nothing is stored."""
    asked = await alice.slash(channel, "ask", question="Who?")
    form = await alice.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    await store.run(lambda: store.database.forget(1))
    (reason, *_) = (part["component"]["custom_id"] for part in form.modal["components"])

    told = await alice.submit_modal(form, {reason: ["wrong"]})

    assert told.response.content == texts.ANSWER_FORGOTTEN
    assert await votes(store) == []

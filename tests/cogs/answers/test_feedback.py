"""What people may do about an answer, and who may not."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import select

from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from i18n import texts
from storage import analytics
from storage.analytics import Vote
from storage.models import ServerSettings
from storage.schema import answers as answers_table
from storage.schema import feedback
from tests.cogs.fakes import FakeAnswers
from tests.cogs.seeing import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture
def bob(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.MemberActor:
    """Return a member who asked nothing."""
    return simcord_env.guild.add_member(simcord_env.create_user("bob"))


@pytest.fixture
def mod(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.MemberActor:
    """Return a member who may manage messages."""
    role = simcord_env.guild.create_role("Mods", permissions=discord.Permissions(manage_messages=True))
    return simcord_env.guild.add_member(simcord_env.create_user("mod"), roles=[role])


@pytest.fixture
async def helpers(simcord_env: simcord.Env, channel: simcord.ChannelHandle, store: AsyncStore) -> simcord.ChannelHandle:
    """Return the channel of the helpers, set for the server with their role."""
    made = simcord_env.guild.create_text_channel("helpers")
    role = simcord_env.guild.create_role("Helpers")
    await store.change_settings(simcord_env.guild.id, ServerSettings(helpers_channel=made.id, helpers_role=role.id))
    return made


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
    """Everyone has one vote on an answer, thanked for privately; a second one takes the place of the first."""
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
    """The button for "not helpful" counts at once and opens a form; the reason given there joins the vote."""
    asked = await alice.slash(channel, "ask", question="unknown thing?")
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
    """Where an answer shows several quotations, a vote may say which of them it is about."""
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
    """Where there is one quotation, or none, nothing more is asked."""
    asked = await alice.slash(channel, "ask", question="closest thing?")

    form = await alice.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    thanked = await alice.click(asked.response, label=texts.HELPFUL_BUTTON)

    assert len(form.modal["components"]) == 2
    assert thanked.response.content == texts.THANKS


def told(store: AsyncStore) -> list[Vote]:
    """Return all votes as they are told."""
    with store.database.reading() as db:
        return analytics.votes(db)


async def test_form_sent_after_a_restart(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    resources: Resources,
) -> None:
    """A form that was opened before the bot was started anew is taken all the same."""
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
    """A form sent after its answer was forgotten is answered with a sentence, and nothing is kept."""
    asked = await alice.slash(channel, "ask", question="Who?")
    form = await alice.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    await store.run(lambda: store.database.forget(1))
    (reason, *_) = (part["component"]["custom_id"] for part in form.modal["components"])

    told = await alice.submit_modal(form, {reason: ["wrong"]})

    assert told.response.content == texts.ANSWER_FORGOTTEN
    assert await votes(store) == []


@pytest.mark.parametrize("who", ["alice", "mod"])
async def test_delete(
    channel: simcord.ChannelHandle,
    simcord_env: simcord.Env,
    store: AsyncStore,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    who: str,
) -> None:
    """The asker, and whoever manages messages, can delete an answer; it is forgotten with it."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    (answer,) = replies_in(channel, simcord_env)

    await {"alice": alice, "mod": mod}[who].click(answer, label=texts.DELETE_BUTTON)

    assert replies_in(channel, simcord_env) == []
    assert await store.run(lambda: store.database.answer_in(answer.id)) is None


async def test_delete_is_not_for_everyone(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    """Anyone else is told privately that it is not theirs, and the answer stays."""
    asked = await alice.slash(channel, "ask", question="Who?")

    pressed = await bob.click(asked.response, label=texts.DELETE_BUTTON)

    assert [(told.content, told.ephemeral) for told in pressed.followups] == [(texts.NOT_YOURS, True)]
    assert "> **The** lighthouse" in shown(asked.response)


async def test_delete_what_is_gone(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """That the answer is deleted already when it is to be deleted is no error."""
    asked = await alice.slash(channel, "ask", question="Who?")
    simcord_env.inject_error("DELETE", "/webhooks/*/messages/@original", status=404, code=10008)

    pressed = await alice.click(asked.response, label=texts.DELETE_BUTTON)

    assert pressed.acknowledged
    assert pressed.followups == []


async def test_delete_in_direct_messages(simcord_env: simcord.Env, alice: simcord.MemberActor) -> None:
    """In a direct message the person can delete the answer; there is nobody to call."""
    await alice.send_dm("Who built it?")
    (answer,) = replies_in(alice.user.dm_channel, simcord_env)

    await alice.user.click(answer, label=texts.DELETE_BUTTON)

    assert texts.HUMAN_BUTTON not in buttons_of(answer)
    assert replies_in(alice.user.dm_channel, simcord_env) == []


async def test_a_human_is_called_once(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
) -> None:
    """The helpers get one link to the answer, whoever asks again, and nobody is pinged."""
    asked = await alice.slash(channel, "ask", question="Who?")

    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    again = await mod.click(asked.response, label=texts.HUMAN_BUTTON)

    (post,) = replies_in(helpers, simcord_env)
    assert called.response.content == texts.HUMAN_CALLED
    assert again.response.content == texts.HUMAN_CALLED_BEFORE
    assert f"/{channel.id}/{asked.response.id}" in post.content
    assert f"<@{alice.id}>" in post.content
    sent = [request for request in simcord_env.http_requests if request.path == f"/channels/{helpers.id}/messages"]
    assert [request.json["allowed_mentions"]["parse"] for request in sent] == [[]]


async def test_a_human_is_not_called_too_often(
    channel: simcord.ChannelHandle, helpers: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """A member who has just called a human has to wait, and is told how long."""
    for _ in range(2):
        asked = await alice.slash(channel, "ask", question="Who?")
        called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    assert called.response.content.startswith(texts.HUMAN_TOO_OFTEN.split("{", maxsplit=1)[0])
    assert "<t:" in called.response.content
    assert len(replies_in(helpers, simcord_env)) == 1


async def test_a_human_is_not_called_by_others(
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    simcord_env: simcord.Env,
) -> None:
    """Someone else's answer is not theirs to bring before the helpers."""
    asked = await alice.slash(channel, "ask", question="Who?")

    called = await bob.click(asked.response, label=texts.HUMAN_BUTTON)

    assert called.response.content == texts.NOT_YOURS
    assert replies_in(helpers, simcord_env) == []


async def test_helpers_out_of_reach(
    channel: simcord.ChannelHandle, helpers: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """Where the bot cannot write to the helpers that is said, and once mended the same answer can be sent there."""
    asked = await alice.slash(channel, "ask", question="Who?")
    simcord_env.inject_error("POST", f"/channels/{helpers.id}/messages", status=403, code=50013)

    refused = await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    assert refused.response.content == texts.HELPERS_MISSING
    assert called.response.content == texts.HUMAN_CALLED


async def test_helpers_channel_that_is_gone(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """A helpers' channel that was deleted is told of, without an error."""
    await store.change_settings(simcord_env.guild.id, ServerSettings(helpers_channel=5))
    asked = await alice.slash(channel, "ask", question="Who?")

    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    assert called.response.content == texts.HELPERS_MISSING


async def test_private_answers_are_not_shared(
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
) -> None:
    """`private` shows the answer to the asker alone; it offers no call for a human and nothing to delete."""
    asked = await alice.slash(channel, "ask", question="Who?", private=True)

    assert asked.response.ephemeral
    assert buttons_of(asked.response) == [
        texts.MORE_BUTTON,
        texts.CONTEXT_BUTTON,
        texts.SOURCES_BUTTON,
        texts.HELPFUL_BUTTON,
        texts.UNHELPFUL_BUTTON,
    ]

    def private() -> list[bool]:
        with store.database.reading() as db:
            return list(db.execute(select(answers_table.c.private)).scalars())

    assert await store.run(private) == [True]


async def test_private_refusal(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """An error while answering privately takes the place of "thinking", and nothing public is left."""
    asked = await alice.slash(channel, "ask", question="refuse this", private=True)

    assert asked.response.ephemeral
    assert asked.response.content == "This question cannot be read."
    assert asked.followups == []

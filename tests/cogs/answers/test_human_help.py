"""Calls for a human, and the buttons of private answers."""

from __future__ import annotations

import pytest
import simcord
from sqlalchemy import select

from cogs.core.async_store import AsyncStore
from i18n import texts
from storage.models import ServerSettings
from storage.schema import answers as answers_table
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture
async def helpers(simcord_env: simcord.Env, channel: simcord.ChannelHandle, store: AsyncStore) -> simcord.ChannelHandle:
    """Return the helpers' channel, set for the server with their role."""
    made = simcord_env.guild.create_text_channel("helpers")
    role = simcord_env.guild.create_role("Helpers")
    await store.change_settings(
        simcord_env.guild.id, lambda _: ServerSettings(helpers_channel=made.id, helpers_role=role.id)
    )
    return made


async def test_a_human_is_called_once(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
) -> None:
    """The helpers get one link to the answer, even if somebody calls again, and nobody is pinged."""
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
    """A member who has just called a human has to wait; the refusal says how long."""
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
    """Members cannot call a human to somebody else's answer."""
    asked = await alice.slash(channel, "ask", question="Who?")

    called = await bob.click(asked.response, label=texts.HUMAN_BUTTON)

    assert called.response.content == texts.NOT_YOURS
    assert replies_in(helpers, simcord_env) == []


async def test_helpers_out_of_reach(
    channel: simcord.ChannelHandle, helpers: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """If the bot cannot write in the helpers' channel, the member is told, and can call again later."""
    asked = await alice.slash(channel, "ask", question="Who?")
    simcord_env.inject_error("POST", f"/channels/{helpers.id}/messages", status=403, code=50013)

    refused = await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    assert refused.response.content == texts.HELPERS_MISSING
    assert called.response.content == texts.HUMAN_CALLED


async def test_helpers_channel_that_is_gone(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """If the helpers' channel was deleted, the member is told."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(helpers_channel=5))
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
    """A private answer is shown only to the asker, without the button to call a human."""
    asked = await alice.slash(channel, "ask", question="Who?", private=True)

    assert asked.response.ephemeral
    assert buttons_of(asked.response) == [
        texts.MORE_BUTTON,
        texts.HELPFUL_BUTTON,
        texts.UNHELPFUL_BUTTON,
    ]

    def private() -> list[bool]:
        with store.database.reading() as db:
            return list(db.execute(select(answers_table.c.private)).scalars())

    assert await store.run(private) == [True]

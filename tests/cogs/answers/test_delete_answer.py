"""Deletion of answers by their buttons."""

from __future__ import annotations

import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.mark.parametrize("who", ["alice", "mod"])
async def test_delete(
    channel: simcord.ChannelHandle,
    simcord_env: simcord.Env,
    store: AsyncStore,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    who: str,
) -> None:
    """The asker and members who manage messages can delete an answer, on Discord and in discord.db."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    (answer,) = replies_in(channel, simcord_env)

    await {"alice": alice, "mod": mod}[who].click(answer, label=texts.DELETE_BUTTON)

    assert replies_in(channel, simcord_env) == []
    assert await store.run(lambda: store.database.answer_in(answer.id)) is None


async def test_delete_is_not_for_everyone(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    """Other members get a private refusal, and the answer stays."""
    asked = await alice.slash(channel, "ask", question="Who?")

    pressed = await bob.click(asked.response, label=texts.DELETE_BUTTON)

    assert [(told.content, told.ephemeral) for told in pressed.followups] == [(texts.NOT_YOURS, True)]
    assert "> **The** lighthouse" in shown(asked.response)


async def test_delete_what_is_gone(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """Deleting an answer whose message is gone already is no error."""
    asked = await alice.slash(channel, "ask", question="Who?")
    simcord_env.inject_error("DELETE", "/webhooks/*/messages/@original", status=404, code=10008)

    pressed = await alice.click(asked.response, label=texts.DELETE_BUTTON)

    assert pressed.acknowledged
    assert pressed.followups == []


async def test_delete_in_direct_messages(simcord_env: simcord.Env, alice: simcord.MemberActor) -> None:
    """In direct messages the answer can be deleted; there is no button to call a human."""
    await alice.send_dm("Who built it?")
    (answer,) = replies_in(alice.user.dm_channel, simcord_env)

    await alice.user.click(answer, label=texts.DELETE_BUTTON)

    assert texts.HUMAN_BUTTON not in buttons_of(answer)
    assert replies_in(alice.user.dm_channel, simcord_env) == []

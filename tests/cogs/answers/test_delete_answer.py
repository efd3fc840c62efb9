"""Deletion of answers: from the menu of their message, and by the buttons of earlier messages."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord

from cogs.answers.delete_answer import DeleteButton
from cogs.core.async_store import AsyncStore
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from i18n import texts
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

MENU = texts.DELETE_MENU


def told(result: Any) -> list[tuple[str, bool]]:
    """Return the texts that a member is told, and whether nobody else sees them."""
    said = [result.response, *result.followups]
    return [(one.content, one.ephemeral) for one in said if one is not None and one.content]


@pytest.mark.parametrize("who", ["alice", "mod"])
@pytest.mark.parametrize("way", ["menu", "button"])
async def test_delete(
    channel: simcord.ChannelHandle,
    simcord_env: simcord.Env,
    store: AsyncStore,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    who: str,
    way: str,
) -> None:
    """The asker and members who manage messages can delete an answer, on Discord and in discord.db."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    (answer,) = replies_in(channel, simcord_env)
    member = {"alice": alice, "mod": mod}[who]

    if way == "menu":
        assert told(await member.context_menu(channel, MENU, answer)) == [(texts.DELETED, True)]
    else:
        answer = await with_old_button(simcord_env, channel, store, answer)
        await member.click(answer, label=texts.DELETE_BUTTON)

    assert answer.id not in {message.id for message in replies_in(channel, simcord_env)}
    assert await store.run(lambda: store.database.answer(1)) is None


async def with_old_button(
    env: simcord.Env, channel: simcord.ChannelHandle, store: AsyncStore, answer: discord.Message
) -> discord.Message:
    """Return a message of an earlier version, which has a button to delete the answer."""
    sent = await env.bot.get_channel(channel.id).send(
        **message_body(notice_card("old"), [[DeleteButton(1)]]).send_kwargs
    )
    await store.run(lambda: store.database.update(1, message_id=sent.id))
    return sent


@pytest.mark.parametrize("way", ["menu", "button"])
async def test_delete_is_not_for_everyone(
    channel: simcord.ChannelHandle,
    simcord_env: simcord.Env,
    store: AsyncStore,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    way: str,
) -> None:
    """Other members get a private refusal, and the answer stays."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    (answer,) = replies_in(channel, simcord_env)
    if way == "menu":
        refused = await bob.context_menu(channel, MENU, answer)
    else:
        old = await with_old_button(simcord_env, channel, store, answer)
        refused = await bob.click(old, label=texts.DELETE_BUTTON)

    assert told(refused) == [(texts.NOT_YOURS, True)]
    assert await store.run(lambda: store.database.answer(1)) is not None
    assert "> **The** lighthouse" in shown(replies_in(channel, simcord_env)[0])


@pytest.mark.parametrize("status", [404, 403])
async def test_delete_what_is_gone_or_closed(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    status: int,
) -> None:
    """An answer whose message is gone already is forgotten; one in a channel that the bot cannot see stays."""
    asked = await alice.slash(channel, "ask", question="Who?")
    code = {404: 10008, 403: 50001}[status]
    simcord_env.inject_error("DELETE", "/channels/*/messages/*", status=status, code=code)

    result = await alice.context_menu(channel, MENU, asked.response)

    assert told(result) == [(texts.DELETED if status == 404 else texts.NOT_HERE, True)]
    assert (await store.run(lambda: store.database.answer(1)) is None) == (status == 404)


async def test_what_is_no_answer_stays(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
) -> None:
    """A member's message is refused, and so is, except for moderators, a message of the bot that is no answer."""
    said = await alice.send(channel, "hello there")
    notice = await simcord_env.bot.get_channel(channel.id).send("a notice")

    refused = await mod.context_menu(channel, MENU, said)
    unknown = await alice.context_menu(channel, MENU, notice)
    before = len(channel.history())
    done = await mod.context_menu(channel, MENU, notice)

    assert told(refused) == [(texts.NOT_MY_ANSWER, True)]
    assert told(unknown) == [(texts.ANSWER_FORGOTTEN, True)]
    assert told(done) == [(texts.DELETED, True)]
    assert len(channel.history()) == before - 1


async def test_delete_in_direct_messages(simcord_env: simcord.Env, alice: simcord.MemberActor) -> None:
    """In direct messages an answer can be deleted; there is no button to call a human."""
    await alice.send_dm("Who built it?")
    (answer,) = replies_in(alice.user.dm_channel, simcord_env)

    person = await simcord_env.bot.fetch_user(alice.id)
    old = await person.send(**message_body(notice_card("old"), [[DeleteButton(1)]]).send_kwargs)
    await alice.user.click(old, label=texts.DELETE_BUTTON)

    assert texts.HUMAN_BUTTON not in buttons_of(answer)
    assert [message.id for message in replies_in(alice.user.dm_channel, simcord_env)] == [answer.id]


async def test_discord_takes_five_menu_commands(simcord_env: simcord.Env) -> None:
    """No more commands of a message's menu are registered than Discord takes."""
    menus = simcord_env.bot.tree.get_commands(type=discord.AppCommandType.message)

    assert MENU in {menu.name for menu in menus}
    assert len(menus) <= 5

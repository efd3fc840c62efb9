"""Calls for a human: posted once, claimed by one helper, resolved, withdrawn, and told to the member who asked."""

from __future__ import annotations

import time
from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import select

from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from i18n import texts
from storage.models import ServerSettings
from storage.schema import answers as answers_table
from storage.schema import human_calls
from tests.cogs.fakes import FakeAnswers
from tests.cogs.helpers.conftest import call_human, posts_in, said, stored_calls
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

HEARING = PUBLIC | discord.Intents(message_content=True)

pytestmark = pytest.mark.simcord(approved_intents=HEARING)


async def test_a_human_is_called_once(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
) -> None:
    """The helpers get one message with the question and the nearest quotes, in a thread, and nobody is pinged."""
    asked = await alice.slash(channel, "ask", question="Who built it, <@&1> @everyone?")

    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    again = await mod.click(asked.response, label=texts.HUMAN_BUTTON)

    (post,) = posts_in(helpers, simcord_env)
    text = shown(post)
    assert shown(called.response) == texts.HUMAN_CALLED
    assert called.response.ephemeral
    assert shown(again.response) == texts.HUMAN_CALLED_BEFORE
    assert f"/{channel.id}/{asked.response.id}" in text
    assert f"<@{alice.id}>" in text
    assert "> **The** lighthouse was built in 1871 by Ada Brook." in text
    assert "Who built it" in text
    assert texts.CALL_OPEN in text
    assert buttons_of(post) == [texts.CLAIM_BUTTON, texts.RESOLVE_BUTTON]
    assert [thread.name for thread in helpers.threads] == ["Who built it, <@&1> @everyone?"]
    sent = [request for request in simcord_env.http_requests if request.path == f"/channels/{helpers.id}/messages"]
    posts = [request.json["allowed_mentions"] for request in sent if request.json]
    assert [(one["parse"], one.get("roles", []), one.get("users", [])) for one in posts] == [([], [], [])]


async def test_the_role_is_pinged_if_the_server_wants_it(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    role: Any,
    alice: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """With the setting the helpers' role is pinged, and still nothing that stands in the question."""
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(helpers_ping=True))
    asked = await alice.slash(channel, "ask", question=f"Who, <@{alice.id}> @everyone?")

    await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    (sent,) = [one for one in simcord_env.http_requests if one.path == f"/channels/{helpers.id}/messages" and one.json]
    (post,) = posts_in(helpers, simcord_env)
    assert sent.json["allowed_mentions"]["parse"] == []
    assert sent.json["allowed_mentions"]["roles"] == [role.id]
    assert shown(post).startswith(f"<@&{role.id}>")


async def test_one_open_call_and_then_a_pause(
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
) -> None:
    """A member has one open call; once that is solved they have to wait, and the refusal says how long."""
    first = await alice.slash(channel, "ask", question="Who?")
    second = await alice.slash(channel, "ask", question="Who else?")
    await alice.click(first.response, label=texts.HUMAN_BUTTON)

    still_open = await alice.click(second.response, label=texts.HUMAN_BUTTON)
    before = shown(still_open.response)
    await alice.click(still_open.response, label=texts.SOLVED_BUTTON)
    too_soon = await alice.click(second.response, label=texts.HUMAN_BUTTON)
    await store.run(lambda: store.database.human_calls.set(1, opened_at=time.time() - 601))
    later = await alice.click(second.response, label=texts.HUMAN_BUTTON)

    link = f"https://discord.com/channels/{simcord_env.guild.id}/{channel.id}/{first.response.id}"
    assert before == texts.HUMAN_ONE_CALL.format(link=link)
    assert shown(still_open.response) == texts.HUMAN_SOLVED
    assert too_soon.response.content.startswith(texts.HUMAN_TOO_OFTEN.split("{", maxsplit=1)[0])
    assert "<t:" in too_soon.response.content
    assert shown(later.response) == texts.HUMAN_CALLED
    assert [texts.CALL_RESOLVED in shown(post) for post in posts_in(helpers, simcord_env)] == [True, False]


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
    assert posts_in(helpers, simcord_env) == []


async def test_helpers_out_of_reach(
    channel: simcord.ChannelHandle, helpers: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """If the bot cannot write in the helpers' channel, the member is told, and can call again later."""
    asked = await alice.slash(channel, "ask", question="Who?")
    simcord_env.inject_error("POST", f"/channels/{helpers.id}/messages", status=403, code=50013)

    refused = await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    assert refused.response.content == texts.HELPERS_MISSING
    assert shown(called.response) == texts.HUMAN_CALLED


async def test_helpers_channel_that_is_gone(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """If the helpers' channel was deleted, the member is told."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(helpers_channel=5))
    asked = await alice.slash(channel, "ask", question="Who?")

    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    assert called.response.content == texts.HELPERS_MISSING


async def test_a_channel_without_threads(
    channel: simcord.ChannelHandle, helpers: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """Where no thread can be made, the message alone is the call."""
    simcord_env.inject_error("POST", f"/channels/{helpers.id}/messages/{{message_id}}/threads", status=403, code=50013)
    asked = await alice.slash(channel, "ask", question="Who?")

    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    assert shown(called.response) == texts.HUMAN_CALLED
    assert len(posts_in(helpers, simcord_env)) == 1


async def test_a_call_is_claimed_by_one_helper(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    helper: simcord.MemberActor,
    other_helper: simcord.MemberActor,
) -> None:
    """Only helpers claim a call, and only one; who it is can be seen, and they can let others answer."""
    post = await call_human(alice, channel, helpers, simcord_env)

    stranger = await bob.click(post, label=texts.CLAIM_BUTTON)
    await helper.click(post, label=texts.CLAIM_BUTTON)
    (claimed,) = posts_in(helpers, simcord_env)
    not_theirs = await other_helper.click(claimed, label=texts.UNCLAIM_BUTTON)
    early = await other_helper.click(claimed, label=texts.RESOLVE_BUTTON)
    await helper.click(claimed, label=texts.UNCLAIM_BUTTON)
    (free,) = posts_in(helpers, simcord_env)

    assert said(stranger) == [texts.CALL_NOT_A_HELPER]
    assert texts.CALL_CLAIMED.format(member=f"<@{helper.id}>") in shown(claimed)
    assert buttons_of(claimed) == [texts.UNCLAIM_BUTTON, texts.RESOLVE_BUTTON]
    assert said(not_theirs) == said(early) == [texts.CALL_NOT_YOURS]
    assert texts.CALL_OPEN in shown(free)
    assert "> **The** lighthouse was built in 1871 by Ada Brook." in shown(free)


async def test_two_helpers_at_once(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
    other_helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Who presses while another claims the call is told who was faster."""
    post = await call_human(alice, channel, helpers, simcord_env)
    (call,) = await stored_calls(store)
    await store.run(lambda: store.database.human_calls.claim(call.id, helper.id))

    late = await other_helper.click(post, label=texts.CLAIM_BUTTON)

    assert said(late) == [texts.CALL_TAKEN.format(member=f"<@{helper.id}>")]


async def test_what_the_helpers_may_not_all_read_is_not_shown(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    helper: simcord.MemberActor,
) -> None:
    """A moderator who calls for a question of a private channel shows its words nowhere, not as a heading either."""
    hidden, seen = discord.PermissionOverwrite(view_channel=False), discord.PermissionOverwrite(view_channel=True)
    everyone = simcord_env.guild.default_role
    private = simcord_env.guild.create_text_channel(
        "private", overwrites={everyone: hidden, mod: seen, alice: seen, simcord_env.bot.user: seen}
    )
    asked = await alice.slash(private, "ask", question="Who earns how much?")

    await mod.click(asked.response, label=texts.HUMAN_BUTTON)

    (post,) = posts_in(helpers, simcord_env)
    assert "Who earns" not in shown(post)
    assert [thread.name for thread in helpers.threads] == [texts.CALL_THREAD_TITLE]

    thread = helpers.threads[-1]
    await helper.send(thread, "Everyone earns the same.")
    await helper.click(post, label=texts.CLAIM_BUTTON)
    await helper.click(posts_in(helpers, simcord_env)[-1], label=texts.RESOLVE_BUTTON)
    seen_by_helper = await helper.click(posts_in(thread, simcord_env)[-1], label=texts.SAVE_MINE_BUTTON)

    preview = shown(seen_by_helper.response)
    assert "> Everyone earns the same." in preview
    assert "Who earns" not in preview
    assert f"**{texts.CALL_THREAD_TITLE}**" not in preview


async def test_a_deleted_question_takes_its_call_along(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """When the question is deleted, its words go from the helpers' channel, and the call is over."""
    me = simcord_env.bot.user
    question = await alice.send(channel, f"<@{me.id}> Who built it?")
    answer = replies_in(channel, simcord_env)[-1]
    await alice.click(answer, label=texts.HUMAN_BUTTON)

    await alice.delete(question)

    (post,) = posts_in(helpers, simcord_env)
    assert shown(post) == texts.CALL_WITHDRAWN
    assert buttons_of(post) == []
    assert [thread.name for thread in helpers.threads] == [texts.CALL_WITHDRAWN_TITLE]
    assert await stored_calls(store) == []


async def test_a_call_whose_message_was_deleted(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """If the helpers' message is deleted, the call is forgotten, and the member can call again after the pause."""
    asked = await alice.slash(channel, "ask", question="Who?")
    await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    (post,) = posts_in(helpers, simcord_env)

    await mod.delete(post)
    forgotten = await stored_calls(store)
    again = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    assert forgotten == []
    assert shown(again.response) == texts.HUMAN_CALLED


async def test_a_forgotten_member_is_not_named_in_their_call(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    """After `/forget` the background job takes the question and the member out of the message."""
    asked = await alice.slash(channel, "ask", question="Who?")
    await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    await alice.slash(channel, "forget")
    await simcord_env.advance_time(61)

    (post,) = posts_in(helpers, simcord_env)
    assert shown(post) == texts.CALL_WITHDRAWN


async def test_calls_survive_a_restart(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
) -> None:
    """The buttons of a call are kept in discord.db: one that was stored by an earlier run is claimed all the same."""
    post = await call_human(alice, channel, helpers, simcord_env)
    await simcord_env.restart_bot(VerbatimBot(resources))

    await helper.click(post, label=texts.CLAIM_BUTTON)

    (call,) = await stored_calls(store)
    assert call.claimed_by == helper.id


async def test_forged_buttons(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """A call of another server, or one that does not exist, cannot be used."""
    post = await call_human(alice, channel, helpers, simcord_env)

    def move() -> None:
        with store.database.writing() as db:
            db.execute(human_calls.update().values(guild_id=5))

    await store.run(move)

    refused = await helper.click(post, label=texts.CLAIM_BUTTON)

    assert said(refused) == [texts.CALL_OVER]


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
    assert texts.HUMAN_BUTTON not in buttons_of(asked.response)

    def private() -> list[bool]:
        with store.database.reading() as db:
            return list(db.execute(select(answers_table.c.private)).scalars())

    assert await store.run(private) == [True]

"""What a member who called for a human is told, and how."""

from __future__ import annotations

import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from tests.cogs.helpers.conftest import call_human, posts_in, stored_calls
from tests.cogs.helpers.test_calls import HEARING
from tests.cogs.visible_text import buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=HEARING)


async def test_the_member_is_told(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Who has called is told privately when a helper takes over and when it is solved, with a link."""
    post = await call_human(alice, channel, helpers, simcord_env)

    await helper.click(post, label=texts.CLAIM_BUTTON)
    await helper.click(post, label=texts.RESOLVE_BUTTON)

    (call,) = await stored_calls(store)
    sent = [one.json.get("content") for one in simcord_env.http_requests if isinstance(one.json, dict)]
    assert texts.HUMAN_CLAIMED.format(helper=f"<@{helper.id}>", link=call.post_link) in sent
    assert texts.HUMAN_RESOLVED.format(link=call.post_link) in sent
    (over,) = posts_in(helpers, simcord_env)
    assert texts.CALL_RESOLVED in shown(over)
    assert buttons_of(over) == []


async def test_a_member_without_direct_messages_is_pinged_where_they_asked(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
) -> None:
    """If direct messages are closed, the member alone is pinged in the place of the question."""
    post = await call_human(alice, channel, helpers, simcord_env)
    simcord_env.inject_error("POST", "/users/@me/channels", status=403, code=50007)

    await helper.click(post, label=texts.CLAIM_BUTTON)

    ping = replies_in(channel, simcord_env)[-1]
    sent = [one for one in simcord_env.http_requests if one.path == f"/channels/{channel.id}/messages" and one.json]
    assert ping.content.startswith(f"<@{alice.id}>")
    assert sent[-1].json["allowed_mentions"] == {"parse": [], "users": [alice.id]}
    assert buttons_of(ping) == [texts.SOLVED_BUTTON]


async def test_the_member_solves_it_from_a_direct_message(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """*It's solved* closes the call for the member who has called, and for nobody else."""
    asked = await alice.slash(channel, "ask", question="Who?")
    called = await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    await alice.click(called.response, label=texts.SOLVED_BUTTON)

    again = await alice.click(asked.response, label=texts.HUMAN_BUTTON)

    (call,) = await stored_calls(store)
    assert call.resolved_at is not None
    assert shown(again.response) == texts.HUMAN_HELPED_BEFORE.format(link=call.post_link)

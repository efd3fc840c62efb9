"""Votes that an answer did not help, posted for staff, and what is taken back of them."""

from __future__ import annotations

import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from tests.cogs.admin.test_digest_job import _soon as _soon  # noqa: PLC0414 - a fixture
from tests.cogs.admin.test_digest_job import age, job_of, not_helpful
from tests.cogs.admin.test_digest_job import staff as staff  # noqa: PLC0414 - a fixture
from tests.cogs.visible_text import PUBLIC, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.mark.parametrize("plain", [False, True])
async def test_votes(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
    plain: bool,
) -> None:
    """A vote with its reason is posted at once, with a link, without names; one without a reason after five minutes."""
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(plain=plain))
    asked = await alice.slash(channel, "ask", question="Who built @everyone?")
    await not_helpful(bob, asked, "outdated", "since <@&5> May")
    await bob.click((await bob.slash(channel, "ask", question="closest?")).response, label=texts.UNHELPFUL_BUTTON)
    await job_of(simcord_env.bot).run_once()
    first = replies_in(staff, simcord_env)
    await age(store, 0)
    for _ in range(2):
        await job_of(simcord_env.bot).run_once()

    sent = replies_in(staff, simcord_env)
    assert [len(first), len(sent)] == [1, 2]
    assert f"https://discord.com/channels/{simcord_env.guild.id}/{channel.id}/{asked.response.id}" in shown(sent[0])
    assert texts.REASONS["outdated"] in shown(sent[0])
    assert "> Who built \\@everyone?" in shown(sent[0])
    assert "since \\<\\@&5\\> May" in shown(sent[0])
    assert "> closest?" in shown(sent[1])
    assert all("bob" not in shown(one) and str(bob.id) not in shown(one) for one in sent)


async def test_what_should_be_covered(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    """A wish that a question is covered is posted at once, and only once."""
    asked = await alice.slash(channel, "ask", question="unknown harbour fee?")
    for _ in range(2):
        await alice.click(asked.response, label=texts.WANTED_BUTTON)
        await job_of(simcord_env.bot).run_once()

    (sent,) = replies_in(staff, simcord_env)
    assert texts.VOTE_WANTED.partition(":")[0] in shown(sent)
    assert "> unknown harbour fee?" in shown(sent)


@pytest.mark.parametrize("kind", ["counted", "off"])
async def test_no_texts_where_none_are_stored(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    kind: str,
) -> None:
    """Where the texts of questions are not stored, a vote shows neither the question nor what was typed."""
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(questions=kind))
    asked = await alice.slash(channel, "ask", question="Who built it?")
    await not_helpful(alice, asked, "wrong", "my own words")
    await job_of(simcord_env.bot).run_once()

    (sent,) = replies_in(staff, simcord_env)
    assert texts.REASONS["wrong"] in shown(sent)
    assert "built" not in shown(sent)
    assert "words" not in shown(sent)


async def test_votes_go_with_what_they_are_about(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """A message about a vote is deleted when the vote changes, the text is deleted, or either member is forgotten."""
    job, seen = job_of(simcord_env.bot), []
    for number in range(4):
        asked = await alice.slash(channel, "ask", question=f"Who built number {number}?")
        await not_helpful(bob, asked)
        await job.run_once()
        seen.append(len(replies_in(staff, simcord_env)))
        if number == 0:
            await bob.click(asked.response, label=texts.HELPFUL_BUTTON)
        elif number == 1:
            await bob.slash(channel, "forget")
        elif number == 2:
            await alice.slash(channel, "forget")
        else:
            with store.database.writing() as db:
                db.exec_driver_sql("UPDATE answers SET question = ''")
        await job.run_once()
        seen.append(len(replies_in(staff, simcord_env)))

    assert seen == [1, 0] * 4
    with store.database.reading() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM staff_messages WHERE message_id > 0").scalar() == 0


async def test_forgetting_without_texts(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """`/forget` reaches the message about a vote also where no texts are stored."""
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(questions="counted"))
    await not_helpful(alice, await alice.slash(channel, "ask", question="Who built it?"))
    await job_of(simcord_env.bot).run_once()
    before = len(replies_in(staff, simcord_env))
    await alice.slash(channel, "forget")
    await job_of(simcord_env.bot).run_once()

    assert [before, len(replies_in(staff, simcord_env))] == [1, 0]


async def test_servers_without_a_channel_store_no_votes(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """A vote in a server without a digest channel waits for nothing."""
    await not_helpful(alice, await alice.slash(channel, "ask", question="Who built it?"))
    await job_of(simcord_env.bot).run_once()

    with store.database.reading() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM staff_messages").scalar() == 0

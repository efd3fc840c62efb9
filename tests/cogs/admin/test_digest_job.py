"""The weekly digest and votes in a server's digest channel: once, for everybody there to read, and taken back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
import simcord

from cogs.admin import digest_job
from cogs.admin.digest_job import DigestJob, week_of
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.staff_channel import digest_channel_findings
from cogs.services import Resources
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from index.trusted_clock import ClockReading
from storage.models import ServerSettings
from tests.cogs.visible_text import PUBLIC, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

DAY = 86400.0


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not pause between messages."""
    monkeypatch.setattr(digest_job, "_PAUSE", 0.0)


@pytest.fixture
async def staff(simcord_env: simcord.Env, channel: simcord.ChannelHandle, store: AsyncStore) -> simcord.ChannelHandle:
    """Return the digest channel of the server, which the setting names."""
    assert channel.id
    staff = simcord_env.guild.create_text_channel("staff")
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(digest_channel=staff.id))
    return staff


def job_of(bot: Any) -> DigestJob:
    """Return the running bot's job."""
    job = bot.get_cog("DigestJob")
    assert isinstance(job, DigestJob)
    return job


def monday(env: simcord.Env, weeks: int = 0) -> ClockReading:
    """Return a clock that shows a moment after the digest of this week, or of later ones, is due."""
    now = datetime.fromtimestamp(time.time(), UTC)
    at = datetime.combine(now.date() - timedelta(days=now.weekday()), datetime.min.time(), UTC)
    return ClockReading((at + timedelta(days=7 * weeks, hours=9)).timestamp() + (env.guild.id >> 22) % 60 * 60)


async def age(store: AsyncStore, days: float = 7.0) -> None:
    """Let everything that was asked so far have been asked earlier, and votes be due."""
    with store.database.writing() as db:
        db.exec_driver_sql("UPDATE answers SET asked_at = asked_at - ?", (days * DAY,))
        db.exec_driver_sql("UPDATE staff_messages SET due_at = due_at - 301 WHERE message_id IS NULL")


async def not_helpful(who: simcord.MemberActor, asked: Any, reason: str = "wrong", details: str = "") -> None:
    """Vote with a reason."""
    form = await who.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    first, *_, last = (part["component"]["custom_id"] for part in form.modal["components"])
    await who.submit_modal(form, {first: [reason], **({last: details} if details else {})})


async def first_week(env: simcord.Env) -> None:
    """Let the server have its first week, which has no digest yet."""
    await job_of(env.bot).run_once(monday(env))


async def test_digest(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """It has the week's figures, and questions that several members asked and nothing answered, without names."""
    await first_week(simcord_env)
    for who in (alice, bob):
        await who.slash(channel, "ask", question="unknown harbour fee @everyone <@1> **now**?")
    await alice.slash(channel, "ask", question="unknown single thing?")
    answered = await bob.slash(channel, "ask", question="Who built it?")
    await bob.click(answered.response, label=texts.HELPFUL_BUTTON)
    now = monday(simcord_env, 1)
    with store.database.writing() as db:
        db.exec_driver_sql("UPDATE answers SET asked_at = ?", (now.trusted - 3 * DAY,))

    await job_of(simcord_env.bot).run_once(now)
    (sent,) = replies_in(staff, simcord_env)
    text = shown(sent)

    assert texts.DIGEST_ASKED.format(count=4) in text
    assert "Answered: 1 · closest passages: 0 · not covered: 3" in text
    assert texts.STATS_HELPFUL.format(share=1.0, votes=1) in text
    assert "2 members, 2 times: unknown harbour fee \\@everyone \\<\\@1\\> \\*\\*now\\*\\*?" in text
    assert "single thing" not in text
    assert str(alice.id) not in text
    assert "alice" not in text
    assert not sent.mentions
    assert not sent.mention_everyone


async def test_digest_where_nothing_is_stored(
    simcord_env: simcord.Env, staff: simcord.ChannelHandle, store: AsyncStore
) -> None:
    """Where nothing is stored of questions the digest says so instead of counting none."""
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(questions="off"))
    await first_week(simcord_env)
    await job_of(simcord_env.bot).run_once(monday(simcord_env, 1))
    (sent,) = replies_in(staff, simcord_env)

    assert texts.DIGEST_NOT_COUNTED in shown(sent)
    assert texts.DIGEST_ASKED.format(count=0) not in shown(sent)


async def test_one_digest_a_week(
    simcord_env: simcord.Env, staff: simcord.ChannelHandle, resources: Resources, store: AsyncStore
) -> None:
    """One for each week and only one: after runs, restarts, missed weeks and clocks that jump."""
    await first_week(simcord_env)
    seen = [len(replies_in(staff, simcord_env))]
    for week, restart in ((0, False), (1, False), (1, False), (1, True), (5, True), (5, False), (4, False), (5, False)):
        if restart:
            await simcord_env.restart_bot(VerbatimBot(resources))
        await job_of(simcord_env.bot).run_once(monday(simcord_env, week)._replace(is_settled=week != 4))
        seen.append(len(replies_in(staff, simcord_env)))

    assert seen == [0, 0, 1, 1, 1, 2, 2, 2, 2]
    assert (await store.run(store.database.digest_weeks.weeks))[simcord_env.guild.id][1]


async def test_a_clock_that_was_a_year_ahead(simcord_env: simcord.Env, staff: simcord.ChannelHandle) -> None:
    """Once the clock is right again, digests go on with the next week."""
    await first_week(simcord_env)
    for week in (52, 1, 2):
        await job_of(simcord_env.bot).run_once(monday(simcord_env, week))

    assert len(replies_in(staff, simcord_env)) == 2


async def test_two_processes_send_one(
    simcord_env: simcord.Env, staff: simcord.ChannelHandle, store: AsyncStore
) -> None:
    """Only one of two callers may send; a claim from before a crash is repeated later, unless the digest is there."""
    await first_week(simcord_env)
    guild, weeks, now = simcord_env.guild.id, store.database.digest_weeks, monday(simcord_env, 1)
    week = week_of(guild, datetime.fromtimestamp(now.trusted, UTC)).isoformat()
    assert await store.run(lambda: weeks.claim_week(guild, week)) == 1
    assert await store.run(lambda: weeks.claim_week(guild, week)) == 0

    await job_of(simcord_env.bot).run_once(now)
    assert replies_in(staff, simcord_env) == []
    for _ in range(2):  # the second time as if the process had ended right after sending
        with store.database.writing() as db:
            db.exec_driver_sql("UPDATE digests SET tried_at = tried_at - 1000, sent = 0")
        await job_of(simcord_env.bot).run_once(now)

    assert len(replies_in(staff, simcord_env)) == 1


async def test_questions_of_other_channels(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """A question asked where not everybody who reads the digest can read stays out of it, and out of votes."""
    await first_week(simcord_env)
    shown_to = discord.PermissionOverwrite(view_channel=True)
    everyone = simcord_env.bot.guilds[0].default_role
    overwrites = dict.fromkeys((simcord_env.bot.user, alice.user, bob.user), shown_to)
    overwrites[everyone] = discord.PermissionOverwrite(view_channel=False)
    secret = simcord_env.guild.create_text_channel("inner", overwrites=overwrites)
    asked = [await who.slash(secret, "ask", question="unknown secret plan?") for who in (alice, bob)]
    assert len(asked) == 2
    found = await alice.slash(secret, "ask", question="Who has the secret plan?")
    await not_helpful(alice, found, details="the plan is old")
    await age(store, 0)
    now = monday(simcord_env, 1)
    with store.database.writing() as db:
        db.exec_driver_sql("UPDATE answers SET asked_at = ?", (now.trusted - 3 * DAY,))

    await job_of(simcord_env.bot).run_once(now)

    vote, digest = (shown(sent) for sent in replies_in(staff, simcord_env))
    assert "Not helpful" in vote
    assert "plan" not in vote + digest


async def test_a_forgotten_member_leaves_the_digest(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    mod: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Their questions are removed from a digest, which shows what others asked, and the figures as they were."""
    await first_week(simcord_env)
    for who, place in ((bob, "north"), (mod, "south"), (alice, "west")):
        await who.slash(channel, "ask", question=f"unknown ferry fee {place}?")
    now = monday(simcord_env, 1)
    with store.database.writing() as db:
        db.exec_driver_sql("UPDATE answers SET asked_at = ?", (now.trusted - 3 * DAY,))
    job = job_of(simcord_env.bot)
    await job.run_once(now)
    (sent,) = replies_in(staff, simcord_env)
    texts_shown = [shown(sent)]
    for who in (alice, bob):
        await who.slash(channel, "forget")
        await job.run_once(now)
        (sent,) = replies_in(staff, simcord_env)
        texts_shown.append(shown(sent))

    assert "3 members, 3 times: unknown ferry fee west?" in texts_shown[0]
    assert "2 members, 2 times: unknown ferry fee south?" in texts_shown[1]
    assert "west" not in texts_shown[1]
    assert "fee" not in texts_shown[2]
    assert all(texts.DIGEST_ASKED.format(count=3) in text for text in texts_shown)


async def test_without_permission(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where the bot may not write nothing is tried; the log says so once, and `/config check` says why."""
    guild, job = simcord_env.bot.guilds[0], job_of(simcord_env.bot)
    silent = {simcord_env.bot.user: discord.PermissionOverwrite(send_messages=False)}
    staff = simcord_env.guild.create_text_channel("staff", overwrites=silent)
    _, settings = await store.change_settings(guild.id, lambda now: now.changed(digest_channel=staff.id))
    await first_week(simcord_env)
    await not_helpful(alice, await alice.slash(channel, "ask", question="Who built it?"))
    requests = len(simcord_env.http_requests)
    for _ in range(3):
        await job.run_once(monday(simcord_env, 1))

    assert digest_channel_findings(guild, settings) == [texts.CHECK_DIGEST.format(channel=f"<#{staff.id}>")]
    assert [one.method for one in simcord_env.http_requests[requests:]] == []
    assert caplog.text.count("cannot be written") == 1
    assert digest_channel_findings(guild, ServerSettings()) == []
    gone = ServerSettings(digest_channel=5)
    assert digest_channel_findings(guild, gone) == [texts.CHECK_DIGEST_GONE]


async def test_a_refusal_is_not_repeated(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If Discord refuses a message all the same, the channel is left alone for an hour."""
    tried = []

    async def refused(*_: object, **__: object) -> None:
        tried.append(1)
        raise discord.Forbidden(type("", (), {"status": 403, "reason": ""})(), "Missing Access")  # type: ignore[arg-type]

    await first_week(simcord_env)
    await not_helpful(alice, await alice.slash(channel, "ask", question="Who built it?"))
    monkeypatch.setattr(discord.TextChannel, "send", refused)
    for _ in range(3):
        await job_of(simcord_env.bot).run_once(monday(simcord_env, 1))

    assert len(tried) == 1
    assert replies_in(staff, simcord_env) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_language_and_length(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    staff: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
    language: str,
) -> None:
    """A digest is in the server's language, and fits into a message with many long questions."""
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(language=language))
    await first_week(simcord_env)
    asked = await alice.slash(channel, "ask", question="unknown thing?")
    now, row = monday(simcord_env, 1), f"SELECT * FROM answers WHERE message_id = {asked.response.id}"
    with store.database.writing() as db:
        first = dict(db.exec_driver_sql(row).mappings().one())
        db.exec_driver_sql("DELETE FROM answers")
        for number in range(15):
            question = " ".join(f"{letter}{number}word" for letter in 2 * "abcdefghijklmnopqrstuvwxyz")
            for who in (alice, bob):
                values = {**first, "asker_id": who.id, "question": question, "asked_at": now.trusted - 3 * DAY}
                del values["id"]
                names = ", ".join(values)
                marks = ", ".join("?" * len(values))
                db.exec_driver_sql(f"INSERT INTO answers ({names}) VALUES ({marks})", tuple(values.values()))

    await job_of(simcord_env.bot).run_once(now)
    (sent,) = replies_in(staff, simcord_env)

    with speaking(language):
        assert texts.DIGEST_ASKED.format(count=30) in shown(sent)
        assert texts.DIGEST_GAPS in shown(sent)
    assert 1500 < len(shown(sent)) <= 3100


async def test_the_settings(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """The channel and the tag are chosen with `/config settings`, which says at once if they cannot be used."""
    silent = {simcord_env.bot.user: discord.PermissionOverwrite(send_messages=False)}
    closed = simcord_env.guild.create_text_channel("closed", overwrites=silent)
    forum = simcord_env.guild.create_forum_channel("help")
    found = await boss.slash(channel, "config settings", digest_channel=closed, solved_tag=True)
    checked = await boss.slash(channel, "config check")
    now = await store.settings(simcord_env.guild.id)
    removed = await boss.slash(channel, "config settings", no_digest=True, solved_tag=False)

    assert (now.digest_channel, now.solved_tag) == (closed.id, True)
    assert await store.settings(simcord_env.guild.id) == ServerSettings()
    for said in (found, checked):
        assert texts.CHECK_DIGEST.format(channel=f"<#{closed.id}>") in shown(said.response)
        missing = texts.CHECK_FINDING.format(channels=f"<#{forum.id}>", finding=texts.CHECK_SOLVED_NO_TAG)
        assert missing in shown(said.response)
    assert texts.DIGEST_CHANNEL.format(channel=f"<#{closed.id}>") in shown(found.response)
    assert texts.SOLVED_ON in shown(found.response)
    assert texts.DIGEST_CHANNEL.format(channel=texts.NOT_SET) in shown(removed.response)

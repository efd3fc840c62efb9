"""Asking while discord.db is slow, busy or damaged: nobody is answered who must not be, and whoever asks is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
import simcord
from sqlalchemy.exc import OperationalError

from cogs.core.async_store import AsyncStore
from cogs.core.job_queue import BusyError
from i18n import texts
from storage.models import ServerSettings
from storage.schema import servers
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


def damage(store: AsyncStore, guild_id: int) -> None:
    """Store damaged settings of a server, which was paused."""
    with store.database.writing() as db:
        db.execute(servers.insert().values(guild_id=guild_id, settings='{"paused": tr'))


async def test_damaged_settings_are_told_and_nothing_is_answered(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
) -> None:
    """The server may be paused, or the bot switched off in the channel."""
    damage(store, simcord_env.guild.id)

    seen = await alice.slash(channel, "ask", question="Who built it?")
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who built it?")

    assert [notice.content for notice in seen.followups] == [texts.SETTINGS_UNREADABLE]
    assert [reply.content for reply in replies_in(channel, simcord_env)] == [texts.SETTINGS_UNREADABLE]
    assert answers.asked == []


async def test_a_mention_is_told_that_the_database_is_busy(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not dropped in silence, and the paused server is not answered."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(paused=True))
    store._settings.clear()

    async def busy(*_: object) -> None:
        raise BusyError(texts.BUSY)

    with monkeypatch.context() as patch:
        patch.setattr(AsyncStore, "read_sources", busy)
        await alice.send(channel, f"<@{simcord_env.bot.user.id}> who built it?")

    assert [reply.content for reply in replies_in(channel, simcord_env)] == [texts.BUSY]
    assert answers.asked == []


async def test_an_answer_is_shown_with_its_buttons_while_reports_run(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """Neither a report nor a list holds up noting the answer."""
    held = threading.Event()
    slow = [asyncio.create_task(store.report(held.wait)), asyncio.create_task(store.read(held.wait))]

    seen = await alice.slash(channel, "ask", question="Who built it?")
    done = [task.done() for task in slow]
    held.set()
    await asyncio.gather(*slow)

    assert texts.MORE_BUTTON in buttons_of(seen.response)
    assert done == [False, False]
    assert simcord_env.bot is not None


@pytest.mark.parametrize("way", ["command", "mention", "reply"])
async def test_a_question_is_answered_while_nothing_can_be_changed(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """Another process has locked discord.db, or the disk is slow: the answer only lacks its buttons."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who built it?")
    earlier = replies_in(channel, simcord_env)
    store._settings.clear()

    async def held_up(*_: object) -> None:
        raise BusyError(texts.BUSY)

    with monkeypatch.context() as patch:
        patch.setattr(AsyncStore, "run", held_up)
        if way == "command":
            answer = (await alice.slash(channel, "ask", question="Who built it?")).response
        else:
            text = "who built it?" if way == "reply" else f"<@{simcord_env.bot.user.id}> who built it?"
            await alice.send(channel, text, reply_to=earlier[-1] if way == "reply" else None)
            answer = replies_in(channel, simcord_env)[len(earlier)]

    assert "> **The** lighthouse" in shown(answer)
    assert texts.MORE_BUTTON not in buttons_of(answer)


@pytest.mark.parametrize("then", ["edited", "deleted"])
async def test_an_answer_that_could_not_be_stored_goes_with_its_question(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
    then: str,
) -> None:
    """Its note came too late, so no record tells which message shows it: an edit gets no second answer beside it."""
    noting = []

    async def too_late(self: AsyncStore, job: Callable[[], object]) -> None:
        noting.append(asyncio.create_task(self.run(job)))
        await asyncio.sleep(0)
        raise BusyError(texts.BUSY)

    with monkeypatch.context() as patch:
        patch.setattr(AsyncStore, "note", too_late)
        question = await alice.send(channel, f"<@{simcord_env.bot.user.id}> who built it?")
        await asyncio.gather(*noting)
    bare = replies_in(channel, simcord_env)
    if then == "edited":
        await alice.edit(question, f"<@{simcord_env.bot.user.id}> unknown thing?")
    else:
        await alice.delete(question)

    left = [shown(one) for one in replies_in(channel, simcord_env)]
    assert ["> **The** lighthouse" in shown(one) for one in bare] == [True]
    assert [texts.NOT_COVERED_HINT in one for one in left] == ([True] if then == "edited" else [])


async def test_an_edited_answer_that_cannot_be_stored_loses_its_buttons(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They would act on the answer before the edit."""
    question = await alice.send(channel, f"<@{simcord_env.bot.user.id}> unknown thing?")
    (before,) = replies_in(channel, simcord_env)

    def locked(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(store.database, "replace", locked)
    await alice.edit(question, f"<@{simcord_env.bot.user.id}> who built it?")

    (after,) = replies_in(channel, simcord_env)
    assert texts.NOT_COVERED_HINT in shown(before)
    assert "> **The** lighthouse" in shown(after)
    assert buttons_of(before)
    assert buttons_of(after) == []

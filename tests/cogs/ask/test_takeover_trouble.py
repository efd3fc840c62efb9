"""What goes wrong while a question changes its process: it is frozen, the database fails, or the key is another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
import simcord

from cogs.ask.addressed import AddressedMessages
from cogs.ask.ask_service import AskService
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from index.sqlite_errors import StorageError
from storage.accepted_questions import AcceptedQuestion
from storage.sealing import Sealer
from tests.cogs.ask.test_takeover import ANSWER, STEPS, Restart, _addressed, mention
from tests.cogs.ask.test_takeover import left as left  # noqa: PLC0414 - a fixture
from tests.cogs.ask.test_takeover import restart as restart  # noqa: PLC0414 - a fixture
from tests.cogs.ask.test_takeover import settings as settings  # noqa: PLC0414 - a fixture
from tests.cogs.visible_text import replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=discord.Intents.all())


def _full(*_: object) -> None:
    raise StorageError("The disk is full.")


async def test_answered_although_it_cannot_be_stored(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A full disk or a locked file stops no answer, and is logged once."""
    monkeypatch.setattr(type(store.database.accepted_questions), "write", _full)
    for _ in range(2):
        await alice.send(channel, mention(simcord_env))
    result = await alice.slash(channel, "ask", question="who built it?")

    assert [ANSWER in shown(one) for one in [*replies_in(channel, simcord_env)[:2], result.response]] == [True] * 3
    assert caplog.text.count("Questions cannot be stored") == 1


@pytest.mark.parametrize("how", ["mention", "command", "several"])
async def test_a_process_that_was_frozen(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    how: str,
) -> None:
    """A process that wakes after another one has taken over its questions shows nothing and stores nothing."""
    prepare = AskService._prepare

    async def lose(*args: Any) -> Any:
        (question,) = await left()
        await store.run(lambda: store.database.accepted_questions.write([question], [], "other", {"other"}))
        return await prepare(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AskService, "_prepare", lose)
        if how == "command":
            shown_first = (await alice.slash(channel, "ask", question="who built it?")).response
        else:
            asked = "who built it?" if how == "mention" else "When was it built? Where is the harbour?"
            await alice.send(channel, mention(simcord_env, asked))

    assert how != "command" or ANSWER not in shown(shown_first)
    assert how == "command" or replies_in(channel, simcord_env) == []
    assert [one.holder for one in await left()] == ["other"]
    assert await store.run(lambda: store.database.last_answer(channel.id)) is None


async def test_answered_after_it_was_found(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    restart: Restart,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A question whose process wakes up and answers it while another one is about to has no second answer."""
    with pytest.MonkeyPatch.context() as patch:
        STEPS["before the work"].strike(patch)
        await alice.send(channel, mention(simcord_env))
    (question,) = await left()
    resume = AddressedMessages._resume

    async def resume_late(*args: Any) -> None:
        rows = store.database.accepted_questions
        await store.run(lambda: rows.write([], [question.question_id], question.holder, {question.holder}))
        await resume(*args)

    bot = simcord_env.bot
    assert isinstance(bot, VerbatimBot)
    addressed = _addressed(bot)
    monkeypatch.setitem(bot.accepted._resume, question.kind, lambda *args: resume_late(addressed, *args))
    await restart()

    assert replies_in(channel, simcord_env) == []
    assert await left() == []


async def test_a_database_that_fails_during_a_takeover(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    restart: Restart,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
) -> None:
    """The question is answered once it can be claimed, and not before: nobody knows what was sent."""
    with pytest.MonkeyPatch.context() as patch:
        STEPS["before the work"].strike(patch)
        await alice.send(channel, mention(simcord_env))
    rows = store.database.accepted_questions
    writes = iter([_full, rows.write, rows.write])

    def write(*args: Any) -> Any:
        return next(writes)(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "write", write)
        await restart()
    assert replies_in(channel, simcord_env) == []
    assert len(await left()) == 1
    await restart()

    assert [ANSWER in shown(one) for one in replies_in(channel, simcord_env)] == [True]
    assert await left() == []


async def test_another_token(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    restart: Restart,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a change of the bot's token nothing that was stored can be read; it is deleted, and the log says so."""
    bot = simcord_env.bot
    assert isinstance(bot, VerbatimBot)
    with pytest.MonkeyPatch.context() as patch:
        STEPS["before the work"].strike(patch)
        await alice.send(channel, mention(simcord_env))
    monkeypatch.setattr(bot.accepted, "_sealer", Sealer("another"))
    await restart()

    assert replies_in(channel, simcord_env) == []
    assert "1 accepted questions were dropped" in caplog.text
    assert await left() == []

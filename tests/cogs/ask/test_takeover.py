"""What a process had accepted when it ended is answered by the next one, once, at whichever step it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from pydantic import SecretStr

from cogs.ask.addressed import AddressedMessages
from cogs.ask.answer_records import AnswerRecords
from cogs.ask.ask_service import AskService
from cogs.ask.debounce import Debouncer
from cogs.ask.takeover import Takeover
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.messaging.interaction_reply import InteractionReply
from i18n import texts
from settings import Settings
from storage.accepted_questions import AcceptedQuestion
from storage.models import Mode
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=discord.Intents.all())

ANSWER = "> **The** lighthouse"
Restart = Callable[[], Awaitable[None]]


class Death:
    """Ends the process, as far as a task can see, before or after calls of a method."""

    def __init__(self, owner: type, name: str, *, after: bool) -> None:
        """Do nothing until `strike`."""
        self._owner, self._name, self._after = owner, name, after

    def strike(self, patch: pytest.MonkeyPatch) -> None:
        """Let each call of the method end its task without any clean-up."""
        whole, after = getattr(self._owner, self._name), self._after

        async def die(*args: Any, **more: Any) -> None:
            if after:
                await whole(*args, **more)
            raise asyncio.CancelledError

        patch.setattr(self._owner, self._name, die)


STEPS = {
    "before the work": Death(AskService, "_prepare", after=False),
    "after the work": Death(AskService, "_prepare", after=True),
    "after sending": Death(AnswerRecords, "note_message", after=False),
    "after noting it": Death(AnswerRecords, "note_message", after=True),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings that let the bot read all messages."""
    return Settings(
        data_dir=tmp_path, discord_token=SecretStr("not.a.token"), second_quote_confidence=0.5, message_content=True
    )


@pytest.fixture
def left(store: AsyncStore) -> Callable[[], Awaitable[list[AcceptedQuestion]]]:
    """Return a function that returns the questions that no process answers."""

    async def find() -> list[AcceptedQuestion]:
        return await store.run(lambda: store.database.accepted_questions.left_by_others(application(store), {"nobody"}))

    def application(store: AsyncStore) -> int:
        with store.database.reading() as db:
            found = db.exec_driver_sql("SELECT application_id FROM accepted_questions LIMIT 1").scalar()
        return int(found or 0)

    return find


@pytest.fixture
def restart(simcord_env: simcord.Env, monkeypatch: pytest.MonkeyPatch) -> Restart:
    """Return a function that lets the bot go on as a new process would."""

    async def restart() -> None:
        bot = simcord_env.bot
        assert isinstance(bot, VerbatimBot)
        monkeypatch.setattr(bot.accepted, "_process_id", "next")
        monkeypatch.setattr(bot, "process_id", "next")
        _addressed(bot)._responded.clear()
        cog = bot.get_cog("Takeover")
        assert isinstance(cog, Takeover)
        await cog.adopt(lambda _: True)
        await simcord_env.settle()
        while cog._running:
            await asyncio.wait(set(cog._running.values()))
        await simcord_env.settle()

    return restart


def _addressed(bot: VerbatimBot) -> AddressedMessages:
    cog: Any = bot.get_cog("AskCog")
    addressed: AddressedMessages = cog._addressed
    return addressed


def mention(env: simcord.Env, text: str = "who built it?") -> str:
    """Return a message that asks the bot."""
    return f"<@{env.bot.user.id}> {text}"


@pytest.mark.parametrize("step", list(STEPS))
async def test_a_mention(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    restart: Restart,
    step: str,
) -> None:
    """A mention has one reply, with buttons that work, and nothing of it stays stored."""
    with pytest.MonkeyPatch.context() as patch:
        STEPS[step].strike(patch)
        await alice.send(channel, mention(simcord_env))
    await restart()

    (answer,) = replies_in(channel, simcord_env)
    assert ANSWER in shown(answer)
    more = await alice.click(answer, label=texts.MORE_BUTTON)
    assert texts.ANSWER_FORGOTTEN not in shown(more.response)
    assert await left() == []


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("step", list(STEPS))
async def test_a_command(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    restart: Restart,
    step: str,
    private: bool,
) -> None:
    """A command has one answer, in place of "thinking"."""
    with pytest.MonkeyPatch.context() as patch:
        STEPS[step].strike(patch)
        result = await alice.slash(channel, "ask", question="who built it?", private=private)
    await restart()

    assert ANSWER in shown(result.response)
    assert result.followups == []
    assert result.response.ephemeral is private
    assert await left() == []


@pytest.mark.parametrize("by_command", [False, True])
@pytest.mark.parametrize("step", list(STEPS))
async def test_several_questions(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    restart: Restart,
    step: str,
    by_command: bool,
) -> None:
    """Each question of a message has one answer, those after the one that was being sent too."""
    both = "When was it built? Where is the harbour?"
    with pytest.MonkeyPatch.context() as patch:
        STEPS[step].strike(patch)
        if by_command:
            result = await alice.slash(channel, "ask", question=both)
        else:
            await alice.send(channel, mention(simcord_env, both))
    await restart()

    found = [result.response, *result.followups] if by_command else replies_in(channel, simcord_env)
    assert [ANSWER in shown(one) for one in found] == [True, True]


async def test_a_private_message_is_not_sent_twice(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, restart: Restart
) -> None:
    """If a private message after a public "thinking" may have been sent, the member is told to ask again."""
    with pytest.MonkeyPatch.context() as patch:
        Death(InteractionReply, "_delete_line", after=False).strike(patch)
        result = await alice.slash(channel, "ask", question="thanks")
    before = [shown(one) for one in result.followups]
    await restart()

    assert [shown(one) for one in result.followups] == [*before, texts.STOPPING]
    assert result.response is None or result.response.deleted


async def test_an_overheard_message(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    restart: Restart,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a channel that is listened to, a message is stored before the bot knows whether others follow it."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.01)
    await store.change_settings(channel.guild.id, lambda one: one.with_mode(channel.id, Mode.EVERYTHING))
    with pytest.MonkeyPatch.context() as patch:
        Death(Debouncer, "collect", after=False).strike(patch)
        await alice.send(channel, "who built it?")
    assert replies_in(channel, simcord_env) == []
    await restart()

    (answer,) = replies_in(channel, simcord_env)
    assert ANSWER in shown(answer)
    assert await left() == []


@pytest.mark.parametrize("step", ["after sending", "after noting it"])
@pytest.mark.parametrize("order", [1, -1])
async def test_two_messages_with_one_answer(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    restart: Restart,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    order: int,
) -> None:
    """They are answered once, whichever of them is found first by the next process."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.3)
    await store.change_settings(channel.guild.id, lambda one: one.with_mode(channel.id, Mode.EVERYTHING))
    bot = simcord_env.bot
    assert isinstance(bot, VerbatimBot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.accepted, "finish", _never)
        STEPS[step].strike(patch)
        for text in ("the lighthouse on the pier", "who built it?"):
            simcord_env.backend.create_message(channel.id, alice.id, text)
        await simcord_env.settle()
        stored = await left()
    assert len(replies_in(channel, simcord_env)) == 1
    assert len(stored) == (2 if step == "after sending" else 0)
    find = bot.accepted.left

    async def find_in_order(*args: Any) -> Any:
        return (await find(*args))[::order]

    monkeypatch.setattr(bot.accepted, "left", find_in_order)
    await restart()

    assert len(replies_in(channel, simcord_env)) == 1
    assert await left() == []


async def _never(*_: object) -> None:
    raise asyncio.CancelledError


async def test_a_menu_entry(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, bob: simcord.MemberActor, restart: Restart
) -> None:
    """What a member wants to have answered from the menu of a message is answered."""
    message = await bob.send(channel, "who built it?")
    with pytest.MonkeyPatch.context() as patch:
        STEPS["before the work"].strike(patch)
        result = await alice.context_menu(channel, texts.ANSWER_THIS, message)
    await restart()

    assert ANSWER in shown(result.response)


@pytest.mark.parametrize("change", ["deleted", "edited", "forgotten", "paused"])
async def test_changed_meanwhile(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    answers: FakeAnswers,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    restart: Restart,
    change: str,
) -> None:
    """A deleted or forgotten question is not answered, an edited one as it is now, and none in a paused server."""
    with pytest.MonkeyPatch.context() as patch:
        STEPS["before the work"].strike(patch)
        message = await alice.send(channel, mention(simcord_env))
        patch.setattr(simcord_env.backend, "emit", lambda *_, **__: None)
        if change == "deleted":
            simcord_env.backend.delete_message(channel.id, message.id)
        elif change == "edited":
            simcord_env.backend.edit_message(
                channel.id, message.id, {"content": mention(simcord_env, "who painted it?")}
            )
    if change == "forgotten":
        await store.run(lambda: list(store.database.forget_member_in_steps(alice.id)))
    elif change == "paused":
        await store.change_settings(channel.guild.id, lambda one: one.paused_for(0, 0.0))
    await restart()

    shown_now = [shown(one) for one in replies_in(channel, simcord_env)]
    asked = [text for text, _ in answers.asked]
    assert [ANSWER in one for one in shown_now] == ([True] if change == "edited" else [False] * (change == "paused"))
    assert asked == (["who painted it?"] if change == "edited" else [])
    assert await left() == []


async def test_left_to_another_process_at_the_end(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    restart: Restart,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process that leaves says nothing; the other one answers, although the first still lives."""
    bot = simcord_env.bot
    assert isinstance(bot, VerbatimBot)
    begun = asyncio.Event()

    async def wait(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AskService, "_prepare", wait)
        sending = asyncio.create_task(alice.send(channel, mention(simcord_env)))
        await begun.wait()
        bot.accepted.leave()
        await sending
    assert replies_in(channel, simcord_env) == []
    await restart()

    assert [ANSWER in shown(one) for one in replies_in(channel, simcord_env)] == [True]


@pytest.mark.parametrize("mode", [Mode.MENTIONED, Mode.OFF])
async def test_a_message_that_may_not_be_read(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    restart: Restart,
    left: Callable[[], Awaitable[list[AcceptedQuestion]]],
    mode: Mode,
) -> None:
    """Where the bot may not read earlier messages, it answers what was stored, unless it was switched off meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        STEPS["before the work"].strike(patch)
        await alice.send(channel, mention(simcord_env))
    place: Any = simcord_env.bot.get_channel(channel.id)
    await place.set_permissions(place.guild.me, overwrite=discord.PermissionOverwrite(read_message_history=False))
    await store.change_settings(channel.guild.id, lambda one: one.with_mode(channel.id, mode))
    await restart()

    answered = [ANSWER in shown(one) for one in replies_in(channel, simcord_env)]
    assert answered == [True] * (mode is Mode.MENTIONED)
    assert await left() == []

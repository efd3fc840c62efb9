"""Start, shutdown and start-up errors of the client."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import Mock

import aiohttp
import discord
import pytest

from cogs.bot import VerbatimBot, intents, run_bot
from cogs.core.async_store import AsyncStore
from cogs.core.job_queue import BusyError
from cogs.messaging.in_flight import InFlight
from cogs.services import Resources
from i18n import texts
from index.models import UserError
from settings import Settings
from storage.accepted_questions import LIFETIME, AcceptedQuestion


def closed(code: int) -> discord.ConnectionClosed:
    """Return what discord.py raises when the gateway closes with `code`."""
    return discord.ConnectionClosed(Mock(spec=aiohttp.ClientWebSocketResponse, close_code=code), shard_id=None)


def refused(status: int) -> discord.HTTPException:
    """Return what discord.py raises for a response to the login."""
    kinds = {403: discord.Forbidden, 503: discord.DiscordServerError}
    response = Mock(spec=aiohttp.ClientResponse, status=status, reason="No", headers={})
    return kinds.get(status, discord.HTTPException)(response, "<html>\nBanned\n</html>")


def test_no_privileged_intent() -> None:
    """By default the client requests no privileged intent."""
    wanted = intents()

    assert {name for name, on in wanted if on} == {"guilds", "guild_messages", "dm_messages"}
    assert not any((wanted.members, wanted.presences, wanted.message_content))
    assert dict(intents(message_content=True)) == {**dict(wanted), "message_content": True}


async def test_nobody_is_ever_pinged(resources: Resources) -> None:
    """The client allows no mentions by default."""
    bot = VerbatimBot(resources)

    assert bot.allowed_mentions is not None
    assert bot.allowed_mentions.to_dict() == {"parse": []}


async def test_missing_token(settings: Settings, resources: Resources) -> None:
    """Without a token the error says how to get one."""
    with pytest.raises(UserError, match="DISCORD_TOKEN"):
        await run_bot(replace(resources, settings=settings.model_copy(update={"discord_token": None})))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (discord.LoginFailure(), texts.TOKEN_REFUSED),
        (closed(4004), texts.TOKEN_REFUSED),
        (closed(4010), texts.SHARDING_REQUIRED),
        (closed(4011), texts.SHARDING_REQUIRED),
        (closed(4013), texts.INTENTS_REFUSED),
        (closed(4012), texts.REFUSED.format(code=4012)),
        (refused(401), texts.TOKEN_REFUSED),
        (refused(403), texts.LOGIN_FORBIDDEN),
        (refused(429), texts.TOO_MANY_LOGINS),
        (refused(418), texts.REFUSED.format(code=418)),
        (refused(503), texts.UNREACHABLE),
        (discord.PrivilegedIntentsRequired(None), texts.INTENTS_REFUSED),
        (aiohttp.ClientConnectionError(), texts.UNREACHABLE),
        (OSError("no route to host"), texts.UNREACHABLE),
    ],
)
async def test_refusals_say_how_to_mend_them(
    monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str, resources: Resources
) -> None:
    """Login failures become one sentence for the operator."""

    async def start(self: VerbatimBot, token: str) -> None:
        raise error

    monkeypatch.setattr(VerbatimBot, "start", start)

    with pytest.raises(UserError) as told:
        await run_bot(resources)
    assert str(told.value) == sentence


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signals_end_cleanly(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals, resources: Resources
) -> None:
    """SIGTERM and SIGINT end with status 0 after the answers in flight; the old handlers are restored."""
    ended: list[str] = []

    async def start(self: VerbatimBot, token: str) -> None:
        async def answer() -> None:
            with self.in_flight.answering():
                os.kill(os.getpid(), number)
                await asyncio.sleep(0.05)
                ended.append("answered")

        await asyncio.gather(answer(), asyncio.Event().wait())

    monkeypatch.setattr(VerbatimBot, "start", start)
    before = signal.getsignal(number)

    assert await run_bot(resources) == 0
    assert ended == ["answered"]
    assert signal.getsignal(number) is before


async def test_questions_behind_a_model_that_hangs(monkeypatch: pytest.MonkeyPatch, resources: Resources) -> None:
    """At the end, who waits for a model that never returns is told to ask again, and nothing more is accepted."""
    told: list[str] = []
    gate = threading.Event()

    async def start(self: VerbatimBot, token: str) -> None:
        async def answer(job: Callable[[], object]) -> None:
            with self.in_flight.answering():
                try:
                    await resources.worker.run(job)
                except BusyError as error:
                    told.append(str(error))

        running = [asyncio.create_task(answer(gate.wait)) for _ in range(3)]
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGTERM)
        await stopping.wait()
        await asyncio.sleep(0.01)
        await answer(lambda: None)
        await asyncio.gather(*running, asyncio.Event().wait())

    stopping = asyncio.Event()
    monkeypatch.setattr(VerbatimBot, "start", start)
    monkeypatch.setattr("cogs.bot._ANSWERING", 0.1)

    assert await run_bot(resources, stopping.set) == 0
    assert told == [texts.STOPPING] * 4
    gate.set()


async def test_what_is_too_old_while_discord_is_away(
    monkeypatch: pytest.MonkeyPatch, resources: Resources, store: AsyncStore
) -> None:
    """Questions that an earlier process had accepted are deleted in time, though the gateway was never connected.

    Those that seem to be from the future are left: the clock may be behind until the network is there.
    """
    rows = store.database.accepted_questions
    old = AcceptedQuestion(1, "message", 2, 3, 4, 5, time.time() - LIFETIME - 1, 6, b"sealed")
    ahead = replace(old, question_id=2, accepted_at=time.time() + 3000)
    rows.write([old, ahead], [], "gone", {"gone"})

    expire, looked, loop = rows.expire, asyncio.Event(), asyncio.get_running_loop()

    def note(now: float, *, future: bool) -> int:
        found = expire(now, future=future)
        loop.call_soon_threadsafe(looked.set)
        return found

    async def start(self: VerbatimBot, token: str) -> None:
        await asyncio.wait_for(looked.wait(), 60)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    monkeypatch.setattr(rows, "expire", note)
    monkeypatch.setattr(VerbatimBot, "start", start)

    assert await run_bot(resources) == 0
    assert [one.question_id for one in rows.left_by_others(2, ())] == [2]
    assert (expire(time.time()), rows.left_by_others(2, ())) == (1, [])


async def test_late_answers_do_not_hold_the_end() -> None:
    """Waiting for the last answers ends after the given time."""
    flight = InFlight()

    async def answer() -> None:
        with flight.answering():
            await asyncio.Event().wait()

    task = asyncio.create_task(answer())
    await asyncio.sleep(0)

    assert not await flight.wait_until_idle(seconds=0.01)
    task.cancel()
    await asyncio.wait({task})
    assert await flight.wait_until_idle(seconds=0.01)

"""Promises of the pace of new gateway sessions."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import aiohttp
import discord
import pytest

from cogs.core.session_starts import GatewayInfo, SessionStarts


class Time:
    """A clock that only `sleep` moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Begin at zero."""
        self.now = 0.0
        pause = asyncio.sleep

        async def sleep(seconds: float) -> None:
            until = self.now + seconds
            await pause(0)
            self.now = max(self.now, until)

        monkeypatch.setattr("cogs.core.session_starts.asyncio.sleep", sleep)
        monkeypatch.setattr("cogs.core.session_starts.time.monotonic", lambda: self.now)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Return the clock."""
    return Time(monkeypatch)


class Asked:
    """Discord's answers; the last one is repeated."""

    def __init__(self, *answers: GatewayInfo | Exception) -> None:
        """Take the answers."""
        self.answers = list(answers)
        self.times = 0

    async def __call__(self) -> GatewayInfo:
        """Return the next answer."""
        self.times += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def started(starts: SessionStarts, time: Time, shards: int) -> dict[int, float]:
    """Start a session of each shard, all at once; return when each of them started."""
    at: dict[int, float] = {}

    async def start(shard_id: int) -> None:
        async with starts.turn(shard_id):
            at[shard_id] = time.now
            starts.count(shard_id)

    await asyncio.gather(*map(start, range(shards)))
    return at


async def test_one_start_in_five_seconds(time: Time) -> None:
    """Sessions start five seconds apart, also when a shard begins a new one later."""
    starts = SessionStarts(Asked(GatewayInfo(3)))

    assert await starts.recommended_shards() == 3
    assert await started(starts, time, 3) == {0: 0.0, 1: 5.0, 2: 10.0}
    assert await started(starts, time, 1) == {0: 15.0}


async def test_as_many_at_once_as_discord_allows(time: Time) -> None:
    """Shards that differ modulo the allowed number start together."""
    starts = SessionStarts(Asked(GatewayInfo(5, max_concurrency=2)))

    await starts.recommended_shards()
    at = await started(starts, time, 5)

    assert sorted(at.values()) == [0.0, 0.0, 5.0, 5.0, 10.0]
    assert {at[0], at[2], at[4]} == {0.0, 5.0, 10.0}


async def test_the_starts_of_the_day_are_used_up(time: Time, caplog: pytest.LogCaptureFixture) -> None:
    """No session starts before Discord allows one again; one sentence says until when, and why."""
    used_up = GatewayInfo(2, remaining=0, reset_after=3600.0)
    starts = SessionStarts(Asked(*[used_up] * 7, replace(used_up, remaining=1000)))

    await starts.recommended_shards()
    at = await started(starts, time, 1)

    assert at[0] >= 3600
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "1000 of a day" in told.getMessage()


async def test_starts_are_counted_between_two_questions(time: Time) -> None:
    """Discord is asked again when nothing is left by the bot's own count, not before each start."""
    asked = Asked(GatewayInfo(3, remaining=2), GatewayInfo(3, remaining=5))
    starts = SessionStarts(asked)

    await starts.recommended_shards()
    await started(starts, time, 2)
    assert asked.times == 1
    await started(starts, time, 1)
    assert asked.times == 2


@pytest.mark.parametrize("error", [aiohttp.ClientConnectionError(), OSError("no route"), discord.GatewayNotFound()])
async def test_discord_does_not_answer(time: Time, error: Exception) -> None:
    """A start that Discord has allowed does not wait for its web interface."""
    starts = SessionStarts(Asked(GatewayInfo(1, remaining=9), error))

    await starts.recommended_shards()
    time.now = 7 * 86400.0

    assert await started(starts, time, 1) == {0: time.now}

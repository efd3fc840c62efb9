"""Promises of the pace of new gateway sessions."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import aiohttp
import discord
import pytest

from cogs.core.session_starts import GatewayInfo, SessionStarts
from storage.cluster_models import StartClaim


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


async def test_shards_that_start_together_share_what_is_left(time: Time) -> None:
    """Of shards that may start at the same moment only as many do as there are starts left."""
    asked = Asked(GatewayInfo(8, remaining=3, reset_after=60.0, max_concurrency=8))
    starts = SessionStarts(asked)
    started_at: list[float] = []

    async def start(shard_id: int) -> None:
        async with starts.turn(shard_id):
            await asyncio.sleep(1)  # the connection is made
            if not started_at:
                asked.answers = [GatewayInfo(8, remaining=0, reset_after=60.0, max_concurrency=8), GatewayInfo(8)]
            started_at.append(time.now)
            starts.count(shard_id)

    await starts.recommended_shards()
    await asyncio.gather(*map(start, range(8)))

    assert len([at for at in started_at if at < 60]) == 3
    assert len(started_at) == 8


class Others:
    """What processes share, in memory."""

    def __init__(self) -> None:
        """Know nothing of the starts that are left."""
        self.remaining = 0

    async def claim_start(self, key: int) -> StartClaim:
        """Count one."""
        del key
        if self.remaining <= 0:
            return StartClaim(is_used_up=True)
        self.remaining -= 1
        return StartClaim()

    def end_start(self, key: int, *, started: bool) -> None:
        """Do nothing."""

    async def record_remaining(self, remaining: int) -> bool:
        """Take the number."""
        self.remaining = remaining
        return True


async def test_what_others_have_started_since_discord_was_asked(time: Time) -> None:
    """A process that has its first turn minutes after it asked does not tell the others what was left then."""
    asked, others = Asked(GatewayInfo(2, remaining=30), GatewayInfo(2, remaining=15)), Others()
    starts = SessionStarts(asked, others)

    await starts.recommended_shards()
    time.now += 300.0
    await started(starts, time, 1)
    assert others.remaining == 15 - 10 - 1


async def test_a_start_that_fails_leaves_its_turn_to_others(time: Time) -> None:
    """The last start of the day is not lost because the shard that was to have it could not connect."""
    starts = SessionStarts(Asked(GatewayInfo(2, remaining=1, reset_after=3600.0, max_concurrency=2)))

    async def fail() -> None:
        async with starts.turn(0):
            await asyncio.sleep(1)
            raise OSError

    async def start() -> None:
        async with starts.turn(1):
            starts.count(1)

    await starts.recommended_shards()
    failed, done = await asyncio.gather(fail(), start(), return_exceptions=True)

    assert isinstance(failed, OSError)
    assert done is None
    assert time.now < 60


async def test_sessions_that_end_at_once_all_day(time: Time) -> None:
    """Starts are left at every time of the day, however often each session ends at once."""
    day = 86400.0
    used = 0

    async def ask() -> GatewayInfo:
        return GatewayInfo(2, total=1000, remaining=1000 - used, reset_after=max(day - time.now, 1.0))

    starts = SessionStarts(ask)
    await starts.recommended_shards()
    while time.now < day - 3600:
        for shard_id in range(2):
            async with starts.turn(shard_id):
                starts.count(shard_id)
                used += 1
        assert used < 1000

    assert used > 500


@pytest.mark.parametrize("error", [aiohttp.ClientConnectionError(), OSError("no route"), discord.GatewayNotFound()])
async def test_discord_does_not_answer(time: Time, error: Exception) -> None:
    """A start that Discord has allowed does not wait for its web interface."""
    starts = SessionStarts(Asked(GatewayInfo(1, remaining=9), error))

    await starts.recommended_shards()
    time.now = 7 * 86400.0

    assert await started(starts, time, 1) == {0: time.now}

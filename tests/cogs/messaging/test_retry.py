"""Which errors are retried, and how acknowledgements are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from unittest.mock import Mock

import aiohttp
import discord
import pytest

from cogs.messaging.retry import OUTAGE, acknowledge, with_retries


def refusal(status: int, code: int = 0, headers: dict[str, str] | None = None) -> discord.HTTPException:
    """Return the exception of discord.py for an HTTP response."""
    response = Mock(spec=aiohttp.ClientResponse, status=status, reason="", headers=headers or {})
    return discord.HTTPException(response, {"code": code, "message": ""})


def failing(*errors: Exception) -> tuple[list[int], Callable[[], Awaitable[str]]]:
    """Return a list of attempts, and a call that raises `errors` one after another and then succeeds."""
    tries: list[int] = []

    async def call() -> str:
        tries.append(1)
        if len(tries) <= len(errors):
            raise errors[len(tries) - 1]
        return "done"

    return tries, call


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(104, "reset"),
        aiohttp.ClientPayloadError(),
        TimeoutError(),
        refusal(429),
        refusal(503),
        refusal(500),
    ],
)
async def test_passing_trouble_is_tried_again(error: Exception) -> None:
    """Lost connections, status 429 and server errors are retried."""
    tries, call = failing(error, error)

    assert await with_retries(call, (0.0, 0.0)) == "done"
    assert len(tries) == 3


async def test_trouble_that_stays_is_raised() -> None:
    """After the last attempt the error is raised."""
    tries, call = failing(*[refusal(503)] * 9)

    with pytest.raises(discord.HTTPException):
        await with_retries(call, (0.0, 0.0))
    assert len(tries) == 3


@pytest.mark.parametrize("error", [refusal(400), refusal(403), refusal(404), ValueError("a mistake of ours")])
async def test_what_is_refused_for_good_is_not_tried_again(error: Exception) -> None:
    """Permanent errors of Discord and programming errors are raised at once."""
    tries, call = failing(error)

    with pytest.raises(type(error)):
        await with_retries(call, (0.0,))
    assert len(tries) == 1


async def test_the_edge_says_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry-After is respected if it is longer than the delay, up to a minute."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    headers = [{"Retry-After": "7"}, {"Retry-After": "soon"}, {"Retry-After": "9999"}]
    _, call = failing(*[refusal(429, headers=header) for header in headers])

    await with_retries(call, (0.5, 0.5, 0.5))

    assert slept == [7.0, 0.5, 60.0]


@pytest.mark.parametrize("status", [400, 409])
async def test_lost_acknowledgement(status: int) -> None:
    """An interaction that was acknowledged already counts as success."""
    _, call = failing(aiohttp.ServerDisconnectedError(), refusal(status, 40060))

    await acknowledge(call)


async def test_expired_interaction() -> None:
    """Other errors of an acknowledgement are raised."""
    _, call = failing(refusal(404, 10062))

    with pytest.raises(discord.HTTPException):
        await acknowledge(call)


async def test_an_answer_waits_for_the_end_of_an_hour_without_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of at most half a minute each add up to about an hour between the first try and the last."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    tries, call = failing(*[refusal(503)] * len(OUTAGE))

    assert await with_retries(call, OUTAGE) == "done"
    assert len(tries) == len(OUTAGE) + 1
    assert sum(slept) > 3000
    assert max(slept) <= 30


async def test_waiting_answers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of answers that wait for the end of an outage, further ones give up after the first retries."""
    monkeypatch.setattr("cogs.messaging.retry._MOST_WAITING", 2)
    pause = asyncio.sleep

    async def sleep(seconds: float) -> None:
        await (asyncio.Event().wait() if seconds > 1 else pause(0))

    monkeypatch.setattr("asyncio.sleep", sleep)
    delays = (0.0, 0.0, 0.0, 0.0, 30.0)

    async def down() -> None:
        raise refusal(503)

    waiting = [asyncio.ensure_future(with_retries(down, delays)) for _ in range(3)]
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)

    assert (len(done), len(pending)) == (1, 2)
    for task in pending:
        task.cancel()
    await asyncio.wait(waiting)
    assert isinstance(done.pop().exception(), discord.HTTPException)

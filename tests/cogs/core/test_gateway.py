"""Promises of the connection to Discord: it survives outages, and is never a storm."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import Mock

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from cogs.core.backoff import Backoff
from cogs.core.gateway import SteadyClient
from i18n import texts


def response(status: int, headers: dict[str, str] | None = None) -> Mock:
    """Return an HTTP response."""
    return Mock(spec=aiohttp.ClientResponse, status=status, reason="", headers=headers or {})


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds slept; none of them pass."""
    seconds: list[float] = []
    pause = asyncio.sleep

    async def sleep(length: float) -> None:
        seconds.append(length)
        await pause(0)

    monkeypatch.setattr("cogs.core.gateway.asyncio.sleep", sleep)
    return seconds


def test_the_first_attempts_follow_at_once_and_later_ones_ever_later() -> None:
    """Three attempts have no pause; pauses grow to a minute at most."""
    backoff = Backoff()

    pauses = [backoff.pause() for _ in range(12)]

    assert pauses[:3] == [0.0] * 3
    assert all(0.5 <= one <= 60 for one in pauses[3:])
    assert pauses[-1] >= 30


async def test_login_waits_for_the_network(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    """Lost connections, server errors and rate limits of the edge are tried again; a refusal is raised."""
    failures: list[Exception] = [
        aiohttp.ClientConnectionError(),
        OSError("no route to host"),
        discord.DiscordServerError(response(503), "down"),
        discord.HTTPException(response(429, {"Retry-After": "17"}), "slow down"),
        discord.LoginFailure(),
    ]

    async def login(self: discord.Client, token: str) -> None:
        raise failures.pop(0)

    monkeypatch.setattr(discord.Client, "login", login)
    client = SteadyClient(intents=discord.Intents.none())

    with pytest.raises(discord.LoginFailure):
        await client.login("token")
    assert failures == []
    assert slept[3] >= 17


async def test_cloudflare_is_obeyed(
    monkeypatch: pytest.MonkeyPatch, slept: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """Its refusal of an address is one sentence in the log, not its page; an hour is waited if it asks for that."""
    page = "<!doctype html>\n<title>Access denied</title>"
    failures: list[Exception] = [
        discord.HTTPException(response(429, {"Retry-After": "1800"}), page),
        discord.HTTPException(response(429, {"Retry-After": "86400"}), page),
        discord.LoginFailure(),
    ]

    async def login(self: discord.Client, token: str) -> None:
        raise failures.pop(0)

    monkeypatch.setattr(discord.Client, "login", login)
    with pytest.raises(discord.LoginFailure):
        await SteadyClient(intents=discord.Intents.none()).login("token")

    assert slept == [1800, 3600]
    messages = [record.getMessage() for record in caplog.records if record.name == "cogs.core.gateway"]
    assert len(messages) == 2
    assert all(texts.TOO_MANY_LOGINS in one and "\n" not in one and "html" not in one for one in messages)


async def test_a_gateway_that_closes_every_connection_is_not_stormed(
    monkeypatch: pytest.MonkeyPatch, slept: list[float]
) -> None:
    """Also if the first connection fails, and if Discord asks to reconnect at once, pauses grow."""
    client = SteadyClient(intents=discord.Intents.none())
    failures: list[BaseException] = [OSError("refused"), *(ReconnectWebSocket(None) for _ in range(12))]
    given: list[dict[str, Any]] = []

    async def from_client(_: discord.Client, **session: Any) -> DiscordWebSocket:
        given.append(session)
        if len(failures) == 1:
            await client.close()
        raise failures.pop(0)

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    await client.connect()

    assert len(given) == 13
    assert given[1]["initial"]
    assert sum(slept) > 60


async def test_refusals_of_the_gateway_are_raised(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    """A bad token and refused intents end the client."""
    refusals = {
        4004: discord.ConnectionClosed,
        4011: discord.ConnectionClosed,
        4014: discord.PrivilegedIntentsRequired,
    }
    for code, kind in refusals.items():
        client = SteadyClient(intents=discord.Intents.none())
        closed = discord.ConnectionClosed(Mock(close_code=code), shard_id=None, code=code)

        async def from_client(_: discord.Client, error: Exception = closed, **__: Any) -> DiscordWebSocket:
            raise error

        monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
        with pytest.raises(kind):
            await client.connect()
        assert client.is_closed()
    assert slept == []

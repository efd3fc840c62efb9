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
from cogs.core.shards import Shards
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

    monkeypatch.setattr("cogs.core.backoff.asyncio.sleep", sleep)
    return seconds


def closed(code: int) -> discord.ConnectionClosed:
    """Return what discord.py raises when the gateway closes with `code`."""
    return discord.ConnectionClosed(Mock(close_code=code), shard_id=0, code=code)


class Gateway:
    """What Discord answers to `GET /gateway/bot`; the failures first."""

    def __init__(self, *, shards: int, max_concurrency: int = 1) -> None:
        """Recommend a number of shards."""
        self.shards = shards
        self.max_concurrency = max_concurrency
        self.failures: list[discord.HTTPException] = []

    async def __call__(self) -> tuple[int, str, dict[str, int]]:
        """Answer as `HTTPClient.get_bot_gateway` does."""
        if self.failures:
            raise discord.GatewayNotFound from self.failures.pop(0)
        limit = {"total": 1000, "remaining": 900, "reset_after": 0, "max_concurrency": self.max_concurrency}
        return self.shards, "wss://gateway.invalid", limit


class Socket:
    """An open connection whose session is there; it raises what it is given, or stays silent until it is closed."""

    def __init__(self, shard_id: int, *errors: Exception) -> None:
        """Take what `poll_event` raises."""
        self.session_id: str | None = f"session {shard_id}"
        self.sequence, self.gateway = 7, f"gateway {shard_id}"
        self.open = True
        self.closed_with: list[int] = []
        self._errors = list(errors)
        self._closed = asyncio.Event()

    async def poll_event(self) -> None:
        """Raise."""
        if not self._errors:
            await self._closed.wait()
            self._errors.append(ReconnectWebSocket(None))
        raise self._errors.pop(0)

    async def close(self, code: int) -> None:
        """End the waiting."""
        self.closed_with.append(code)
        self.open = False
        self._closed.set()


async def client_of(gateway: Gateway, shards: Shards | None = None) -> SteadyClient:
    """Return a client that is logged in."""
    client = SteadyClient(intents=discord.Intents.none(), shards=shards)
    await client._async_setup_hook()
    client.http.get_bot_gateway = gateway  # type: ignore[method-assign, assignment]
    return client


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
    messages = [record.getMessage() for record in caplog.records if record.name == "cogs.core.backoff"]
    assert len(messages) == 2
    assert all(texts.TOO_MANY_LOGINS in one and "\n" not in one and "html" not in one for one in messages)


async def test_a_gateway_that_closes_every_connection_is_not_stormed(
    monkeypatch: pytest.MonkeyPatch, slept: list[float]
) -> None:
    """Also if the first connection fails, and if Discord asks to reconnect at once, pauses grow."""
    client = await client_of(Gateway(shards=1))
    failures: list[BaseException] = [OSError("refused"), *(ReconnectWebSocket(None) for _ in range(12))]
    given: list[dict[str, Any]] = []

    async def from_client(_: discord.Client, **session: Any) -> DiscordWebSocket:
        given.append(session)
        if len(failures) == 1:
            await client.close()
        raise failures.pop(0)

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    await client.connect()

    assert given == [{"shard_id": 0}] * 13
    assert sum(slept) > 60


async def test_refusals_of_the_gateway_are_raised(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    """A bad token and refused intents end the client, whichever shard is told."""
    refusals = {4004: discord.ConnectionClosed, 4013: discord.ConnectionClosed, 4014: discord.PrivilegedIntentsRequired}
    for code, kind in refusals.items():
        client = await client_of(Gateway(shards=2, max_concurrency=2))

        async def from_client(_: discord.Client, shard_id: int, code: int = code, **__: Any) -> DiscordWebSocket:
            if shard_id == 0:
                await asyncio.Event().wait()
            raise closed(code)

        monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
        with pytest.raises(kind):
            await client.connect()
        assert client.is_closed()
    assert not any(slept)


@pytest.mark.parametrize("code", [4010, 4011])
async def test_another_number_of_shards(
    monkeypatch: pytest.MonkeyPatch, slept: list[float], caplog: pytest.LogCaptureFixture, code: int
) -> None:
    """If Discord requires other shards, one sentence says so and the bot connects with as many as it recommends now."""
    gateway = Gateway(shards=1)
    client = await client_of(gateway)
    connected: list[tuple[int, int | None]] = []

    async def from_client(_: discord.Client, shard_id: int, **__: Any) -> Socket:
        connected.append((shard_id, client.shard_count))
        if client.shard_count == 1:
            gateway.shards = 3
            raise closed(code)
        if len(connected) == 4:
            await client.close()
        return Socket(shard_id)

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    await client.connect()

    assert connected == [(0, 1), (0, 3), (1, 3), (2, 3)]
    assert client.own_shards == Shards.all_of(3)
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING" and "cogs" in record.name]
    assert warning.getMessage() == texts.OTHER_SHARDS_REQUIRED.format(count=1, code=code)


async def test_given_shards_that_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was given its shards ends if Discord requires others; it runs no others by itself."""
    client = await client_of(Gateway(shards=5), Shards(4, (1, 3)))
    connected = []

    async def from_client(_: discord.Client, shard_id: int, **__: Any) -> DiscordWebSocket:
        connected.append(shard_id)
        raise closed(4011)

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    with pytest.raises(discord.ConnectionClosed):
        await client.connect()

    assert client.own_shards == Shards(4, (1, 3))
    assert set(connected) <= {1, 3}


async def test_an_unexpected_error_of_one_shard(
    monkeypatch: pytest.MonkeyPatch, slept: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """An event that cannot be read makes its shard begin a new session; the other shard notices nothing."""
    client = await client_of(Gateway(shards=2, max_concurrency=2))
    odd = Socket(0, KeyError("odd"))
    sockets = {0: [odd], 1: [Socket(1)]}
    begun: list[tuple[int, dict[str, Any]]] = []

    async def from_client(_: discord.Client, shard_id: int, **session: Any) -> Socket:
        begun.append((shard_id, session))
        if not sockets[shard_id]:
            await client.close()
            raise ReconnectWebSocket(shard_id)
        return sockets[shard_id].pop()

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    await client.connect()

    assert sorted(begun, key=lambda one: one[0]) == [(0, {}), (0, {}), (1, {})]
    assert "KeyError" in caplog.text
    assert odd.closed_with == [1000]


async def test_a_lost_connection_is_resumed(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    """Each shard resumes its own session, without waiting for the turn of those that start one."""
    client = await client_of(Gateway(shards=2, max_concurrency=2))
    lost = [ReconnectWebSocket(1)]
    begun: list[tuple[int, dict[str, Any]]] = []

    async def from_client(_: discord.Client, shard_id: int, **session: Any) -> Socket:
        begun.append((shard_id, session))
        if session:
            await client.close()
            raise ReconnectWebSocket(shard_id)
        return Socket(shard_id, *(lost if shard_id else ()))

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    await client.connect()

    resumed = {"resume": True, "session": "session 1", "sequence": 7, "gateway": "gateway 1"}
    assert sorted(begun, key=lambda one: (one[0], len(one[1]))) == [(0, {}), (1, {}), (1, resumed)]


async def test_the_gateway_of_a_session_is_gone(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    """If the address that Discord gave for a session cannot be reached, the session is resumed at the usual one."""
    client = await client_of(Gateway(shards=1))
    sockets = [Socket(0, ReconnectWebSocket(0))]
    tried: list[str | None] = []

    async def from_client(_: discord.Client, shard_id: int, **session: Any) -> Socket:
        if not session:
            return sockets.pop()
        assert session["session"] == f"session {shard_id}"
        tried.append(session.get("gateway"))
        if len(tried) == 3:
            await client.close()
        raise aiohttp.ClientConnectionError

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    await client.connect()

    assert tried == ["gateway 0", None, "gateway 0"]


async def test_a_gateway_that_sends_no_servers(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    """If no READY follows, the connection is given up and another one is tried."""
    monkeypatch.setattr("cogs.core.shard_connection._READY_SECONDS", 0.01)
    client = await client_of(Gateway(shards=1))
    silent = Socket(0)
    silent.session_id = None
    sockets = [silent]

    async def from_client(_: discord.Client, shard_id: int, **session: Any) -> Socket:
        assert session == {}
        if not sockets:
            await client.close()
            raise ReconnectWebSocket(shard_id)
        return sockets.pop()

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    await client.connect()

    assert silent.closed_with == [1000]


async def test_a_gateway_that_does_not_answer_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing the client does not wait for it."""
    monkeypatch.setattr("cogs.core.shard_connection._CLOSE_SECONDS", 0.01)
    client = await client_of(Gateway(shards=2, max_concurrency=2))
    connected: list[Socket] = []
    all_connected = asyncio.Event()

    async def close(code: int) -> None:
        assert code == 1000
        await asyncio.Event().wait()

    async def from_client(_: discord.Client, shard_id: int, **__: Any) -> Socket:
        connected.append(Socket(shard_id))
        monkeypatch.setattr(connected[-1], "close", close)
        if len(connected) == 2:
            all_connected.set()
        return connected[-1]

    monkeypatch.setattr(DiscordWebSocket, "from_client", from_client)
    running = asyncio.create_task(client.connect())
    await all_connected.wait()
    await asyncio.sleep(0.01)
    assert len(client.shards) == 2
    await client.close()
    running.cancel()

    assert client.is_closed()


async def test_discord_does_not_say_how_many_shards(slept: list[float]) -> None:
    """During an outage it is asked again; a token that is refused meanwhile is an error."""
    gateway = Gateway(shards=1)
    gateway.failures = [discord.DiscordServerError(response(503), "down"), discord.HTTPException(response(401), "no")]

    with pytest.raises(discord.HTTPException) as refused:
        await (await client_of(gateway)).connect()

    assert refused.value.status == 401
    assert len(slept) == 1

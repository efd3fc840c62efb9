"""Promises of clients whose shards come and go, on real leases; the sockets are fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
import simcord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from cogs.bot import VerbatimBot
from cogs.core.cluster import Cluster
from cogs.core.command_ids import CommandIds
from cogs.core.command_sync import learn_ids
from cogs.core.gateway import SteadyClient
from cogs.core.gateway_socket import GatewaySocket
from cogs.core.session_starts import GatewayInfo, SessionStarts
from cogs.core.shard_leases import LeasedShards
from cogs.core.shards import Shards
from cogs.services import Resources
from index.catalog.postgres.engine import open_postgres
from storage.cluster_models import StartClaim
from storage.shard_leases import ShardLeases
from tests.cluster_world import APPLICATION
from tests.cogs.core.test_gateway import Gateway, Socket, client_of

if TYPE_CHECKING:
    from tests.postgres_server import PostgresDatabase


async def until(holds: Callable[[], object]) -> None:
    """Wait for what other tasks do."""
    for _ in range(6000):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("this does not happen")


class Alone:
    """A cluster of one process."""

    process = "one"

    async def living(self) -> set[str]:
        """Return it."""
        return {"one"}

    async def synced_commands(self) -> str:
        """Return nothing."""
        return ""

    async def set_synced_commands(self, synced: str) -> None:
        """Do nothing."""


class Permit:
    """A permit that a test gives and takes."""

    def __init__(self, *held: int) -> None:
        """Hold these shards."""
        self.cluster = Alone()
        self.shards = set(held)
        self.given = asyncio.Event()

    @property
    def held(self) -> tuple[int, ...]:
        """The shards."""
        return tuple(sorted(self.shards))

    def holds(self, shard_id: int) -> bool:
        """Whether it is one of them."""
        return shard_id in self.shards

    async def until_held(self, shard_id: int) -> None:
        """Wait until a test gives the shard."""
        while not self.holds(shard_id):
            self.given.clear()
            await self.given.wait()

    async def leave(self) -> None:
        """Do nothing."""


class TestWithSimulatedDiscord:
    """A client with two shards and a server on each."""

    pytestmark = pytest.mark.simcord(shard_count=2)

    @pytest.fixture
    def permit(self) -> Permit:
        """Return the permit of the bot, for both shards."""
        return Permit(0, 1)

    @pytest.fixture
    def simcord_bot(self, resources: Resources, permit: Permit) -> VerbatimBot:
        """Return a bot that runs what it is permitted."""
        return VerbatimBot(resources, Shards.all_of(2), permit)  # type: ignore[arg-type]

    async def test_a_shard_is_lost(
        self, simcord_env: simcord.Env, simcord_bot: VerbatimBot, permit: Permit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its servers are not known any more, but nothing says that they have removed the bot: their data stays."""
        servers = [simcord_env.create_guild(shard_id=shard) for shard in range(2)]
        await simcord_env.settle()
        events: list[tuple[str, tuple[object, ...]]] = []
        monkeypatch.setattr(simcord_bot, "dispatch", lambda event, *values: events.append((event, values)))
        assert [simcord_bot.holds(one.id) for one in servers] == [True, True]
        assert simcord_bot.leads

        permit.shards.remove(1)
        with simcord_bot.in_flight.answering():
            await simcord_bot.remove_shard(1)
            await asyncio.sleep(0)
            assert {guild.id for guild in simcord_bot.guilds} == {one.id for one in servers}
        await until(lambda: len(simcord_bot.guilds) == 1)
        assert simcord_bot.guilds[0].id == servers[0].id
        assert events == [("shard_lost", (1,))]
        assert [simcord_bot.holds(one.id) for one in servers] == [True, False]
        assert simcord_bot.is_connected
        assert not simcord_bot.knows_whether_in(servers[1].id)

    async def test_ready_without_a_shard_that_was_handed_over(
        self, simcord_env: simcord.Env, simcord_bot: VerbatimBot
    ) -> None:
        """A client that waited only for that shard is ready."""
        state, ready = simcord_bot._connection, {"id": str(simcord_bot.user.id), "username": "bot"}
        user = {**ready, "discriminator": "0", "avatar": None}
        state.begin(simcord_bot.own_shards)
        simcord_bot._ready.clear()

        state.parse_ready({"user": user, "shard": [0, 2], "guilds": []})  # type: ignore[typeddict-item]
        state.remove_shard(1)
        await until(simcord_bot.is_ready)
        state.add_shard(1)
        assert state.shard_ids == [0, 1]
        assert simcord_env.bot is simcord_bot


async def test_events_wait_for_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process finds in its socket when it wakes is handled once its lease is certain, and else never."""
    handled: list[object] = []

    async def received_message(_: DiscordWebSocket, message: object) -> None:
        handled.append(message)

    monkeypatch.setattr(DiscordWebSocket, "received_message", received_message)
    permit = Permit()
    socket = GatewaySocket(SimpleNamespace(), loop=asyncio.get_running_loop())  # type: ignore[arg-type]
    socket._connection, socket.shard_id = SimpleNamespace(permit=permit), 3  # type: ignore[assignment]
    waiting = asyncio.create_task(socket.received_message("old"))
    await asyncio.sleep(0)
    assert handled == []

    permit.shards.add(3)
    permit.given.set()
    await waiting
    await socket.received_message("new")
    assert handled == ["old", "new"]


async def test_a_shard_comes_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A running client connects one more shard and disconnects it; suspended, it resumes the session later."""
    permit = Permit(0)
    client = await client_of(Gateway(shards=2, max_concurrency=2), Shards(2, (0,)))
    client._connection.permit = permit
    sockets: dict[int, list[Socket]] = {0: [], 1: []}
    given: list[tuple[int, dict[str, Any]]] = []

    async def from_client(_: discord.Client, shard_id: int, **session: Any) -> Socket:
        given.append((shard_id, session))
        sockets[shard_id].append(Socket(shard_id))
        return sockets[shard_id][-1]

    monkeypatch.setattr(GatewaySocket, "from_client", from_client)
    running = asyncio.create_task(client.connect())
    await until(lambda: list(client.shards) == [0])
    permit.shards.add(1)
    client.add_shard(1)
    await until(lambda: sorted(client.shards) == [0, 1])
    await client.remove_shard(1)
    assert list(client.shards) == [0]
    assert sockets[1][0].closed_with == [1000]

    permit.shards.clear()
    await client.suspend_shards()
    assert sockets[0][0].closed_with == [4000]
    await asyncio.sleep(0.05)
    assert len(given) == 2
    permit.shards.add(0)
    permit.given.set()
    await until(lambda: len(given) == 3)
    assert given[-1][1]["session"] == "session 0"
    await client.close()
    await running


async def test_a_shard_is_taken_away_while_it_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The half-open connection, which may have a session already, is closed."""
    client = await client_of(Gateway(shards=1), Shards(1, (0,)))
    half_open = Socket(0)

    async def from_client(of: SteadyClient, shard_id: int, **_: Any) -> Socket:
        of._connection.opened[shard_id] = half_open  # type: ignore[assignment] # as discord.py does
        await asyncio.Event().wait()
        return half_open

    monkeypatch.setattr(GatewaySocket, "from_client", from_client)
    running = asyncio.create_task(client.connect())
    await until(lambda: client._connection.opened)
    await client.remove_shard(0)
    assert half_open.closed_with == [1000]
    await client.close()
    await running


class LiveShards:
    """A gateway that knows which client has a session of each shard, and whether two ever had."""

    def __init__(self) -> None:
        """Have no session."""
        self.of: dict[int, discord.Client] = {}
        self.doubled: list[int] = []
        self.refuse: set[int] = set()  # numbers of shards

    async def __call__(self, client: SteadyClient, shard_id: int, **_: Any) -> Socket:
        """Begin or resume a session."""
        await asyncio.sleep(0)
        if client.shard_count in self.refuse:
            raise discord.ConnectionClosed(SimpleNamespace(close_code=4011), shard_id=shard_id, code=4011)  # type: ignore[arg-type]
        if shard_id in self.of:
            self.doubled.append(shard_id)
        self.of[shard_id] = client
        socket = Socket(shard_id)
        close = socket.close

        async def closed(code: int) -> None:
            if self.of.get(shard_id) is client:
                del self.of[shard_id]
            await close(code)

        socket.close = closed  # type: ignore[method-assign]
        return socket

    def shards_of(self, client: discord.Client) -> list[int]:
        """Return the shards of a client that have a session."""
        return sorted(shard for shard, of in self.of.items() if of is client)


@pytest.fixture
async def leased_client(postgres: PostgresDatabase) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that starts a client with leases of a second; what it started is closed after the test."""
    tasks: list[tuple[SteadyClient, asyncio.Task[None]]] = []

    async def started(gateway: Gateway) -> SteadyClient:
        engine = open_postgres(postgres.bot_url, pool_size=1).execution_options(schema="bot")
        leases = LeasedShards(Cluster(ShardLeases(engine, f"process {len(tasks)}", seconds=2.0)))
        client = SteadyClient(intents=discord.Intents.none(), leases=leases, application_id=APPLICATION)
        await client._async_setup_hook()
        client.http.get_bot_gateway = gateway  # type: ignore[method-assign, assignment]
        tasks.append((client, asyncio.create_task(client.connect())))
        return client

    yield started
    for client, task in tasks:
        await client.close()
        await asyncio.gather(task, return_exceptions=True)


async def test_clients_share_the_shards(leased_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """They come to an even number, also when one ends, and when Discord asks for another number of shards."""
    live, gateway = LiveShards(), Gateway(shards=3, max_concurrency=16)
    monkeypatch.setattr(GatewaySocket, "from_client", live)
    monkeypatch.setattr("cogs.core.backoff.random.uniform", lambda *_: 0.0)
    one = await leased_client(gateway)
    await until(lambda: live.shards_of(one) == [0, 1, 2])
    other = await leased_client(gateway)
    await until(lambda: sorted(map(len, (live.shards_of(one), live.shards_of(other)))) == [1, 2])
    assert (one.leads, other.leads) == (True, False)
    assert await other.living() == {"process 0", "process 1"}

    gateway.shards, live.refuse = 4, {3}
    await one.shards[0]._parent.ws.close(4011)
    await until(lambda: [len(live.shards_of(client)) for client in (one, other)] == [2, 2])
    assert {one.shard_count, other.shard_count} == {4}
    await one.hand_over_shards()
    await until(lambda: live.shards_of(other) == [0, 1, 2, 3])
    await one.close()
    assert await other.living() == {"process 1"}
    assert live.doubled == []


class Turns:
    """The turns of all processes, as another one has left them."""

    def __init__(self, *claims: StartClaim) -> None:
        """Answer with these claims."""
        self.claims = list(claims)
        self.done: list[object] = []

    async def claim_start(self, key: int) -> StartClaim:
        """Return the next claim."""
        self.done.append(f"claim {key}")
        return self.claims.pop(0)

    def end_start(self, key: int, *, started: bool) -> None:
        """Note it."""
        self.done.append(f"end {key} {started}")

    async def record_remaining(self, remaining: int) -> bool:
        """Note it."""
        self.done.append(remaining)
        return True


async def test_sessions_start_in_turn_with_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process waits for others, tells what Discord says is left, and asks Discord again when all is used up."""
    monkeypatch.setattr("cogs.core.session_starts.asyncio.sleep", lambda _: _at_once())
    turns = Turns(StartClaim(wait=4.0), StartClaim(is_used_up=True), StartClaim(), StartClaim())

    async def ask() -> GatewayInfo:
        return GatewayInfo(2, remaining=110, max_concurrency=2)

    starts = SessionStarts(ask, turns)
    await starts.recommended_shards()
    async with starts.turn(1):
        starts.count(1)
    with pytest.raises(ReconnectWebSocket):
        async with starts.turn(0):
            raise ReconnectWebSocket(0)

    expected: list[object] = [100, "claim 1", "claim 1", 100, "claim 1", "end 1 True", "claim 0", "end 0 False"]
    assert turns.done == expected


async def _at_once() -> None:
    """Let no time pass."""


async def test_ids_of_commands_that_another_process_has_synced() -> None:
    """A process that does not lead learns them once they are stored."""
    stored, ids = [""], CommandIds()
    record = SimpleNamespace(synced_commands=lambda: _value(stored[0]))
    assert not await learn_ids(record, 7, ids)  # type: ignore[arg-type]

    stored[0] = '{"7": {"sent": "a", "listed": "b", "ids": {"ask": 5}}}'
    assert await learn_ids(record, 7, ids)  # type: ignore[arg-type]
    assert ids.get("ask") == 5


async def _value(value: str) -> str:
    return value

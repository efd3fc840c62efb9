"""`/metrics` and `/healthz` over HTTP, with the real server beside a bot on the simulated Discord."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import aiohttp
import pytest
import simcord
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from cogs.bot import VerbatimBot, run_bot
from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from cogs.monitoring import collector
from cogs.monitoring import heartbeat as heartbeats
from cogs.monitoring.server import monitoring
from cogs.services import Resources
from index.libraries.registry import Libraries
from index.models import Draft
from index.sources.loader import drafts
from index.sqlite_errors import UnreachableError
from settings import Settings
from tests.acceptance.conftest import free_port
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

Get = Callable[[str], Awaitable[tuple[int, str]]]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from discord.db often."""
    monkeypatch.setattr(heartbeats, "_DATABASE_INTERVAL", 0.01)


@pytest.fixture
def port() -> int:
    """Return a port that is free."""
    return free_port()


@pytest.fixture
def served(resources: Resources, port: int) -> Resources:
    """Return resources whose settings name the port."""
    return replace(resources, settings=resources.settings.model_copy(update={"metrics_port": port}))


@pytest.fixture
async def get(simcord_env: simcord.Env, served: Resources, port: int) -> AsyncIterator[Get]:
    """Return a function that returns status and text of a path, while the server runs."""
    async with monitoring(simcord_env.bot, served), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

        async def fetch(path: str) -> tuple[int, str]:
            async with session.get(path) as response:
                return response.status, await response.text()

        yield fetch


async def samples(get: Get) -> dict[tuple[str, ...], float]:
    """Return the exported values by name and label values, these in the order of the labels' names."""
    status, text = await get("/metrics")
    assert status == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def answered(get: Get, status: int) -> str:
    """Ask `/healthz` until it answers with `status`; return the text."""
    while True:
        found, text = await get("/healthz")
        if found == status:
            return text
        await asyncio.sleep(0.01)


async def test_questions_are_counted(
    get: Get, channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """Each question counts once with its outcome, and its stages are timed; no text, name or id is exported."""
    before = await samples(get)
    for word in ("answer", "closest", "unknown", "refuse", "crash"):
        await alice.slash(channel, "ask", question=f"{word} Zanzibar")
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who? Zanzibar")
    after = await samples(get)

    def grown(*key: str) -> float:
        return after[key] - before[key]

    outcomes = {name: grown("verbatim_questions_total", name) for name in ("answer", "closest", "not_covered", "error")}
    assert outcomes == {"answer": 2, "closest": 1, "not_covered": 1, "error": 2}
    assert grown("verbatim_question_seconds_count") == 4
    for stage in ("wait", "check", "render"):
        assert grown("verbatim_stage_seconds_count", stage) >= 4
    assert grown("verbatim_stage_seconds_count", "store") == grown("verbatim_stage_seconds_count", "send") == 4
    assert grown("verbatim_log_records_total", "error") == 1
    _, text = await get("/metrics")
    for secret in ("Zanzibar", "alice", channel.name, str(alice.id), str(simcord_env.guild.id), str(channel.id)):
        assert secret not in text


async def test_refused_and_silent_questions(
    get: Get, channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """A question in a paused server counts as refused."""
    before = await samples(get)
    await store.change_settings(simcord_env.guild.id, lambda settings: replace(settings, paused=True))
    await alice.slash(channel, "ask", question="Who?")
    after = await samples(get)

    key = "verbatim_questions_total", "refused"
    assert after[key] - before[key] == 1


async def test_state_is_read_when_asked(
    get: Get, channel: simcord.ChannelHandle, worker: Worker, served: Resources, simcord_env: simcord.Env
) -> None:
    """Gateway, servers, queues, libraries and disk are exported as they are at that moment."""
    await answered(get, 200)
    gate = threading.Event()
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(worker.run(lambda: (loop.call_soon_threadsafe(begun.set), gate.wait())))
    await begun.wait()
    waiting = asyncio.create_task(worker.run(lambda: None, size=1000))
    await asyncio.sleep(0)
    found = await samples(get)
    gate.set()
    await asyncio.gather(running, waiting)

    assert found["verbatim_gateway_connected", "0"] == found["verbatim_gateway_shards",] == 1
    assert found["verbatim_gateway_latency_seconds", "0"] == 0
    assert found["verbatim_guilds",] == 1
    assert found["verbatim_queue_jobs", "answer", "worker"] == found["verbatim_running_jobs", "worker"] == 1
    assert found["verbatim_queue_bytes", "worker"] == 1000
    assert found["verbatim_longest_step_seconds", "worker"] > 0
    assert ("verbatim_queue_jobs", "answer", "store") in found  # jobs of the background may be in it
    assert found["verbatim_data_free_bytes",] > 0
    assert found["verbatim_database_bytes",] > 0
    assert found["process_resident_memory_bytes",] > 0
    assert [found["verbatim_healthy", check] for check in heartbeats.CHECKS] == [1, 1, 1, 1, 1]


async def test_a_disk_that_does_not_answer(
    get: Get, channel: simcord.ChannelHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds up neither the event loop nor the other metrics; its last values stay."""
    before = await samples(get)
    gate = threading.Event()
    monkeypatch.setattr(collector, "_DISK_SECONDS", 0.01)

    def hang(_: object) -> None:
        gate.wait()
        raise OSError

    monkeypatch.setattr("shutil.disk_usage", hang)
    found = await samples(get)
    gate.set()

    assert found["verbatim_guilds",] == 1
    assert found["verbatim_data_free_bytes",] == before["verbatim_data_free_bytes",]


async def test_articles_are_counted(
    simcord_env: simcord.Env, served: Resources, libraries: Libraries, worker: Worker, port: int
) -> None:
    """Articles and passages of all libraries are counted in the background."""
    path = served.settings.data_dir / "ferry.txt"
    path.write_text("The ferry leaves at seven.", encoding="utf-8")
    (draft,) = drafts(str(path))
    assert isinstance(draft, Draft)
    await worker.run(lambda: libraries.open("shared").add(draft))
    async with monitoring(simcord_env.bot, served), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        while True:
            async with session.get("/metrics") as response:
                text = await response.text()
            if "\nverbatim_libraries 1.0\n" in text:
                break
            await asyncio.sleep(0.01)

    assert "\nverbatim_articles 1.0\n" in text
    assert "\nverbatim_passages 1.0\n" in text
    assert "\nverbatim_open_libraries 1.0\n" in text


async def test_healthy(get: Get) -> None:
    """While all parts answer, the status is 200."""
    assert await answered(get, 200) == "ok\n"


async def test_disconnected(get: Get, simcord_env: simcord.Env, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a gateway connection the status is 503 with the reason, and the metric is 0."""
    await answered(get, 200)
    monkeypatch.setattr(type(simcord_env.bot), "disconnected_shards", [0])

    assert await answered(get, 503) == "The gateway of Discord is not connected.\n"
    found = await samples(get)
    assert found["verbatim_healthy", "gateway"] == found["verbatim_gateway_connected", "0"] == 0


async def test_worker_that_hangs(get: Get, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that does not end makes the bot unhealthy, until it ends."""
    monkeypatch.setattr(heartbeats, "_LONGEST_STEP", 0.05)
    gate = threading.Event()
    running = asyncio.create_task(worker.run(gate.wait))

    assert (await answered(get, 503)).startswith("The worker thread is in one step for ")
    assert await get("/livez") == (200, "ok\n")
    monkeypatch.setattr(heartbeats, "_HANG", 0.05)
    status, text = await get("/livez")
    assert (status, text.partition(":")[0]) == (503, "The worker thread hangs")
    gate.set()
    await running
    await answered(get, 200)


async def test_database_that_fails(get: Get, store: AsyncStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """If discord.db cannot be read the reason says so, without what SQLite says, which may quote data.

    A restart would not help.
    """

    def fail() -> None:
        raise OperationalError("SELECT secret", {}, Exception("secret"))

    monkeypatch.setattr(store.database, "require_readable", fail)

    assert await answered(get, 503) == "discord.db cannot be read (OperationalError).\n"
    assert await get("/livez") == (200, "ok\n")
    assert (await samples(get))["verbatim_database_read_seconds",] >= 0


async def test_indexes_that_do_not_answer(
    simcord_env: simcord.Env, served: Resources, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Milvus does not answer the bot is not well, since it answers no question, and then it is again."""
    answers = iter([UnreachableError("secret"), None])
    monkeypatch.setattr(heartbeats, "_INDEXES_INTERVAL", 0.05)
    gate = threading.Event()

    def ping() -> None:
        failure = next(answers, None)
        if failure is not None:
            raise failure
        gate.wait()

    with_server = replace(served, ping_indexes=ping)
    async with monitoring(simcord_env.bot, with_server), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

        async def get(path: str) -> tuple[int, str]:
            async with session.get(path) as response:
                return response.status, await response.text()

        assert await answered(get, 503) == "Milvus does not answer (UnreachableError).\n"
        gate.set()
        await answered(get, 200)


async def test_other_paths_and_methods(get: Get, port: int) -> None:
    """Nothing else is served, and nothing can be sent."""
    assert (await get("/"))[0] == 404
    async with aiohttp.ClientSession() as session, session.post(f"http://127.0.0.1:{port}/metrics") as response:
        assert response.status == 405


async def test_other_machines_cannot_read(get: Get, port: int) -> None:
    """By default the server listens on the loopback address alone."""
    assert Settings.model_fields["metrics_host"].default == "127.0.0.1"
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))  # would be refused if the server listened on all addresses


async def test_port_in_use(
    simcord_env: simcord.Env, served: Resources, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """If another program uses the port, the log says so and the bot goes on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        async with monitoring(simcord_env.bot, served):
            assert f"127.0.0.1 port {port}" in caplog.text
    assert "METRICS_PORT" in caplog.text


async def test_a_host_that_cannot_be(
    simcord_env: simcord.Env, served: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    """A METRICS_HOST that is no host name is logged as well, and the bot goes on."""
    wrong = replace(served, settings=served.settings.model_copy(update={"metrics_host": "x" * 64 + ".example"}))
    async with monitoring(simcord_env.bot, wrong):
        assert "cannot be served" in caplog.text


async def test_switched_off(simcord_env: simcord.Env, served: Resources, port: int) -> None:
    """With port 0 nothing listens."""
    off = replace(served, settings=served.settings.model_copy(update={"metrics_port": 0}))
    handlers = list(logging.getLogger().handlers)
    async with monitoring(simcord_env.bot, off), aiohttp.ClientSession() as session:
        assert logging.getLogger().handlers == handlers
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"http://127.0.0.1:{port}/healthz")


async def test_a_busy_bot_counts_busy(
    get: Get, channel: simcord.ChannelHandle, alice: simcord.MemberActor, worker: Worker, answers: FakeAnswers
) -> None:
    """A question that finds the queue full counts as busy."""
    before = await samples(get)
    worker.stop_accepting()
    await alice.slash(channel, "ask", question="Who?")
    after = await samples(get)

    key = "verbatim_questions_total", "busy"
    assert after[key] - before[key] == 1


async def test_the_bot_serves_while_it_runs(served: Resources, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run_bot` serves before the gateway is connected, and says that it is not."""
    seen: list[int] = []

    async def start(self: VerbatimBot, token: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as response:
            seen.append(response.status)

    monkeypatch.setattr(VerbatimBot, "start", start)

    assert await run_bot(served) == 0
    assert seen == [503]

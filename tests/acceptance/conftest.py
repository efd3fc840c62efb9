"""The bot as a process, connected to a simulated Discord in a neighbouring folder; skipped without it."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = ROOT.parent / "shared" / "fakecord"
_SILENT = 6  # Discord's type of such an acknowledgement
_NO_CHANGE = 1.0  # seconds after which a press is taken to change nothing
_PATIENCE = 120  # seconds for which `until` waits
_MODULES = 8  # that use `discord`, at most: a server has to be there before the bot starts


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of the shared simulated Discord first: it stands still while others run in this process.

    The bot would seem to miss heartbeats.
    """
    here = Path(__file__).parent
    places = [place for place, item in enumerate(items) if item.path.is_relative_to(here)]
    chosen = sorted((items[place] for place in places), key=lambda item: "loopback" not in _fixtures_of(item))
    for place, item in zip(places, chosen, strict=True):
        items[place] = item


def _fixtures_of(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture(scope="session")
def fakecord() -> Any:
    """Return the package of the simulated Discord; skip the test if it is missing."""
    if not (LOOPBACK / "fakecord" / "harness.py").is_file():
        pytest.skip("the loopback Discord (../shared/fakecord) is not on this machine")
    sys.path.insert(0, str(LOOPBACK))
    return importlib.import_module("fakecord")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of the bot that all modules share."""
    return tmp_path_factory.mktemp("data")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def loopback(fakecord: Any, tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> AsyncIterator[Any]:
    """Return Discord with realistic limits and delays, a few servers, and `bot.py` running on it as `loopback.bot`."""
    async with fakecord.Harness(ratelimits="realistic", latency=(0.03, 0.12)) as harness:
        quicken(harness)
        harness.data_dir = data_dir
        harness.default_timeout = 120.0  # slow machines answer late, and that is not what is tested here
        harness.log = str(tmp_path_factory.mktemp("log") / "bot.log")
        harness.servers = [harness.new_guild(f"Server {number}") for number in range(_MODULES)]
        harness.metrics_port = free_port()
        harness.bot = await start(harness, synced=True, METRICS_PORT=str(harness.metrics_port))
        yield harness


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def discord(loopback: Any) -> AsyncIterator[Any]:
    """Return the loopback Discord with its running bot, and with a server and members of the module's own."""
    loopback.guild, loopback.channel = loopback.servers.pop()
    loopback.alice, loopback.bob = loopback.user("Alice"), loopback.user("Bob")
    if not loopback.bot.running:
        loopback.bot = await start(loopback, METRICS_PORT=str(loopback.metrics_port))
    yield loopback


def free_port() -> int:
    """Return a port of this machine that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def quicken(harness: Any, patience: float = _NO_CHANGE) -> None:
    """Let actions end as soon as their answer is there, where the harness waits for a while in which nothing happens.

    A press that is acknowledged without words has its answer once a message has changed or come; after `patience`
    seconds it is taken to change nothing.
    """
    usual = harness._done

    def answered(seen: Any) -> bool:
        silent = bool(seen.interaction) and seen.interaction.ack_type == _SILENT
        return bool(usual(seen)) and (not silent or bool(seen._messages) or seen.interaction.age() > patience)

    harness._done = answered
    harness.quiet = 0.05


async def start(harness: Any, *, synced: bool = False, ready: bool = True, **env: str) -> Any:
    """Start `bot.py` as a new process and return it."""
    return await harness.launch(
        str(ROOT / "bot.py"),
        cwd=str(ROOT),
        env={"DATA_DIR": str(harness.data_dir), "METRICS_PORT": "0", **env},
        log=harness.log,
        synced=synced,
        ready=ready,
        timeout=120,
    )


async def until(holds: Callable[[], object]) -> None:
    """Wait for something that a process of its own does. Raises AssertionError, with the code, after two minutes."""
    for _ in range(_PATIENCE * 10):
        if holds():
            return
        await asyncio.sleep(0.1)
    missing = f"after {_PATIENCE} s this still does not hold: {_source(holds)}"
    raise AssertionError(missing)


def _source(holds: Callable[[], object]) -> str:
    try:
        return inspect.getsource(holds).strip()
    except OSError:  # its file has been changed or taken away meanwhile
        return repr(holds)

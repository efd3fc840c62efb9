"""The bot as a process, connected to a simulated Discord in a neighbouring folder; skipped without it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = ROOT.parent / "shared" / "fakecord"


@pytest.fixture(scope="session")
def fakecord() -> Any:
    """Return the package of the simulated Discord; skip the test if it is missing."""
    if not (LOOPBACK / "fakecord" / "harness.py").is_file():
        pytest.skip("the loopback Discord (../shared/fakecord) is not on this machine")
    sys.path.insert(0, str(LOOPBACK))
    return importlib.import_module("fakecord")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder shared by all processes of the session, so that the sample is loaded once."""
    return tmp_path_factory.mktemp("data")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def discord(fakecord: Any, tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> AsyncIterator[Any]:
    """Return the simulated Discord, with realistic limits and delays; the running bot is `discord.bot`."""
    async with fakecord.Harness(ratelimits="realistic", latency=(0.03, 0.12)) as harness:
        harness.data_dir = data_dir
        harness.default_timeout = 120.0  # slow machines answer late, and that is not what is tested here
        harness.log = str(tmp_path_factory.mktemp("log") / "bot.log")
        harness.bot = await start(harness, synced=True)
        yield harness


async def start(harness: Any, *, synced: bool = False, ready: bool = True, **env: str) -> Any:
    """Start `bot.py` as a new process and return it."""
    return await harness.launch(
        str(ROOT / "bot.py"),
        cwd=str(ROOT),
        env={"DATA_DIR": str(harness.data_dir), **env},
        log=harness.log,
        synced=synced,
        ready=ready,
        timeout=120,
    )

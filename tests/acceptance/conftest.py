"""The real bot as a process of its own, on a loopback Discord beside the repository, where there is one."""

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
    """Return the loopback Discord's package; skips where it is not there."""
    if not (LOOPBACK / "fakecord" / "harness.py").is_file():
        pytest.skip("the loopback Discord (../shared/fakecord) is not on this machine")
    sys.path.insert(0, str(LOOPBACK))
    return importlib.import_module("fakecord")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder that all processes of the session share, so that the sample is loaded once."""
    return tmp_path_factory.mktemp("data")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def discord(fakecord: Any, tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> AsyncIterator[Any]:
    """Return Discord with realistic limits and delays, and `bot.py` running on it as `discord.bot`."""
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

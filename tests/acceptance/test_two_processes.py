"""Two processes of the bot on one PostgreSQL server: the short form of `tests.acceptance.two_processes`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.two_processes import run
from tests.postgres_server import PostgresServer


@pytest.mark.asyncio
async def test_nothing_is_lost_or_doubled(fakecord: Any, postgres_server: PostgresServer) -> None:
    """One process is killed, one frozen and one stopped, while members ask."""
    made = await run(fakecord, rounds=1, members=4, seconds=2.0, postgres=postgres_server)

    assert made.problems == []
    assert len(made.takeovers) == made.frozen == 1

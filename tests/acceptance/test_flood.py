"""Short floods; `python -m tests.acceptance.flood` is the long one."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

from tests.acceptance.flood import run
from tests.acceptance.week_world import World


async def test_nothing_is_lost_in_a_flood(fakecord: Any) -> None:
    """Members who ask at once are all answered once, in time for Discord; who waits at the end is told so.

    Times depend on the machine, so only `python -m tests.acceptance.flood` judges the lag of the event loop.
    """
    found = await run(fakecord, members=12, servers=3, rounds=1)

    assert (found.lost, found.late, found.doubled, found.refused) == ([], 0, 0, 0)
    assert found.answered_at_end + found.told > 0


async def test_everyone_who_asks_at_once_is_answered_in_turn(tmp_path: Path) -> None:
    """Without a simulated Discord: 60 members of 4 servers ask while articles are added, one server most of all.

    No server waits for the many questions of another: when the last question of the small servers is answered, the
    large one has had about as many answers as each of them.
    """
    order: list[int] = []
    with World(tmp_path, 4, random.Random(2)) as world:
        await world.populate()
        large, *small = world.servers
        askers = [(large, member) for member in range(45)] + [(one, member) for one in small for member in range(5)]

        async def ask(server: int, member: int) -> None:
            await world.ask_in(server, member)
            order.append(server)

        async def add() -> None:
            for _ in range(10):
                await world.change()

        adding = asyncio.create_task(add())
        await asyncio.gather(*(ask(server, member) for server, member in askers))
        await adding

    assert sorted(order) == sorted(server for server, _ in askers)
    last_small = max(place for place, server in enumerate(order) if server != large)
    assert order[: last_small + 1].count(large) <= 2 * 5

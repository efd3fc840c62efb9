"""A short flood of the bot as a process; `python -m tests.acceptance.flood` is the long one."""

from __future__ import annotations

from typing import Any

from tests.acceptance.flood import run


async def test_nothing_is_lost_in_a_flood(fakecord: Any) -> None:
    """Members who ask at once are all answered once, in time for Discord; who waits at the end is told so.

    Times depend on the machine, so only `python -m tests.acceptance.flood` judges the lag of the event loop.
    """
    found = await run(fakecord, members=12, servers=3, rounds=1)

    assert (found.lost, found.late, found.doubled, found.refused) == ([], 0, 0, 0)
    assert found.answered_at_end + found.told > 0

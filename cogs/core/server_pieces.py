"""Reads something of many servers in short pieces, so that reports for others need not wait for all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, TypeVar

from cogs.core.async_store import AsyncStore

T = TypeVar("T")

_PIECE_SECONDS: Final = 0.05  # after which a job ends, with the server that it has begun


async def read_by_server(
    store: AsyncStore, servers: Iterable[int], read: Callable[[int], Iterable[T]]
) -> AsyncIterator[list[T]]:
    """Yield what `read` returns for some of these servers after others, read on the thread for reports.

    `read` is called with the id of each server. Between two pieces the thread is left to others for as long as one
    takes.
    """
    waiting = iter(servers)

    def piece() -> tuple[list[T], bool]:
        found, end = list[T](), time.monotonic() + _PIECE_SECONDS
        for guild_id in waiting:
            found += read(guild_id)
            if time.monotonic() >= end:
                return found, True
        return found, False

    more = True
    while more:
        found, more = await store.report(piece)
        if found:
            yield found
        if more:
            await asyncio.sleep(_PIECE_SECONDS)

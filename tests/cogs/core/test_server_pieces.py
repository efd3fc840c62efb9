"""What is read of many servers is read in pieces, between which other reports run."""

from __future__ import annotations

import asyncio

import pytest

from cogs.core import server_pieces
from cogs.core.async_store import AsyncStore
from cogs.core.server_pieces import read_by_server


@pytest.mark.parametrize(("seconds", "pieces"), [(0.0, [[1, 10], [2, 20], [3, 30]]), (60.0, [[1, 10, 2, 20, 3, 30]])])
async def test_a_piece_ends_after_a_time(
    seconds: float, pieces: list[list[int]], store: AsyncStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has as many servers as were begun by then, at least one, and nothing is left out."""
    monkeypatch.setattr(server_pieces, "_PIECE_SECONDS", seconds)

    found = [some async for some in read_by_server(store, [1, 2, 3], lambda server: (server, 10 * server))]

    assert found == pieces


async def test_pieces_without_a_result_are_not_yielded(store: AsyncStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are those of no servers."""
    monkeypatch.setattr(server_pieces, "_PIECE_SECONDS", 0.0)
    assert [some async for some in read_by_server(store, range(5), lambda server: [server][: server == 3])] == [[3]]
    assert [some async for some in read_by_server(store, [], lambda server: [server])] == []


async def test_other_reports_run_between(store: AsyncStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that comes meanwhile waits for one piece, not for all servers."""
    monkeypatch.setattr(server_pieces, "_PIECE_SECONDS", 0.0)
    order, others = list[object](), list[asyncio.Future[None]]()

    def read(server: int) -> list[int]:
        order.append(server)
        return [server]

    async for _ in read_by_server(store, [1, 2, 3], read):
        if not others:
            others.append(asyncio.ensure_future(store.report(lambda: order.append("other"))))
    await others[0]

    assert order == [1, "other", 2, 3]

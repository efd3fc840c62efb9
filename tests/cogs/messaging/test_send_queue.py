"""Typing indicators are shared in a channel, and messages are sent one at a time."""

from __future__ import annotations

import asyncio
from unittest.mock import AsyncMock, Mock

import aiohttp
import discord
import pytest

from cogs.messaging.send_queue import SendQueue


def channel_of(number: int) -> Mock:
    """Return a channel whose typing calls are counted."""
    channel = Mock(spec=discord.TextChannel, id=number)
    channel.typing = AsyncMock(spec=discord.TextChannel.typing)
    return channel


async def test_typing_is_shared_in_a_channel() -> None:
    """Concurrent questions share one typing call; a later question gets its own."""
    channels, first, other = SendQueue(), channel_of(1), channel_of(2)

    for _ in range(2):
        async with channels.typing(first), channels.typing(first), channels.typing(other):
            await asyncio.sleep(0)

    assert first.typing.await_count == 2
    assert other.typing.await_count == 2


async def test_typing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typing is renewed as long as a block is open, and not after that."""
    monkeypatch.setattr("cogs.messaging.send_queue._TYPING_SECONDS", 0.001)
    channels, channel = SendQueue(), channel_of(1)

    async with channels.typing(channel):
        async with channels.typing(channel):
            await asyncio.sleep(0)
        for _ in range(3):
            renewed = asyncio.Event()
            channel.typing.side_effect = renewed.set
            await renewed.wait()
    await asyncio.sleep(0)  # the renewal is cancelled
    count = channel.typing.await_count
    await asyncio.sleep(0.02)

    assert channel.typing.await_count == count


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), OSError(), discord.HTTPException(Mock(), "")])
async def test_typing_that_fails_stops_nothing(error: Exception) -> None:
    """A failing typing call raises nothing."""
    channels, channel = SendQueue(), channel_of(1)
    channel.typing.side_effect = error

    async with channels.typing(channel):
        await asyncio.sleep(0.01)


async def test_turns_are_taken_in_order() -> None:
    """Messages to one channel are sent in order and one at a time; other channels do not wait for them."""
    channels, order = SendQueue(), []

    async def send(channel: Mock, name: str) -> None:
        async with channels.lock(channel):
            order.append(name)
            await asyncio.sleep(0.01)
            order.append(name)

    await asyncio.gather(send(channel_of(1), "a"), send(channel_of(1), "b"), send(channel_of(2), "c"))

    assert [name for name in order if name != "c"] == ["a", "a", "b", "b"]
    assert order.index("c") < order.index("b")

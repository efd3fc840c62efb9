"""The answer that a button belongs to, as it is stored when the button is pressed."""

from __future__ import annotations

import asyncio
import threading
from unittest.mock import Mock

import discord

from cogs.core.async_store import AsyncStore
from cogs.core.own_answers import find_own_answer
from tests.storage.test_database import recent


async def test_a_button_that_is_pressed_before_its_message_is_noted(store: AsyncStore) -> None:
    """That an answer is in a thread made for it waits for another change; its buttons work all the same."""
    key = await store.run(lambda: store.database.keep(recent(guild_id=1, channel_id=2, private=False)))
    held = threading.Event()
    slow = asyncio.create_task(store.run(held.wait))
    note = asyncio.create_task(store.run(lambda: store.database.note_sent(key, None, last=True, channel_id=3)))
    await asyncio.sleep(0)

    pressed = Mock(spec=discord.Interaction, guild_id=1, channel_id=3, user=Mock(id=4))
    looking = asyncio.create_task(find_own_answer(store, pressed, key))
    await asyncio.sleep(0)
    await store.read_sources(lambda: None)
    held.set()
    found = await looking
    await asyncio.gather(slow, note)

    assert found is not None
    assert found.id == key

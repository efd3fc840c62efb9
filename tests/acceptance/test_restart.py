"""What outlasts the process: a running answer, the buttons of an old one, and the commands that were sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from i18n import texts
from tests.acceptance.conftest import start
from tests.acceptance.test_discord import QUESTION, quoted, unexpected

pytestmark = [pytest.mark.asyncio(loop_scope="session")]


def sent(discord: Any) -> int:
    """Return how often the commands were sent."""
    return len([call for call in discord.calls if call.method == "PUT" and call.path.endswith("/commands")])


async def test_end_and_second_start(discord: Any) -> None:
    """SIGTERM lets the running answer finish and ends with status 0; the next start sends no commands again.

    Buttons of an answer work after the process was ended and started anew.
    """
    sent_before = sent(discord)
    asked = await discord.slash(discord.alice, "ask", {"question": QUESTION})
    asking = asyncio.create_task(discord.slash(discord.alice, "ask", {"question": QUESTION}))
    await asyncio.sleep(0.05)
    status = await discord.bot.stop()

    assert status == 0
    assert not (await asking).failed
    discord.bot = await start(discord)
    await discord.connected()

    context = await discord.click(discord.bob, asked.response, texts.MORE_BUTTON)
    around = quoted(context)
    more = await discord.click(discord.bob, context.response, texts.QUOTES_BUTTON)
    answered = await discord.slash(discord.alice, "ask", {"question": QUESTION})

    assert quoted(more)
    assert around
    assert await discord.bot.stop() == 0
    assert quoted(answered)
    assert sent(discord) == sent_before


async def test_nothing_against_the_rules(discord: Any) -> None:
    """In all of this nothing was refused, late, unknown or against Discord's own description of its interface."""
    assert unexpected(discord) == []

"""`/pin add`, `list` and `remove`."""

from __future__ import annotations

import discord
from discord import app_commands

from cogs.articles.cog import article_choices
from cogs.ask.cog import MAX_QUESTION
from cogs.core.command_group import command_group
from cogs.core.features import feature
from cogs.messaging.interaction_reply import deferred
from cogs.pins.cog import PinCog
from i18n import texts

pin_group = command_group(
    texts.PIN_NAME, texts.PIN_GROUP_DESCRIPTION, permissions=discord.Permissions(manage_messages=True)
)


@pin_group.command(name=texts.PIN_ADD_NAME, description=texts.PIN_DESCRIPTION)
@app_commands.describe(
    question=texts.PIN_QUESTION_DESCRIPTION,
    article=texts.ARTICLE_CHOICE_DESCRIPTION,
    words=texts.PIN_WORDS_DESCRIPTION,
)
@app_commands.autocomplete(article=article_choices)
async def add(
    interaction: discord.Interaction,
    question: app_commands.Range[str, 1, MAX_QUESTION],
    article: str,
    words: app_commands.Range[str, 1, 1000],
) -> None:
    """Show the preview of a pin."""
    async with deferred(interaction) as reply:
        await feature(interaction, PinCog).pin_words(interaction, reply, question, article, words)


@pin_group.command(name=texts.PINS_NAME, description=texts.PINS_DESCRIPTION)
async def list_pins(interaction: discord.Interaction) -> None:
    """List the server's pins."""
    async with deferred(interaction) as reply:
        await feature(interaction, PinCog).list_pins(interaction, reply)


@pin_group.command(name=texts.UNPIN_NAME, description=texts.UNPIN_DESCRIPTION)
@app_commands.describe(pin=texts.UNPIN_CHOICE_DESCRIPTION)
async def remove(interaction: discord.Interaction, pin: str | None = None) -> None:
    """Remove a pin, and list the others; without one, list all of them to choose from."""
    pins = feature(interaction, PinCog)
    async with deferred(interaction) as reply:
        if pin is None:
            await pins.list_pins(interaction, reply)
        else:
            await pins.unpin(interaction, reply, pin)


@remove.autocomplete("pin")
async def pin_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest the server's pins by their questions."""
    return await feature(interaction, PinCog).choices(interaction, typed)

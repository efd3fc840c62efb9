"""Helpers that read messages of the simulated Discord."""

from __future__ import annotations

import re

import discord
import simcord

# Every intent that needs nobody's approval.
PUBLIC = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


def shown(message: simcord.ResponseMessage | discord.Message) -> str:
    """Return all texts of a message in order."""
    raw = message.components if isinstance(message.components, list) else []
    parts = [message.content, *(embed.description or "" for embed in message.embeds)]
    for component in raw:
        data = component if isinstance(component, dict) else component.to_dict()
        parts += [child["content"] for child in (data, *data.get("components", [])) if child["type"] == 10]
    return "\n".join(part for part in parts if part)


def unlinked(text: str) -> str:
    """Return a text with the names of commands in place of mentions of them."""
    return re.sub(r"</([a-z ]+):\d+>", r"`/\1`", text)


def buttons_of(message: simcord.ResponseMessage | discord.Message) -> list[str]:
    """Return the labels of a message's buttons, in order."""
    rows = [item if isinstance(item, dict) else item.to_dict() for item in message.components]
    return [item["label"] for row in rows if row["type"] == 1 for item in row["components"]]


def replies_in(channel: simcord.ChannelHandle, env: simcord.Env) -> list[discord.Message]:
    """Return the bot's messages in a channel."""
    return [message for message in channel.history() if message.author.id == env.bot.user.id]

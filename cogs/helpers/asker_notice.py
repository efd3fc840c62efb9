"""Tells the member who has called for a human what became of it."""

from __future__ import annotations

import logging
import secrets
from functools import partial
from typing import Final

import aiohttp
import discord
from discord import ui

from cogs.messaging.retry import with_retries
from cogs.ui.components import PersistentItem
from cogs.ui.limits import fit_content
from storage.human_calls import HumanCall

_log = logging.getLogger(__name__)

NO_REFERENCE: Final = frozenset({10008, 50035, 160002})
"""Discord's codes for a reply that cannot refer to its message: deleted, or its history may not be read."""

_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)


async def tell_asker(client: discord.Client, call: HumanCall, text: str, button: PersistentItem | None = None) -> None:
    """Send a text to the member who has called, as a direct message, else as a ping where the question was asked.

    `button` comes with it. A failure is only logged.
    """
    nonce = secrets.randbits(63)
    view = ui.View(timeout=None)
    if button is not None:
        view.add_item(button)
    try:
        direct = await client.create_dm(discord.Object(call.asker_id))
        none = discord.AllowedMentions.none()
        await with_retries(partial(direct.send, fit_content(text), allowed_mentions=none, nonce=nonce, view=view))
    except discord.Forbidden:
        await _ping(client, call, text, view)
    except _ERRORS as error:
        _log.info("The member of call %s could not be told: %s", call.id, error)


async def _ping(client: discord.Client, call: HumanCall, text: str, view: ui.View) -> None:
    """Ping the member in the place of the question, and nobody else."""
    asker = discord.Object(call.asker_id)
    mentions = discord.AllowedMentions(everyone=False, roles=False, users=[asker], replied_user=False)
    channel = client.get_partial_messageable(call.channel_id, guild_id=call.guild_id)
    send = partial(
        channel.send,
        fit_content(f"<@{call.asker_id}> {text}"),
        allowed_mentions=mentions,
        suppress_embeds=True,
        nonce=secrets.randbits(63),
        view=view,
    )
    replied_to = call.question_id if call.question_id != call.channel_id else None
    reference = discord.MessageReference(
        message_id=replied_to or call.message_id or 0, channel_id=call.channel_id, fail_if_not_exists=False
    )
    try:
        try:
            await with_retries(partial(send, reference=reference))
        except discord.HTTPException as error:
            if error.code not in NO_REFERENCE:
                raise
            await with_retries(send)
    except _ERRORS as error:
        _log.info("The member of call %s could not be told: %s", call.id, error)

"""How far a load has come, in the private message of whoever began it.

Discord lets such a message be edited for 15 minutes after the last press on it. So a press on *Show progress* makes it
follow the load again, and where it cannot be edited at the end, a direct message tells the end.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import aiohttp
import discord

from cogs.core.async_store import AsyncStore
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import persistently
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Rows
from cogs.ui.escape import link
from cogs.ui.layout import MessageBody, message_body
from cogs.ui.truncate import name
from i18n import texts
from storage.site_imports import ImportStage, ImportTally, SiteImport

_log = logging.getLogger(__name__)

_EVERY: Final = 4.0  # seconds between two edits
_TOKEN_SECONDS: Final = 14 * 60.0  # a minute less than Discord's limit
_MAX_NAME: Final = 150
_MAX_REASON: Final = 200
_LOST: Final = (discord.HTTPException, aiohttp.ClientError, OSError)


class Progress:
    """Keeps the messages of loads up to date, and tells their ends."""

    def __init__(self, bot: discord.Client, store: AsyncStore, controls: Callable[[SiteImport], Rows]) -> None:
        """Take what sends, what remembers, and what gives an import its buttons."""
        self._controls = controls
        self._bot = bot
        self._store = store
        self._shown: dict[int, float] = {}

    async def show(self, load_id: int) -> None:
        """Bring a message up to date, at most every few seconds; that it fails stops nothing."""
        now = time.monotonic()
        if now - self._shown.get(load_id, now - _EVERY) < _EVERY:
            return
        self._shown[load_id] = now
        load, shown = await self.message(load_id)
        if load is not None and load.state == ImportStage.RUNNING:
            await self._edit(load, shown)

    async def end(self, load_id: int) -> None:
        """Tell the end: in the message, else by a direct message, else in the channel without saying what it was."""
        self._shown.pop(load_id, None)
        load, shown = await self.message(load_id)
        if load is None or await self._edit(load, shown, last=True):
            return
        await tell(self._bot, load.member_id, load.channel_id, shown)

    async def message(self, load_id: int) -> tuple[SiteImport | None, MessageBody]:
        """Return a load and how it is shown now."""
        loads = self._store.database.site_imports
        load, tally = await self._store.run(lambda: (loads.get(load_id), loads.tally(load_id)))
        if load is None:
            return None, message_body(notice_card(texts.LOAD_FORGOTTEN))
        return load, message_body(notice_card(said(load, tally)), self._controls(load), plain=load.plain)

    async def _edit(self, load: SiteImport, shown: MessageBody, *, last: bool = False) -> bool:
        """Edit the private message; tell whether that was possible."""
        if load.token is None or load.message_id is None or self._bot.application_id is None:
            return False
        if time.time() - (load.token_at or 0.0) > _TOKEN_SECONDS:
            return False
        webhook = discord.Webhook.partial(self._bot.application_id, load.token, client=self._bot)
        edit = partial(webhook.edit_message, load.message_id, allowed_mentions=SILENT, **shown.sending)
        try:
            await (persistently(edit) if last else edit())
        except _LOST as error:
            _log.info("The message of load %s cannot be edited: %s", load.id, error)
            if isinstance(error, discord.HTTPException) and error.status in {401, 403, 404}:
                await self._store.run(
                    lambda: self._store.database.site_imports.set_progress_message(load.id, None, None)
                )
            return False
        return True


async def tell(bot: discord.Client, member_id: int, channel_id: int, shown: MessageBody) -> None:
    """Show a member something by a direct message, else call them where they asked, without saying what it is."""
    try:
        place = await bot.create_dm(discord.Object(member_id))
        await persistently(partial(place.send, allowed_mentions=SILENT, **shown.sending))
    except _LOST:
        told = texts.LOAD_CALL.format(member=f"<@{member_id}>")
        channel = bot.get_partial_messageable(channel_id)
        wanted = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(member_id)])
        try:
            await persistently(partial(channel.send, told, allowed_mentions=wanted))
        except _LOST:
            _log.warning("Member %s could not be told of what has ended", member_id, exc_info=True)


def said(load: SiteImport, tally: ImportTally) -> str:
    """Return what is told of a load: how far it is, or how it ended, and what could not be read."""
    running = load.state == ImportStage.RUNNING
    headings = texts.LOAD_ADDING, texts.LOAD_ENDED if load.reason else texts.LOAD_DONE
    lines = [headings[0 if running else 1].format(site=named(load.origin), reason=load.reason)]
    failed = tally.counts.get("failed", 0)
    lines.append(texts.LOAD_COUNTS.format(done=tally.done, total=tally.total, stored=tally.stored, failed=failed))
    if not running:
        lines += [f"-# {name(key, _MAX_REASON)}: {name(reason or '', _MAX_REASON)}" for key, reason in tally.failures]
        lines += [texts.LOAD_MORE.format(most=load.most)] if load.more and not load.reason else []
    else:
        lines.append(f"-# {texts.LOAD_FOOTER}")
    return "\n".join(lines)


def named(origin: str) -> str:
    """Return an address as it is shown."""
    shown = name(origin, _MAX_NAME)
    return f"{shown} ({address})" if (address := link(texts.OPEN, origin)) else shown

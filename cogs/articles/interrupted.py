"""Continues what members had confirmed when a process of the bot ended: articles being added, and imports."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.articles.article_cards import receipt_text
from cogs.articles.cog import ArticlesCog
from cogs.articles.drafts import Confirmation, Interrupted, PendingStore
from cogs.articles.import_export import StopImportButton
from cogs.articles.import_run import ImportRun, carry_out
from cogs.articles.sites.progress import notify_member
from cogs.core.errors import error_message
from cogs.core.gateway import SteadyClient
from cogs.core.job_queue import BusyError
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import with_retries
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import MessageBody, message_body
from i18n import texts
from i18n.languages import speak
from index.models import UserError

_log = logging.getLogger(__name__)

_TOKEN_SECONDS: Final = 14 * 60.0  # one minute less than Discord accepts the token of an interaction


class InterruptedDrafts(commands.Cog):
    """Carries out each confirmed draft in a task of its own, once, and tells its member the result.

    Of several processes, the one that runs a server's shard continues what was confirmed there.
    """

    def __init__(self, bot: SteadyClient, articles: ArticlesCog) -> None:
        """Use the state of `/article`."""
        self._bot = bot
        self._articles = articles
        self._tasks: dict[asyncio.Task[None], int] = {}  # and the servers that they are for

    async def cog_load(self) -> None:
        """Continue everything, unless the database is shared: then it is known later whose the servers are."""
        if not self._articles.store.is_shared:
            await self._continue(lambda _: True)

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Continue what was confirmed in the servers of a shard, in a process that is gone or has given it up."""
        shards = self._bot.own_shards
        try:
            await self._continue(lambda guild_id: shards.of(guild_id) == shard_id and self._bot.holds(guild_id))
        except (UserError, SQLAlchemyError):
            _log.warning("What was confirmed in servers of shard %s is not continued yet", shard_id, exc_info=True)

    @commands.Cog.listener()
    async def on_shard_lost(self, shard_id: int) -> None:
        """Leave what was confirmed in the servers of a shard to the process that runs it now."""
        shards = self._bot.own_shards
        for task, guild_id in list(self._tasks.items()):
            if shards.of(guild_id) == shard_id:
                task.cancel()
        for owner, pending in self._articles.running_imports.values():
            if shards.of(owner.server_id) == shard_id:
                pending.stopped = pending.lost = True

    async def cog_unload(self) -> None:
        """Stop; what is not done continues after the next start."""
        for task in self._tasks:
            task.cancel()

    async def _continue(self, holds: Callable[[int], bool]) -> None:
        """Take over what was confirmed in some servers. Adding again what was stored already changes nothing."""
        for one in await self._articles.previews.interrupted(holds):
            self._start(one, self._give_up(one, self._articles.previews) if one.given_up else self._add(one))
        for one in await self._articles.imports.interrupted(holds):
            self._start(one, self._give_up(one, self._articles.imports) if one.given_up else self._import(one))

    def _start(self, one: Interrupted, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._carry_out(one, work))
        self._tasks[task] = one.owner.server_id
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    async def _carry_out(self, one: Interrupted, work: Coroutine[Any, Any, None]) -> None:
        speak(one.confirmation.language)  # for this task alone
        try:
            await work
        except Exception:  # noqa: BLE001 - nothing awaits this task
            _log.exception("What was confirmed in server %s before the restart could not be done", one.owner.server_id)

    async def _give_up(self, one: Interrupted, store: PendingStore[Any]) -> None:
        """Tell the member; until that is done, the next process does it."""
        if await self._tell(one, texts.ARTICLE_GIVEN_UP.format(channel=f"<#{one.confirmation.channel_id}>")):
            await store.discard(one.id)

    async def _tell(self, one: Interrupted, text: str) -> bool:
        """Tell the member; False if that failed and may succeed later."""
        body = message_body(notice_card(text), plain=one.confirmation.plain)
        return await self._edit(one.confirmation, body) or await notify_member(
            self._bot, one.owner.member_id, one.confirmation.channel_id, body
        )

    async def _add(self, one: Interrupted) -> None:
        pending = await self._articles.previews.confirmed(one.id)
        if pending is None:
            return
        try:
            receipt = await self._articles.service.add(one.owner.server_id, pending.draft, str(one.owner.member_id))
        except UserError as error:
            stopping = isinstance(error, BusyError) and self._articles.service.is_stopping
            if not stopping and await self._tell(one, error_message(error)):
                await self._articles.previews.discard(one.id)
        else:  # it is in the library, which shows it even if nobody can be told
            await self._articles.previews.discard(one.id)
            await self._tell(one, receipt_text(receipt))

    async def _import(self, one: Interrupted) -> None:
        pending = await self._articles.imports.confirmed(one.id)
        if pending is not None:
            run = ImportRun(one.id, one.owner, one.confirmation, pending)
            show = partial(self._edit, one.confirmation)
            await carry_out(self._articles, self._bot, run, show, StopImportButton(one.id))

    async def _edit(self, place: Confirmation, body: MessageBody) -> bool:
        """Replace the private message in which the draft was confirmed, if Discord still accepts that."""
        if self._bot.application_id is None or abs(time.time() - place.at) > _TOKEN_SECONDS:
            return False
        webhook = discord.Webhook.partial(self._bot.application_id, place.token, client=self._bot)
        try:
            await with_retries(
                lambda: webhook.edit_message(place.message_id, allowed_mentions=SILENT, **body.send_kwargs)
            )
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.info("The message of a confirmation cannot be edited: %s", error)
            return False
        return True

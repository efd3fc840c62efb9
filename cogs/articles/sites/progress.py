"""Progress of site imports, shown in the private message of the member who started each one.

Discord allows such a message to be edited for 15 minutes after the last interaction with it. Pressing *Show progress*
starts a new 15 minutes; if the message cannot be edited when the import ends, the result is sent as a direct message.
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
from cogs.core.backoff import is_temporary
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import with_retries
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Rows
from cogs.ui.escape import link
from cogs.ui.layout import MessageBody, message_body
from cogs.ui.limits import fit_content
from cogs.ui.truncate import escaped_name
from i18n import texts
from i18n.sentences import say
from storage.import_models import ImportStage, ImportTally, SiteImport

_log = logging.getLogger(__name__)

_EDIT_INTERVAL: Final = 4.0  # seconds
_TOKEN_SECONDS: Final = 14 * 60.0  # one minute less than Discord's limit
_MAX_NAME: Final = 150
_MAX_REASON: Final = 200
_SEND_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)


class Progress:
    """Updates the progress messages of imports and reports their results."""

    def __init__(self, bot: discord.Client, store: AsyncStore, controls: Callable[[SiteImport], Rows]) -> None:
        """Send with this client; `controls` returns the buttons under an import's message."""
        self._controls = controls
        self._bot = bot
        self._store = store
        self._edited_at: dict[int, float] = {}  # monotonic seconds, by import

    async def show(self, import_id: int) -> None:
        """Update the progress message, at most every four seconds; errors are logged only."""
        now = time.monotonic()
        if now - self._edited_at.get(import_id, now - _EDIT_INTERVAL) < _EDIT_INTERVAL:
            return
        self._edited_at[import_id] = now
        site_import, body = await self.render(import_id)
        if site_import is not None and site_import.state == ImportStage.RUNNING:
            await self._edit(site_import, body)
        else:
            self._edited_at.pop(import_id, None)

    async def finish(self, import_id: int) -> None:
        """Report the result in the progress message, else as a direct message, else by a mention in the channel."""
        self._edited_at.pop(import_id, None)
        site_import, body = await self.render(import_id)
        if site_import is None or await self._edit(site_import, body, last=True):
            return
        await notify_member(self._bot, site_import.member_id, site_import.channel_id, body)

    async def render(self, import_id: int) -> tuple[SiteImport | None, MessageBody]:
        """Return an import, or None if it is not stored any more, and the message that shows its progress."""
        imports = self._store.database.site_imports
        site_import, tally = await self._store.report(lambda: (imports.get(import_id), imports.pages.tally(import_id)))
        if site_import is None:
            return None, message_body(notice_card(texts.LOAD_FORGOTTEN))
        return site_import, message_body(
            notice_card(progress_text(site_import, tally)), self._controls(site_import), plain=site_import.plain
        )

    async def _edit(self, site_import: SiteImport, body: MessageBody, *, last: bool = False) -> bool:
        """Edit the private message; return whether it succeeded."""
        if site_import.token is None or site_import.message_id is None or self._bot.application_id is None:
            return False
        if abs(time.time() - (site_import.token_at or 0.0)) > _TOKEN_SECONDS:  # in the future after a wrong clock
            return False
        webhook = discord.Webhook.partial(self._bot.application_id, site_import.token, client=self._bot)
        edit = partial(webhook.edit_message, site_import.message_id, allowed_mentions=SILENT, **body.send_kwargs)
        try:
            await (with_retries(edit) if last else edit())
        except _SEND_ERRORS as error:
            _log.info("The message of import %s cannot be edited: %s", site_import.id, error)
            if isinstance(error, discord.HTTPException) and error.status in {401, 403, 404}:
                imports = self._store.database.site_imports
                await self._store.run(lambda: imports.set_progress_message(site_import.id, None, None))
            return False
        return True


async def notify_member(bot: discord.Client, member_id: int, channel_id: int, body: MessageBody) -> bool:
    """Send a message privately; if that fails, mention the member in the channel, without the message's content.

    Returns whether nothing more can be done: it is False if Discord may accept one of both later.
    """
    try:
        direct = await bot.create_dm(discord.Object(member_id))
        await with_retries(partial(direct.send, allowed_mentions=SILENT, **body.send_kwargs))
    except _SEND_ERRORS as error:
        text = texts.LOAD_CALL.format(member=f"<@{member_id}>")
        channel = bot.get_partial_messageable(channel_id)
        mentions = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(member_id)])
        try:
            await with_retries(partial(channel.send, fit_content(text), allowed_mentions=mentions))
        except _SEND_ERRORS as second:
            _log.warning("Member %s could not be notified", member_id, exc_info=True)
            return not (is_temporary(error) or is_temporary(second))
    return True


def progress_text(site_import: SiteImport, tally: ImportTally) -> str:
    """Return the state of an import and its page counts; once it has ended, also its first failures and remarks."""
    running = site_import.state == ImportStage.RUNNING
    headings = texts.LOAD_ADDING, texts.LOAD_ENDED if site_import.reason else texts.LOAD_DONE
    lines = [headings[0 if running else 1].format(site=site_link(site_import.origin), reason=site_import.reason)]
    failed = tally.counts.get("failed", 0)
    lines.append(texts.LOAD_COUNTS.format(done=tally.done, total=tally.total, stored=tally.stored, failed=failed))
    if not running:
        lines += map(_page_line, tally.failures)
        lines += [texts.LOAD_INCOMPLETE.format(count=tally.incomplete)] if tally.incomplete else []
        lines += map(_page_line, tally.remarks)
        lines += [texts.LOAD_MORE.format(most=site_import.most)] if site_import.more and not site_import.reason else []
    else:
        lines.append(f"-# {texts.LOAD_FOOTER}")
    return "\n".join(lines)


def _page_line(page: tuple[str, str]) -> str:
    """Return a line on a page, given its address and what is to be said of it."""
    key, reason = page
    return f"-# {escaped_name(key, _MAX_REASON)}: {escaped_name(say(reason), _MAX_REASON)}"


def site_link(origin: str) -> str:
    """Return a shortened address, followed by a link if it can be opened."""
    label = escaped_name(origin, _MAX_NAME)
    return f"{label} ({address})" if (address := link(texts.OPEN, origin)) else label

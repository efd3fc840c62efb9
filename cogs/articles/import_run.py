"""Carries out an import that a member has confirmed, shows its progress, and continues it after a restart."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import discord
from sqlalchemy.exc import SQLAlchemyError

from cogs.articles.cog import ArticlesCog
from cogs.articles.drafts import Confirmation, Owner
from cogs.articles.export_files import PendingImport, import_pending_in_steps
from cogs.articles.sites.progress import notify_member
from cogs.core.errors import error_message
from cogs.core.job_queue import BusyError
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem
from cogs.ui.layout import MessageBody, message_body
from i18n import texts
from index.models import UserError

_EDIT_INTERVAL: Final = 4.0  # seconds

Show = Callable[[MessageBody], Awaitable[bool]]
"""Replaces the private message of a confirmation; returns whether that was possible."""


@dataclass(frozen=True, slots=True)
class ImportRun:
    """An import that was confirmed: its stored draft, who confirmed it and where, and the file."""

    id: int
    owner: Owner
    place: Confirmation
    pending: PendingImport


async def carry_out(
    articles: ArticlesCog, client: discord.Client, run: ImportRun, show: Show, stop: PersistentItem
) -> None:
    """Import the file of a confirmed draft and show the progress, with a button that stops it, then a summary.

    An import that ends because the bot stops is kept, and continues after the next start; any other end drops it. One
    that another process takes over, with the server, ends here without a word.
    """
    who, quota, pending = str(run.owner.member_id), articles.service.quota, run.pending
    work = articles.service.run_in_steps(
        run.owner.server_id, lambda library: import_pending_in_steps(library, pending, who, quota)
    )
    articles.running_imports[run.id] = run.owner, pending
    try:
        summary = await _follow(articles, run, asyncio.ensure_future(work), show, stop)
        if pending.lost or await articles.imports.is_held(run.id) is False:
            return
    except BusyError as error:
        if articles.service.is_stopping:
            await show(message_body(notice_card(texts.ARTICLE_RESUMES), plain=run.place.plain))
            return
        summary = f"{error_message(error)}\n{_summary(pending.done)}"
    except UserError as error:
        summary = f"{error_message(error)}\n{_summary(pending.done)}"
    finally:
        del articles.running_imports[run.id]
    await articles.imports.discard(run.id)
    body = message_body(notice_card(summary), plain=run.place.plain)
    if not await show(body):
        await notify_member(client, run.owner.member_id, run.place.channel_id, body)


async def _follow(
    articles: ArticlesCog, run: ImportRun, task: asyncio.Future[Counter[str]], show: Show, stop: PersistentItem
) -> str:
    """Show the progress until the import ends; return its summary, or raise its exception.

    It ends early if it was stopped, or taken over, by way of another process.
    """
    while not task.done():
        text = texts.ARTICLE_IMPORTING.format(done=run.pending.done.total(), count=run.pending.count)
        await show(message_body(notice_card(text), [[stop]], plain=run.place.plain))
        await asyncio.wait({task}, timeout=_EDIT_INTERVAL)
        with suppress(UserError, SQLAlchemyError):  # a database that cannot be reached now
            run.pending.stopped = run.pending.stopped or not await articles.imports.is_held(run.id)
    return _summary(await task)


def _summary(counts: Counter[str]) -> str:
    parts = ", ".join(
        texts.ARTICLE_IMPORT_COUNT.format(count=counts[status], what=name)
        for status, name in texts.ARTICLE_IMPORT_STATUS.items()
        if counts[status]
    )
    return texts.ARTICLE_IMPORTED.format(what=parts or texts.ARTICLE_IMPORT_NONE)

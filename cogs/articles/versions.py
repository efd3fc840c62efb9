"""The part of `/article` that changes articles by hand, tells what was changed, and brings earlier versions back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import discord
from discord import app_commands

from cogs.articles.article_cards import received, titled
from cogs.articles.autocomplete import choices
from cogs.articles.commands import ArticleCommands
from cogs.articles.storage_quota import require_count
from cogs.core.permissions import require_manager
from cogs.messaging.replies import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Action, Press, Rows, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.truncate import name
from i18n import texts
from index.catalog.history import HistoryEntry
from index.libraries.ingestion import Pieces
from index.libraries.library import Library

_SHOWN: Final = 12  # entries
_BUTTONS: Final = 5  # in a row
_MAX_TITLE: Final = 80


class VersionCommands(ArticleCommands):
    """Renames, tells and restores."""

    @property
    def keeping_presses(self) -> dict[Action, Callable[[discord.Interaction, Press], Awaitable[None]]]:
        """What the buttons do."""
        return super().keeping_presses | {Action.ARTICLE_RESTORE: self.restore_pressed}

    @app_commands.command(name=texts.ARTICLE_RENAME_NAME, description=texts.ARTICLE_RENAME_DESCRIPTION)
    @app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION, title=texts.ARTICLE_TITLE_DESCRIPTION)
    async def rename(
        self, interaction: discord.Interaction, article: str, title: app_commands.Range[str, 1, 200]
    ) -> None:
        """Give an article a title that stays when its source brings a new version."""
        with self._in_flight.answering():
            async with deferred(interaction) as reply:
                found = await self._listing.own(interaction.guild_id, article)
                who = str(interaction.user.id)
                receipt = await self._article_service.work(
                    interaction.guild_id or 0, lambda library: library.renaming(found.id, title, who)
                )
                settings = await self._store.settings(interaction.guild_id)
                said = received(receipt) if receipt.status != "renamed" else _renamed(found.title, receipt.title)
                await reply.show(message_body(notice_card(said), plain=settings.plain))

    @app_commands.command(name=texts.ARTICLE_HISTORY_NAME, description=texts.ARTICLE_HISTORY_DESCRIPTION)
    @app_commands.describe(article=texts.ARTICLE_HISTORY_CHOICE)
    async def history(self, interaction: discord.Interaction, article: str | None = None) -> None:
        """Tell what has happened to an article, or to all, removed ones included."""
        async with deferred(interaction) as reply:
            found = await self._listing.own(interaction.guild_id, article) if article else None
            article_id = found.id if found else None
            entries = await self._article_service.job(
                interaction.guild_id or 0, lambda library: library.history(article_id, _SHOWN)
            )
            settings = await self._store.settings(interaction.guild_id)
            await reply.show(message_body(notice_card(_told(entries)), _under(entries), plain=settings.plain))

    @rename.autocomplete("article")
    @history.autocomplete("article")
    async def version_choices(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the articles whose titles are like what was typed."""
        return await choices(self._store, interaction, typed)

    async def restore_pressed(self, interaction: discord.Interaction[Any], press: Press) -> None:
        """Bring back what an article was before an entry of the history; the history then tells that, too."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        who, room = str(interaction.user.id), self._article_service.room

        def restoring(library: Library) -> Pieces:
            entry = next((one for one in library.history(None, 1000) if one.number == press.answer_id), None)
            if entry is not None and entry.what == "removed":
                require_count(library, room)
            return (yield from library.restoring(press.answer_id, who))

        receipt = await self._article_service.work(interaction.guild_id or 0, restoring)
        await reply.show(message_body(notice_card(received(receipt)), plain=is_plain(interaction)))


def _renamed(before: str, after: str) -> str:
    return texts.ARTICLE_RENAMED.format(before=titled(before), after=titled(after))


def _told(entries: list[HistoryEntry]) -> str:
    if not entries:
        return texts.ARTICLE_HISTORY_NOTHING
    return "\n".join([texts.ARTICLE_HISTORY_HEADING, *map(_line, entries)])


def _line(entry: HistoryEntry) -> str:
    title = name(entry.title, _MAX_TITLE) or texts.UNTITLED
    parts = [
        f"`{entry.number}` {entry.at[:16].replace('T', ' ')}",
        f"**{title}**",
        texts.ARTICLE_EVENTS[entry.what],
        texts.ARTICLE_CHANGED.format(count=entry.characters) if entry.characters else "",
        _who(entry.by),
    ]
    if entry.was is not None and entry.was != entry.title:
        parts.append(texts.ARTICLE_WAS.format(title=name(entry.was, _MAX_TITLE)))
    return "- " + " · ".join(part for part in parts if part)


def _who(by: str) -> str:
    if by.isdecimal():
        return f"<@{by}>"
    return texts.ARTICLE_BY.get(by, "")


def _under(entries: list[HistoryEntry]) -> Rows:
    kept = [
        button(Press(Action.ARTICLE_RESTORE, one.number), texts.ARTICLE_RESTORE_BUTTON.format(number=one.number))
        for one in entries
        if one.kept
    ]
    return [kept[at : at + _BUTTONS] for at in range(0, len(kept), _BUTTONS)]

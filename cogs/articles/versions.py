"""`/article rename` and `history`, with the buttons that restore earlier versions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

import discord
from discord import app_commands

from cogs.articles.article_cards import bold_title, receipt_text
from cogs.articles.cog import ArticlesCog, article_choices, article_group
from cogs.articles.storage_quota import require_count
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.limits import join_fitting
from cogs.ui.truncate import escaped_name
from i18n import texts
from index.catalog.history import HistoryEntry
from index.libraries.ingestion import Steps
from index.libraries.library import Library
from index.models import UserError

_MAX_ENTRIES: Final = 12
_MOST_SEARCHED: Final = 1000  # entries among which one is looked for
_BUTTONS_PER_ROW: Final = 5
_MAX_TITLE: Final = 80


@article_group.command(name=texts.ARTICLE_RENAME_NAME, description=texts.ARTICLE_RENAME_DESCRIPTION)
@app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION, title=texts.ARTICLE_TITLE_DESCRIPTION)
@app_commands.autocomplete(article=article_choices)
async def rename(interaction: discord.Interaction, article: str, title: app_commands.Range[str, 1, 200]) -> None:
    """Give an article a title that is kept when its source changes."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            guild_id, who = interaction.guild_id or 0, str(interaction.user.id)
            found = await articles.listing.find_own(interaction, article)
            receipt = await articles.service.run_in_steps(
                guild_id, lambda library: library.rename_in_steps(found.id, title, who)
            )
            text = receipt_text(receipt) if receipt.status != "renamed" else _renamed_text(found.title, receipt.title)
            await articles.show(interaction, reply, notice_card(text))


@article_group.command(name=texts.ARTICLE_HISTORY_NAME, description=texts.ARTICLE_HISTORY_DESCRIPTION)
@app_commands.describe(article=texts.ARTICLE_HISTORY_CHOICE)
@app_commands.autocomplete(article=article_choices)
async def history(interaction: discord.Interaction, article: str | None = None) -> None:
    """Show the history of an article, or of all articles including removed ones."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        guild_id = interaction.guild_id or 0
        article_id = (await articles.listing.find_own(interaction, article)).id if article else None
        hidden = await articles.visibility.own_hidden(interaction)
        entries, removed = await articles.service.run(
            guild_id, lambda library: _history(library, hidden, article_id, _MAX_ENTRIES)
        )
        unreadable = [key for key, sources in removed.items() if not await _may_know(interaction, articles, sources)]
        entries = [one for one in entries if one.article_id not in unreadable or one.what == "erased"]
        await articles.show(interaction, reply, notice_card(_history_text(entries)), _restore_buttons(entries))


def _visible_history(
    library: Library, hidden: AbstractSet[int], article_id: int | None, limit: int
) -> list[HistoryEntry]:
    """Return at most `limit` history entries, newest first.

    If articles are hidden from the member, entries of removed articles are left out too: nobody knows any more who may
    read their sources.
    """
    if not hidden or library.catalog is None:
        return library.history(article_id, limit)
    visible = set(library.catalog.article_ids()) - hidden
    return [one for one in library.history(article_id, _MOST_SEARCHED) if one.article_id in visible][:limit]


def _history(
    library: Library, hidden: AbstractSet[int], article_id: int | None, limit: int
) -> tuple[list[HistoryEntry], Mapping[int, Collection[str]]]:
    """Return what `_visible_history` does, and the keys of the sources that its removed articles had, none if unknown.

    An article that was replaced by one that exists is not removed; one whose successor was removed is.
    """
    entries = _visible_history(library, hidden, article_id, limit)
    if library.catalog is None:
        return entries, {}
    past = library.catalog.history
    chains = past.chains({one.article_id for one in entries})
    living, sources = past.living(set(chains.values())), defaultdict[int, set[str]](set)
    for one in entries:
        if one.kept:
            sources[chains[one.article_id]].update(_source_keys(library, one.number))
    return entries, {key: sources[chain] for key, chain in chains.items() if chain not in living}


def _source_keys(library: Library, number: int) -> list[str]:
    """Return the keys of the sources of the version before a history entry; none if it is not kept."""
    version = library.catalog.history.version(number) if library.catalog else None
    return [source["key"] for source in json.loads(version.sources)] if version else []


async def _may_know(interaction: discord.Interaction[Any], articles: ArticlesCog, sources: Collection[str]) -> bool:
    """Whether a member may see the title of a removed article with these sources; administrators if none is known."""
    if not sources:
        return interaction.permissions.administrator
    return await _reads(interaction, articles, sources)


async def _reads(interaction: discord.Interaction[Any], articles: ArticlesCog, sources: Collection[str]) -> bool:
    """Whether a member can read all of these sources."""
    return all([await articles.visibility.may_read_source(interaction, key) for key in sources])


class RestoreButton(PersistentItem, action="article-restore"):
    """Restores the version of an article before a history entry; carries the entry's number."""

    def __init__(self, entry: int) -> None:
        super().__init__(button(self.custom_id_of(entry), texts.ARTICLE_RESTORE_BUTTON.format(number=entry)))
        self.entry = entry

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Restore that version, which adds an entry to the history."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_HISTORY)
        who, quota = str(interaction.user.id), articles.service.quota
        hidden = await articles.visibility.own_hidden(interaction)
        sources = await articles.service.run(
            interaction.guild_id or 0, lambda library: _source_keys(library, self.entry)
        )
        if not await _reads(interaction, articles, sources):
            raise UserError(texts.NO_SUCH_ARTICLE)

        def restore(library: Library) -> Steps:
            entries = _visible_history(library, hidden, None, _MOST_SEARCHED)
            entry = next((one for one in entries if one.number == self.entry), None)
            if entry is None and hidden:
                raise UserError(texts.NO_SUCH_ARTICLE)
            if entry is not None and entry.what == "removed":
                require_count(library, quota)
            return (yield from library.restore_in_steps(self.entry, who))

        receipt = await articles.service.run_in_steps(interaction.guild_id or 0, restore)
        await reply.show(message_body(notice_card(receipt_text(receipt)), plain=is_plain(interaction)))


def _restore_buttons(entries: list[HistoryEntry]) -> Rows:
    buttons: list[PersistentItem] = [RestoreButton(one.number) for one in entries if one.kept]
    return [buttons[start : start + _BUTTONS_PER_ROW] for start in range(0, len(buttons), _BUTTONS_PER_ROW)]


def _renamed_text(before: str, after: str) -> str:
    return texts.ARTICLE_RENAMED.format(before=bold_title(before), after=bold_title(after))


def _history_text(entries: list[HistoryEntry]) -> str:
    if not entries:
        return texts.ARTICLE_HISTORY_NOTHING
    return join_fitting([texts.ARTICLE_HISTORY_HEADING, *map(_entry_line, entries)])


def _entry_line(entry: HistoryEntry) -> str:
    title = escaped_name(entry.title, _MAX_TITLE) or texts.UNTITLED
    parts = [
        f"`{entry.number}` {entry.at[:16].replace('T', ' ')}",
        f"**{title}**",
        texts.ARTICLE_EVENTS[entry.what],
        texts.ARTICLE_CHANGED.format(count=entry.characters) if entry.characters else "",
        _actor_text(entry.by),
    ]
    if entry.was is not None and entry.was != entry.title:
        parts.append(texts.ARTICLE_WAS.format(title=escaped_name(entry.was, _MAX_TITLE)))
    return "- " + " · ".join(part for part in parts if part)


def _actor_text(by: str) -> str:
    if by.isdecimal():
        return f"<@{by}>"
    return texts.ARTICLE_BY.get(by, "")

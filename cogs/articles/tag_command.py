"""`/article tag`: which collections an article is in, or everything from its site or channel."""

from __future__ import annotations

import discord
from discord import app_commands

from cogs.articles.article_cards import bold_title, source_link
from cogs.articles.cog import ArticlesCog, article_choices, article_group
from cogs.articles.collection_choice import listed, new_tags, send_collection_lists
from cogs.articles.source_reader import CHANNEL_KEYS
from cogs.core.features import feature
from cogs.messaging.interaction_reply import deferred
from cogs.ui.answer_card import notice_card
from i18n import texts
from index.libraries.library import Library
from index.libraries.library_names import own_library
from index.models import Article, UserError
from index.refreshing.change_detection import display_name
from index.text.tag_names import NONE


@article_group.command(name=texts.ARTICLE_TAG_NAME, description=texts.ARTICLE_TAG_DESCRIPTION)
@app_commands.describe(
    article=texts.ARTICLE_CHOICE_DESCRIPTION,
    collections=texts.TAG_COLLECTIONS_DESCRIPTION,
    everything=texts.TAG_EVERYTHING_DESCRIPTION,
)
@app_commands.autocomplete(article=article_choices)
async def tag(
    interaction: discord.Interaction,
    article: str,
    collections: app_commands.Range[str, 1, 500],
    everything: bool = False,
) -> None:
    """Put an article, or everything from its site or channel, into these collections alone."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        names, found = new_tags(collections), await articles.listing.find_own(interaction, article)
        origins = await articles.service.run(
            interaction.guild_id or 0, lambda library: _set_tags(library, found.id, names, everything=everything)
        )
        library = own_library(interaction.guild_id or 0)
        now = await articles.store.read(lambda: articles.store.read_only.tags_of(library, found.id))
        text = _result(found, now, origins)
        if everything and not origins:
            text += "\n" + texts.TAG_NOTHING_FOLLOWED.format(article=bold_title(found.title))
        await articles.show(interaction, reply, notice_card(text))


@tag.autocomplete("collections")
async def tag_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest collections for the end of the list."""
    articles = feature(interaction, ArticlesCog)
    none = (texts.COLLECTIONS_NONE, NONE)
    return await send_collection_lists(articles.store, articles.visibility, interaction, typed, none)


def _set_tags(library: Library, article_id: int, names: tuple[str, ...], *, everything: bool) -> list[str]:
    """Set the tags and return the origins of the article that now have them. Raises UserError if it is gone."""
    sources = library.catalog.sources if library.catalog else None
    keys = sources.keys_of_article(article_id) if sources else []
    found = {one.origin for key in keys if sources and (one := sources.get(key)) and one.origin}
    if not library.set_tags(article_id, names, whole_origin=everything):
        raise UserError(texts.NO_SUCH_ARTICLE)
    return sorted(found) if everything else []


def _result(article: Article, now: tuple[str, ...], origins: list[str]) -> str:
    """Return what the article, or everything from its origins, is in now."""
    if origins:
        text = texts.TAGGED_EVERYTHING if now else texts.UNTAGGED_EVERYTHING
        return text.format(source=", ".join(map(_origin_name, origins)), names=listed(now))
    return (texts.TAGGED if now else texts.UNTAGGED).format(article=bold_title(article.title), names=listed(now))


def _origin_name(origin: str) -> str:
    """Return the mention of a channel, or the public name of a site."""
    if origin.startswith(CHANNEL_KEYS):
        return f"<#{origin.rpartition('/')[2]}>"
    return source_link(display_name(origin))

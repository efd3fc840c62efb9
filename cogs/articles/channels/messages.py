"""The stored articles of a channel that is a source: which messages they come from, and their removal."""

from __future__ import annotations

from collections.abc import Collection, Generator
from typing import Final

from cogs.articles.article_service import ArticleService
from cogs.articles.source_reader import channel_key
from index.catalog.history import ChangeDetails
from index.libraries.library import Library

ACTOR: Final = "discord"
"""The author, in the history, of changes that follow a message instead of a command."""


async def stored_message_ids(article_service: ArticleService, guild_id: int, channel_id: int) -> set[int]:
    """Return the ids of a channel's messages that are stored as articles."""
    origin = channel_key(guild_id, channel_id)
    return set(await article_service.run(guild_id, lambda library: _keys_by_message(library, origin)))


async def remove_messages(
    article_service: ArticleService, guild_id: int, channel_id: int, message_ids: Collection[int], *, purge: bool
) -> None:
    """Remove the articles of these messages. With `purge` they cannot be restored: their authors have deleted them."""
    await remove_messages_of(article_service, guild_id, channel_key(guild_id, channel_id), message_ids, purge=purge)


async def remove_messages_of(
    article_service: ArticleService, guild_id: int, origin: str, message_ids: Collection[int], *, purge: bool
) -> None:
    """Do the same for messages whose sources have another origin than their channel."""
    await article_service.run_in_steps(
        guild_id, lambda library: _remove_in_steps(library, origin, message_ids, purge=purge)
    )


def _keys_by_message(library: Library, origin: str) -> dict[int, str]:
    keys = library.catalog.sources.keys_of_origin(origin) if library.catalog else []
    return {int(key.rpartition("/")[2]): key for key in keys}


def _remove_in_steps(
    library: Library, origin: str, message_ids: Collection[int], *, purge: bool
) -> Generator[None, None, None]:
    catalog, keys = library.catalog, _keys_by_message(library, origin)
    if catalog is None:
        return
    article_ids = []  # of articles that have no other source
    for key in (keys[message_id] for message_id in message_ids if message_id in keys):
        article = library.article_of_source(key)
        if article is not None and catalog.sources.keys_of_article(article.id) == [key]:
            article_ids.append(article.id)
        else:
            library.remove_source(key, ACTOR)
        yield
    for article_id in article_ids[:-1]:
        catalog.remove(article_id, ChangeDetails(ACTOR), purge=purge)
        yield
    for article_id in article_ids[-1:]:  # through the library, which then updates the indexes once for all of them
        library.remove(article_id, ACTOR, purge=purge)

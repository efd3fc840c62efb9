"""What a channel that is a source has brought: which of its messages are stored, and how they go."""

from __future__ import annotations

from collections.abc import Collection, Generator

from cogs.articles.article_service import ArticleService, channel_key
from index.catalog.history import ChangeDetails
from index.libraries.library import Library

WHO = "discord"  # in the history: not a person but what happened to a message


async def messages_of(article_service: ArticleService, guild_id: int, channel_id: int) -> set[int]:
    """Return the messages of a channel that are stored."""
    origin = channel_key(guild_id, channel_id)
    return set(await article_service.job(guild_id, lambda library: _keys(library, origin)))


async def forget_messages(
    article_service: ArticleService, guild_id: int, channel_id: int, message_ids: Collection[int], *, purge: bool
) -> None:
    """Remove these messages of a channel. With `purge` nothing brings them back: their authors have deleted them."""
    origin = channel_key(guild_id, channel_id)
    await article_service.work(guild_id, lambda library: _removing(library, origin, message_ids, purge=purge))


def _keys(library: Library, origin: str) -> dict[int, str]:
    keys = library.catalog.sources.of_origin(origin) if library.catalog else []
    return {int(key.rpartition("/")[2]): key for key in keys}


def _removing(
    library: Library, origin: str, message_ids: Collection[int], *, purge: bool
) -> Generator[None, None, None]:
    catalog, keys = library.catalog, _keys(library, origin)
    if catalog is None:
        return
    alone = []
    for key in (keys[message_id] for message_id in message_ids if message_id in keys):
        article = library.article_of(key)
        if article is not None and catalog.sources.of(article.id) == [key]:
            alone.append(article.id)
        else:
            library.detach(key, WHO)
        yield
    for article_id in alone[:-1]:
        catalog.remove(article_id, ChangeDetails(WHO), purge=purge)
        yield
    for article_id in alone[-1:]:  # which writes the indexes anew, once for all
        library.remove(article_id, WHO, purge=purge)

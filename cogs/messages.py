"""What a channel that is a source has brought: which of its messages are stored, and how they go."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from cogs.librarian import Librarian, channel_key
from index.library import Library

_WHO = "discord"  # in the history: not a person but what happened to a message


async def messages_of(librarian: Librarian, guild_id: int, channel_id: int) -> set[int]:
    """Return the messages of a channel that are stored."""
    return set(await _keys(librarian, guild_id, channel_id))


async def forget_messages(
    librarian: Librarian, guild_id: int, channel_id: int, message_ids: Collection[int], *, purge: bool
) -> None:
    """Remove these messages of a channel. With `purge` nothing brings them back: their authors have deleted them."""
    keys = await _keys(librarian, guild_id, channel_id)
    for key in (keys[message_id] for message_id in message_ids if message_id in keys):
        await librarian.job(guild_id, partial(_remove, key=key, purge=purge))


async def _keys(librarian: Librarian, guild_id: int, channel_id: int) -> dict[int, str]:
    origin = channel_key(guild_id, channel_id)
    keys = await librarian.job(
        guild_id, lambda library: library.catalog.sources.of_origin(origin) if library.catalog else []
    )
    return {int(key.rpartition("/")[2]): key for key in keys}


def _remove(library: Library, *, key: str, purge: bool) -> None:
    article = library.article_of(key)
    alone = article is not None and library.catalog is not None and library.catalog.sources.of(article.id) == [key]
    if article is not None and alone:
        library.remove(article.id, _WHO, purge=purge)
    else:
        library.detach(key, _WHO)

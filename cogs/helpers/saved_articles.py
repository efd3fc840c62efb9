"""The articles of saved messages: their words letter for letter, titled with the question that they answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cogs.articles.article_service import ArticleService
from cogs.articles.channels.messages import ACTOR, remove_messages_of
from cogs.articles.source_reader import channel_key
from index.libraries.library import Library
from index.models import Article, Draft, Receipt
from storage.saved_words import SavedWords

MAX_HEADING: Final = 200

# The key names the place if only those may read the words who can read it (cogs/core/visibility.py).
_KEY: Final = "discord-message"
_KEY_FOR_ALL: Final = "discord-words"


def source_key(words: SavedWords) -> str:
    """Return the key of the source that a saved message is."""
    return f"{_KEY_FOR_ALL if words.for_all else _KEY}:{words.guild_id}/{words.link}"


def origin_of(guild_id: int) -> str:
    """Return the origin of a server's saved messages; as it is neither an address nor a path, it is never refreshed."""
    return f"discord-words:{guild_id}"


class SavedArticles:
    """Stores, updates and removes the articles of saved messages."""

    def __init__(self, service: ArticleService) -> None:
        """Use the servers' libraries."""
        self._service = service

    async def draft(self, words: SavedWords, text: str) -> Draft:
        """Return the article of a message with this text. Raises UserError if it has no text to quote."""
        draft = await self._service.reader.read_message(words.guild_id, words.link, text)
        title = " ".join(words.title.split())[:MAX_HEADING] or draft.title
        return replace(draft, key=source_key(words), title=title, origin=origin_of(words.guild_id))

    async def store(self, words: SavedWords, draft: Draft, who: str = ACTOR) -> Receipt:
        """Store the article, or its new version. `who` is the author of the change in the history."""
        return await self._service.add(words.guild_id, draft, who)

    async def remove(self, words: SavedWords) -> None:
        """Remove the article, so that it cannot be restored."""
        origin = origin_of(words.guild_id)
        await remove_messages_of(self._service, words.guild_id, origin, {words.message_id}, purge=True)

    async def article(self, words: SavedWords) -> Article | None:
        """Return the article of a saved message, or None if it was removed."""
        key = source_key(words)
        return await self._service.run(words.guild_id, lambda library: library.article_of_source(key))

    async def followed_article(self, words: SavedWords) -> Article | None:
        """Return the article of a message whose whole channel is a source, or None."""
        key, origin = source_key(replace(words, for_all=False)), channel_key(words.guild_id, words.channel_id)

        def find(library: Library) -> Article | None:
            source = library.catalog.sources.get(key) if library.catalog else None
            return library.article_of_source(key) if source and source.origin == origin else None

        return await self._service.run(words.guild_id, find)

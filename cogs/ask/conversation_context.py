"""Finds the earlier turns of a question's conversation among the stored answers.

A conversation is a thread, a direct message channel or a chain of replies. Each stored answer holds the id of the one
it follows, so conversations survive a restart and end when their answers are deleted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from cogs.core.visible_articles import Hidden, is_hidden
from index.models import UserError
from qa.conversation.follow_ups import Turn
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)

_MOST: Final = 6  # earlier questions that are considered


@dataclass(frozen=True, slots=True)
class ConversationContext:
    """The earlier turns, oldest first, and the id of the answer that the next one follows.

    `articles` are the library and id of the article that each turn quotes, None for a question.
    """

    turns: tuple[Turn, ...] = ()
    follows: int | None = None
    articles: tuple[tuple[str, int] | None, ...] = ()

    def turns_without(self, hidden: Hidden) -> tuple[Turn, ...]:
        """Return the turns that quote no hidden article."""
        pairs = zip(self.turns, self.articles, strict=True)
        return tuple(turn for turn, place in pairs if place is None or not is_hidden(hidden, *place))


class ConversationContexts:
    """Reads conversation contexts from discord.db."""

    def __init__(self, store: AsyncStore, minutes: float) -> None:
        """Ignore answers older than `minutes`; with 0 all contexts are empty."""
        self._store = store
        self._seconds = 60 * minutes

    async def for_question(
        self, channel_id: int, replied_to: int | None, *, one_conversation: bool, after: int | None = None
    ) -> ConversationContext:
        """Return the context of a new question in a channel; empty if discord.db cannot be read.

        `replied_to` is the message that the question replies to, if any. `one_conversation` says whether all questions
        of the channel belong to one conversation, as in threads and direct messages. `after` is the answer that the
        question follows, if that is known.
        """
        if not self._seconds or not (replied_to or one_conversation or after):
            return ConversationContext()

        def read() -> ConversationContext:
            previous = self._store.database.answer(after) if after else None
            found = previous or self._previous_answer(channel_id, replied_to, one_conversation=one_conversation)
            return self._read(found)

        try:
            return await self._store.read(read)
        except (UserError, SQLAlchemyError):
            _log.exception("The conversation in channel %s could not be read", channel_id)
            return ConversationContext()

    async def for_answer(self, answer: StoredAnswer) -> ConversationContext:
        """Return the context of the question that a stored answer answers."""
        if not self._seconds or answer.follows is None:
            return ConversationContext()
        follows = answer.follows
        return await self._store.read(lambda: self._read(self._store.database.answer(follows)))

    def _previous_answer(
        self, channel_id: int, replied_to: int | None, *, one_conversation: bool
    ) -> StoredAnswer | None:
        database = self._store.database
        if replied_to is not None:
            for answer in database.answers_for_message(replied_to):
                if answer.channel_id == channel_id:
                    return answer
        return database.last_answer(channel_id) if one_conversation else None

    def _read(self, last: StoredAnswer | None) -> ConversationContext:
        since = time.time() - self._seconds
        if last is None or last.asked_at < since:
            return ConversationContext()
        earlier = self._store.database.conversation(last, since, _MOST)
        found = [pair for answer in earlier if answer.guild_id == last.guild_id for pair in self._turns(answer)]
        turns, articles = zip(*found, strict=True) if found else ((), ())
        return ConversationContext(turns, last.id, articles)

    def _turns(self, answer: StoredAnswer) -> Sequence[tuple[Turn, tuple[str, int] | None]]:
        """Return the question and its first quote, if its article still contains it; nothing without its text."""
        question = self._store.recent_questions.text_of(answer)
        if not question:
            return []
        turns: list[tuple[Turn, tuple[str, int] | None]] = [(Turn("user", question), None)]
        for stored in answer.quotes[: min(1, answer.shown)]:  # none before the member has said which article is meant
            quote = stored.quote(self._store.read_only.article(stored.library, stored.article_id))
            turns += [(Turn("assistant", quote.text), (quote.library, quote.article_id))] if quote else []
        return turns

"""Which conversation a question belongs to, read from what the bot remembers of the answers it gave.

A conversation is a thread, a direct message, or a chain of replies. Each answer notes the one that it follows, so
that a conversation survives a restart and ends with its records.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from index.models import UserError
from qa.conversation.follow_ups import Turn
from storage.models import StoredAnswer

_log = logging.getLogger(__name__)

_MOST: Final = 6  # earlier questions of one conversation that are looked at


@dataclass(frozen=True, slots=True)
class ConversationContext:
    """What was said before: the turns, oldest first, and the id of the answer that the next one follows."""

    turns: tuple[Turn, ...] = ()
    follows: int | None = None


class ConversationContexts:
    """Finds what was said before a question."""

    def __init__(self, store: AsyncStore, minutes: float) -> None:
        """Look back at most `minutes`; 0 finds nothing, ever."""
        self._store = store
        self._seconds = 60 * minutes

    async def before(self, channel_id: int, replied_to: int | None, *, one_conversation: bool) -> ConversationContext:
        """Return what was said in a channel before a question that replies to a message, or to none.

        `one_conversation` tells whether all that is asked there belongs together, as in a thread or a direct message.
        Nothing is returned where it cannot be read: the question is answered all the same.
        """
        if not self._seconds or not (replied_to or one_conversation):
            return ConversationContext()
        try:
            return await self._store.run(
                lambda: self._read(self._last(channel_id, replied_to, one_conversation=one_conversation))
            )
        except (UserError, SQLAlchemyError):
            _log.exception("What was said before in channel %s could not be read", channel_id)
            return ConversationContext()

    async def again(self, given: StoredAnswer) -> ConversationContext:
        """Return what was said before an answer that was given."""
        if not self._seconds or given.follows is None:
            return ConversationContext()
        follows = given.follows
        return await self._store.run(lambda: self._read(self._store.database.answer(follows)))

    def _last(self, channel_id: int, replied_to: int | None, *, one_conversation: bool) -> StoredAnswer | None:
        database = self._store.database
        if replied_to is not None:
            for given in database.answers_for_message(replied_to):
                if given.channel_id == channel_id:
                    return given
        return database.last_answer(channel_id) if one_conversation else None

    def _read(self, last: StoredAnswer | None) -> ConversationContext:
        since = time.time() - self._seconds
        if last is None or last.asked_at < since:
            return ConversationContext()
        earlier = self._store.database.conversation(last, since, _MOST)
        return ConversationContext(tuple(turn for given in earlier for turn in self._turns(given)), last.id)

    def _turns(self, given: StoredAnswer) -> Sequence[Turn]:
        """Return a question and its first quote, if that still stands in its article."""
        said = [Turn("user", given.question)]
        for kept in given.quotes[:1]:
            quote = kept.quote(self._store.read_only.article(kept.library, kept.article_id))
            said += [Turn("assistant", quote.text)] if quote else []
        return said

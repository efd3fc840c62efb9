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

from cogs.core.async_store import Records
from index.models import UserError
from qa.conversation.follow_ups import Turn
from storage.models import Given

_log = logging.getLogger(__name__)

_MOST: Final = 6  # earlier questions of one conversation that are looked at


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said before: the turns, oldest first, and the id of the answer that the next one follows."""

    turns: tuple[Turn, ...] = ()
    follows: int | None = None


class Talks:
    """Finds what was said before a question."""

    def __init__(self, records: Records, minutes: float) -> None:
        """Look back at most `minutes`; 0 finds nothing, ever."""
        self._records = records
        self._seconds = 60 * minutes

    async def before(self, channel_id: int, replied_to: int | None, *, one_talk: bool) -> Talk:
        """Return what was said in a channel before a question that replies to a message, or to none.

        `one_talk` tells whether all that is asked there is one conversation, as in a thread or a direct message.
        Nothing is returned where it cannot be read: the question is answered all the same.
        """
        if not self._seconds or not (replied_to or one_talk):
            return Talk()
        try:
            return await self._records.run(lambda: self._read(self._last(channel_id, replied_to, one_talk=one_talk)))
        except (UserError, SQLAlchemyError):
            _log.exception("What was said before in channel %s could not be read", channel_id)
            return Talk()

    async def again(self, given: Given) -> Talk:
        """Return what was said before an answer that was given."""
        if not self._seconds or given.follows is None:
            return Talk()
        follows = given.follows
        return await self._records.run(lambda: self._read(self._records.store.answer(follows)))

    def _last(self, channel_id: int, replied_to: int | None, *, one_talk: bool) -> Given | None:
        store = self._records.store
        if replied_to is not None:
            for given in store.about(replied_to):
                if given.channel_id == channel_id:
                    return given
        return store.last_answer(channel_id) if one_talk else None

    def _read(self, last: Given | None) -> Talk:
        since = time.time() - self._seconds
        if last is None or last.asked_at < since:
            return Talk()
        earlier = self._records.store.conversation(last, since, _MOST)
        return Talk(tuple(turn for given in earlier for turn in self._turns(given)), last.id)

    def _turns(self, given: Given) -> Sequence[Turn]:
        """Return a question and its first quote, if that still stands in its article."""
        said = [Turn("user", given.question)]
        for kept in given.quotes[:1]:
            quote = kept.quote(self._records.shelves.article(kept.library, kept.article_id))
            said += [Turn("assistant", quote.text)] if quote else []
        return said

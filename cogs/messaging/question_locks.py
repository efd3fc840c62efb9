"""Per-message locks, and the memory of recently deleted questions, which must not be answered any more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, TypeVar

from cogs.core.keyed_locks import KeyedLocks
from i18n import texts
from index.models import UserError

V = TypeVar("V")

_MOST_REMEMBERED: Final = 1000  # deleted messages, and messages with notices


class QuestionDeletedError(UserError):
    """The message was deleted before it was answered."""

    def __init__(self) -> None:
        """Set the text for the log; members do not see it."""
        super().__init__(texts.QUESTION_GONE)


class QuestionLocks:
    """Locks and recent deletions of question messages; on the event loop, and empty after a restart."""

    def __init__(self) -> None:
        """Start empty."""
        self._locks = KeyedLocks()
        self._deleted: OrderedDict[int, None] = OrderedDict()
        self._notices: OrderedDict[int, list[tuple[int, int]]] = OrderedDict()

    @asynccontextmanager
    async def lock(self, *message_ids: int) -> AsyncIterator[None]:
        """Lock messages inside the block: answering, handling an edit and deleting the answer must not overlap."""
        async with AsyncExitStack() as stack:
            for key in sorted(set(message_ids)):
                await stack.enter_async_context(self._locks.lock(key))
            yield

    def mark_deleted(self, *message_ids: int) -> None:
        """Remember that messages were deleted."""
        for key in message_ids:
            _remember(self._deleted, key, None)

    def raise_if_deleted(self, message_id: int) -> None:
        """Raise QuestionDeletedError if the message was deleted recently."""
        if message_id in self._deleted:
            raise QuestionDeletedError

    def add_notice(self, message_id: int, channel_id: int, notice_id: int) -> None:
        """Remember a response of the bot that is not stored, such as why a question was not answered."""
        _remember(self._notices, message_id, [*self._notices.get(message_id, ()), (channel_id, notice_id)])

    def pop_notices(self, *message_ids: int) -> list[tuple[int, int]]:
        """Remove the notices to these messages and return their channels' and their own ids."""
        return [notice for key in message_ids for notice in self._notices.pop(key, ())]


def _remember(recent: OrderedDict[int, V], key: int, value: V) -> None:
    recent[key] = value
    while len(recent) > _MOST_REMEMBERED:
        recent.popitem(last=False)

"""The messages that are being answered just now, and those that have gone lately: an answer follows its question."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from i18n import texts
from index.models import UserError

V = TypeVar("V")

_REMEMBERED: Final = 1000  # messages that have gone, and messages that got a notice


class QuestionGoneError(UserError):
    """The message was deleted before it was answered, so it is not answered any more."""

    def __init__(self) -> None:
        """Say it for the log; whoever has deleted a question is told nothing."""
        super().__init__(texts.QUESTION_GONE)


class QuestionLocks:
    """What becomes of questions that are messages; lives on the event loop, and begins anew with each start."""

    def __init__(self) -> None:
        """Begin with none."""
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._gone: OrderedDict[int, None] = OrderedDict()
        self._notices: OrderedDict[int, int] = OrderedDict()

    @asynccontextmanager
    async def turn(self, *message_ids: int) -> AsyncIterator[None]:
        """Do one thing after another with a message: answer it, answer its edit, take the answer away."""
        async with AsyncExitStack() as stack:
            for key in sorted(set(message_ids)):
                await stack.enter_async_context(self._turns.setdefault(key, asyncio.Lock()))
            yield

    def gone(self, *message_ids: int) -> None:
        """Note that messages were deleted."""
        for key in message_ids:
            _remember(self._gone, key, None)

    def require(self, message_id: int) -> None:
        """Raise QuestionGoneError where a message was deleted lately."""
        if message_id in self._gone:
            raise QuestionGoneError

    def noticed(self, message_id: int, notice_id: int) -> None:
        """Note which message of the bot tells why a message was not answered."""
        _remember(self._notices, message_id, notice_id)

    def notices(self, *message_ids: int) -> list[int]:
        """Return the notices that these messages got lately, and forget them."""
        found = (self._notices.pop(key, None) for key in message_ids)
        return [notice for notice in found if notice is not None]


def _remember(kept: OrderedDict[int, V], key: int, value: V) -> None:
    kept[key] = value
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)

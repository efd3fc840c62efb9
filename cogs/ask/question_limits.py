"""Rate limits of members, channels and servers, and the pause of a server."""

from __future__ import annotations

import time
from collections.abc import Callable

from cogs.ask.question_metrics import LimitError
from cogs.core.async_store import AsyncStore
from cogs.core.keyed_locks import KeyedLocks
from cogs.core.pauses import paused_notice
from cogs.services import Inquiry
from i18n import texts
from storage.models import ServerSettings
from storage.rate_limits import RateLimiter, asked_lately


class QuestionLimits:
    """Counts questions; those of one server never count in another.

    They are counted in memory, by the process that runs the server's shard. Where others may have run it before, the
    stored answers of the last hour are counted first.
    """

    def __init__(self, store: AsyncStore) -> None:
        """Start with no questions but those in `store`, if it is shared with other processes."""
        self._store = store
        self._limiter = RateLimiter()
        self._learnt: set[int | None] = set()  # servers whose stored questions are counted
        self._locks = KeyedLocks()  # by server

    async def check(self, inquiry: Inquiry, settings: ServerSettings, *, count: bool = True) -> None:
        """Count the question unless `count` is False.

        Raises LimitError if the server is paused or, with the time left, over a rate limit.
        """
        if settings.paused:
            raise LimitError(paused_notice(settings))
        guild_id = inquiry.guild_id
        await self._learn(guild_id)
        member, channel, server = settings.quotas
        limits = [(("member", guild_id, inquiry.member_id), member)]
        if guild_id is not None:
            limits += [(("channel", guild_id, inquiry.channel_id), channel), (("server", guild_id, guild_id), server)]
        waits = [self._limiter.wait(*limit) for limit in limits]
        longest = max(waits)
        if longest > 0:
            messages = (texts.MEMBER_LIMIT, texts.CHANNEL_LIMIT, texts.SERVER_LIMIT)
            raise LimitError(messages[waits.index(longest)].format(when=relative_time(longest)))
        if count:
            self._limiter.count(*limits)

    def forget(self, concerns: Callable[[int | None], bool]) -> None:
        """Count the stored questions of some servers again, as other processes may have answered there meanwhile."""
        self._learnt = {guild_id for guild_id in self._learnt if not concerns(guild_id)}
        self._limiter.forget(lambda key: isinstance(key, tuple) and concerns(key[1]))

    async def _learn(self, guild_id: int | None) -> None:
        if not self._store.is_shared or guild_id in self._learnt:
            return
        async with self._locks.lock(guild_id or 0):
            if guild_id not in self._learnt:
                found = await self._store.run(lambda: asked_lately(self._store.database, guild_id))
                for member_id, channel_id, ago in found:
                    keys = [("member", guild_id, member_id)]
                    if guild_id is not None:
                        keys += [("channel", guild_id, channel_id), ("server", guild_id, guild_id)]
                    self._limiter.learn((key, ago) for key in keys)
                self._learnt.add(guild_id)


def relative_time(seconds: float) -> str:
    """Return a Discord time stamp some seconds from now, shown in the reader's language as "in 30 seconds"."""
    return f"<t:{int(time.time() + seconds) + 1}:R>"

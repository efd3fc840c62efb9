"""Rate limits of members, channels and servers, and the pause of a server."""

from __future__ import annotations

import time

from cogs.ask.question_metrics import LimitError
from cogs.core.pauses import paused_notice
from cogs.services import Inquiry
from i18n import texts
from storage.models import ServerSettings
from storage.rate_limits import RateLimiter


class QuestionLimits:
    """Counts questions; those of one server never count in another."""

    def __init__(self) -> None:
        """Start with no questions."""
        self._limiter = RateLimiter()

    def check(self, inquiry: Inquiry, settings: ServerSettings, *, count: bool = True) -> None:
        """Count the question unless `count` is False.

        Raises LimitError if the server is paused or, with the time left, over a rate limit.
        """
        if settings.paused:
            raise LimitError(paused_notice(settings))
        guild_id = inquiry.guild_id
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


def relative_time(seconds: float) -> str:
    """Return a Discord time stamp some seconds from now, shown in the reader's language as "in 30 seconds"."""
    return f"<t:{int(time.time() + seconds) + 1}:R>"

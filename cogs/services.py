"""What the features share: one of each for the whole bot."""

from __future__ import annotations

from dataclasses import dataclass, field

from cogs.ask.ask_service import Desk
from cogs.core.async_store import Records
from cogs.messaging.in_flight import InFlight
from cogs.messaging.replies import MessageReplies


@dataclass(frozen=True, slots=True)
class Services:
    """What answers, what remembers, what counts the answers being given, and what replies to messages."""

    desk: Desk
    records: Records
    in_flight: InFlight
    replies: MessageReplies = field(default_factory=MessageReplies)

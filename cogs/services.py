"""What the features share: one of each for the whole bot."""

from __future__ import annotations

from dataclasses import dataclass, field

from cogs.desk import Desk
from cogs.inflight import InFlight
from cogs.records import Records
from cogs.replies import MessageReplies


@dataclass(frozen=True, slots=True)
class Services:
    """What answers, what remembers, what counts the answers being given, and what replies to messages."""

    desk: Desk
    records: Records
    in_flight: InFlight
    replies: MessageReplies = field(default_factory=MessageReplies)

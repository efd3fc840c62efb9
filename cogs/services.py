"""What the features share: one of each for the whole bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import discord

from cogs.core.async_store import AsyncStore
from cogs.messaging.in_flight import InFlight
from cogs.messaging.replies import MessageReplies, Reply
from storage.models import StoredAnswer


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question with who asks it and where.

    `question_id` is the message that asks, None for a command; `replied_to` and `one_conversation` say to what
    conversation it belongs, as in `cogs/ask/conversation_context.py`. `article` (library, id) is the only one to
    look in, where one was chosen. `show_question` repeats the question where readers would not see it. A
    `preview` is private, and can be posted. With `only_answers` any other outcome is passed over in silence,
    and not remembered; so is what has less confidence than `floor`. `whole` is false where the question is not
    simply what its message says.
    """

    question: str
    member_id: int
    channel_id: int
    guild_id: int | None
    question_id: int | None = None
    replied_to: int | None = None
    one_conversation: bool = False
    article: tuple[str, int] | None = None
    private: bool = False
    preview: bool = False
    show_question: bool = False
    only_answers: bool = False
    floor: float = 0.0
    whole: bool = True


class InquiryHandler(Protocol):
    """What answers inquiries, whichever feature they come from."""

    async def answer(self, inquiry: Inquiry, reply: Reply) -> None:
        """Answer `inquiry` where `reply` says. Raises UserError where limits or a pause forbid it, or it is gone."""
        ...

    async def sources(self, inquiry: Inquiry, reply: Reply) -> None:
        """Show the sentences nearest to what was said. Raises UserError where limits or a pause forbid it."""
        ...

    async def post(self, given: StoredAnswer, reply: Reply) -> int:
        """Show an answer that was given privately to all, once, and return the id of its message."""
        ...

    async def answer_again(self, given: StoredAnswer, question: str, message: discord.PartialMessage) -> None:
        """Put the answer to an edited question in the place of the one that was given in `message`."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What answers, what remembers, what counts the answers being given, and what replies to messages."""

    ask: InquiryHandler
    store: AsyncStore
    in_flight: InFlight
    replies: MessageReplies = field(default_factory=MessageReplies)

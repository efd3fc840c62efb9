"""What the features share: one of each for the whole bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import discord

from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from cogs.messaging.in_flight import InFlight
from cogs.messaging.replies import MessageReplies, Reply
from cogs.ui.components import Rows
from index.libraries.registry import Libraries
from index.sources.http.client import Fetcher
from qa.ask import Answers
from settings import Settings
from storage.models import ServerSettings, StoredAnswer


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


AnswerControls = Callable[[StoredAnswer, ServerSettings], Rows]
"""What gives an answer its buttons, row by row."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What is made before Discord is reached, and closed after it. `libraries` is called on the worker's thread alone.

    `worker` owns the models and libraries; `fetch_worker` fetches and parses what members add.
    """

    settings: Settings
    worker: Worker
    fetch_worker: Worker
    libraries: Callable[[], Libraries]
    fetcher: Fetcher
    answers: Answers
    store: AsyncStore


@dataclass(frozen=True, slots=True)
class Services:
    """What the features share: one of each for the whole bot."""

    resources: Resources
    ask: InquiryHandler
    in_flight: InFlight
    replies: MessageReplies

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        return self.resources.settings

    @property
    def store(self) -> AsyncStore:
        """The bot's memory, and the articles as they are read."""
        return self.resources.store

"""The services that the cogs share, and the interface to the one that answers questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import discord

from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.core.worker import Worker
from cogs.messaging.accepted import AcceptedQuestions
from cogs.messaging.claims import Claim
from cogs.messaging.in_flight import InFlight
from cogs.messaging.message_reply import MessageReplies
from cogs.messaging.replies import Reply
from cogs.ui.components import Rows
from index.libraries.registry import Libraries
from index.sources.http.client import Fetcher
from qa.ask import Answers
from settings import Settings
from storage.models import ServerSettings
from storage.stored_answers import StoredAnswer

LONGEST_QUESTION: Final = 500
"""Characters of a question that is put to the bot."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question, who asks it and where.

    Attributes:
        question_id: The message that asks; None for a slash command.
        replied_to: The message that the question replies to; finds the earlier turns of a reply chain.
        one_conversation: Whether all questions of the channel belong to one conversation (threads, direct messages).
        article: Library name and article id if the asker restricted the search to one article.
        private: Whether only the asker sees the answer.
        preview: Whether the answer is private and can be posted with a button.
        show_question: Whether the answer repeats the question, because readers would not see it otherwise.
        only_answers: Whether outcomes other than `Answer` are neither shown nor stored.
        min_confidence: The lowest confidence, 0 to 1, of an outcome that is shown and stored.
        collection: Name of the collection if the asker restricted the search to one.
        whole: Whether the questions of its message are all in that message, so that an edit can be answered.
        cut: Whether the question was longer and only its beginning is asked, which the answer says.
        after: The answer to the question before this one in the same message.
        overheard: Whether nobody asked the bot: then the question counts against limits only if an answer is shown.
        claim: The stored question that this inquiry answers; None if it is not stored.
        asker: The member if the event carries them with their roles; otherwise Discord is asked if it matters.
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
    min_confidence: float = 0.0
    whole: bool = True
    collection: str | None = None
    cut: bool = False
    after: int | None = None
    overheard: bool = False
    claim: Claim | None = None
    asker: discord.abc.User | None = None


class InquiryHandler(Protocol):
    """Answers inquiries of all features; implemented by `cogs.ask.ask_service.AskService`."""

    async def answer(self, inquiry: Inquiry, reply: Reply) -> int | None:
        """Answer `inquiry` through `reply` and return the id of the stored answer; None if nothing is shown or stored.

        Raises UserError if the server is paused, a rate limit is reached or the question has been deleted.
        """
        ...

    async def answer_each(self, inquiry: Inquiry, questions: Sequence[str], reply: Reply) -> None:
        """Answer the questions of one message in order, each as `answer` does, in a message of its own."""
        ...

    def busy_notice(self, guild_id: int | None, member_id: int) -> str | None:
        """Return how long a member's question will take if that is longer than `BUSY_SECONDS`, else None."""
        ...

    async def sources(self, inquiry: Inquiry, reply: Reply) -> None:
        """Show the sentences nearest to a statement. Raises UserError if paused or rate limited."""
        ...

    async def post(self, answer: StoredAnswer, reply: Reply) -> int:
        """Post a private answer publicly, once, and return the id of the new message."""
        ...

    async def keep(self, answer: StoredAnswer, settings: ServerSettings) -> StoredAnswer:
        """Store an answer, in place of what was stored under its id, and return it with its id."""
        ...

    def controls(self, answer: StoredAnswer, settings: ServerSettings, *, preview: bool) -> Rows:
        """Return the buttons of an answer, or those of a private preview of it."""
        ...

    async def update_answer(
        self, answer: StoredAnswer, question: str, message: discord.PartialMessage, *, cut: bool = False
    ) -> None:
        """Edit `message`, which shows `answer`, to answer the edited question; `cut` is as in `Inquiry`."""
        ...


AnswerControls = Callable[[StoredAnswer, ServerSettings], Rows]
"""Returns the buttons of an answer, row by row."""


HelpControls = Callable[[bool], Rows]
"""Returns the buttons of the short help; the argument says whether its reader may change the server's settings."""


def no_help_controls(_manages: bool) -> Rows:
    """Return no buttons."""
    return []


@dataclass(frozen=True, slots=True)
class Resources:
    """Resources that are opened before the client connects and closed after it.

    `worker` owns the models and libraries, so `libraries` may be called only on its thread; `fetch_worker` fetches
    and parses what members add, on several threads.
    """

    settings: Settings
    worker: Worker
    fetch_worker: Worker
    libraries: Callable[[], Libraries]
    fetcher: Fetcher
    answers: Answers
    store: AsyncStore
    ping_indexes: Callable[[], None] | None = None  # asks the server of the indexes, on any thread; None without one
    cluster: tuple[int, int] | None = None  # the process's number, from 0, and how many there are; None to lease shards


@dataclass(frozen=True, slots=True)
class Services:
    """The services that every cog receives in `setup`; one instance per client."""

    resources: Resources
    ask: InquiryHandler
    in_flight: InFlight
    replies: MessageReplies
    visibility: Visibility
    accepted: AcceptedQuestions
    help_controls: HelpControls = no_help_controls

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        return self.resources.settings

    @property
    def store(self) -> AsyncStore:
        """Async access to discord.db and the read-only catalogues."""
        return self.resources.store

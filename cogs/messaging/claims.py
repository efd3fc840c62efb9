"""A question as it is accepted, and as the process holds it that answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from storage.accepted_questions import AcceptedQuestion, Hold


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is accepted.

    Attributes:
        question_id: The id of the message or interaction that asks.
        kind: The way of asking; a handler for it is registered with `AcceptedQuestions.resume_with`.
        version: What tells an edited message from the one that was answered before.
        details: What is needed to answer it again, as JSON can hold it: its text, and the token of an interaction.
    """

    question_id: int
    kind: str
    guild_id: int | None
    channel_id: int
    member_id: int
    details: Mapping[str, Any]
    version: str = ""


@dataclass(slots=True, eq=False)
class Claim:
    """A question that this process answers.

    Attributes:
        stored: The question as it was stored, or as another process had left it.
        details: As in `Asked`.
        sent: How many of the answers to its message were sent before.
        after: The last of them.
        earlier: The ids of the messages with them.
        is_over: Whether it is not stored any more, because the last answer was sent.
        together: The ids of other stored questions that have the same answer.
    """

    stored: AcceptedQuestion
    details: Mapping[str, Any]
    begin: Callable[[], Awaitable[None]]
    sent: int = 0
    after: int | None = None
    earlier: frozenset[int] = frozenset()
    is_over: bool = False
    together: tuple[int, ...] = ()

    @property
    def hold(self) -> Hold:
        """The claim, for the database."""
        return Hold(self.stored.question_id, self.stored.holder)

    @property
    def is_resumed(self) -> bool:
        """Whether another process, or an earlier run, had begun to answer the question."""
        return self.stored.tries > 0

    def nonce(self, part: int) -> int:
        """Return the nonce of the `part`th answer that this process sends: Discord keeps one message with it."""
        return self.stored.nonce + self.sent + part


def again(question: AcceptedQuestion, details: Mapping[str, Any]) -> Asked:
    """Return a stored question as it was accepted."""
    return Asked(
        question.question_id, question.kind, question.guild_id, question.channel_id, question.member_id, details
    )

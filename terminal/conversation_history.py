"""Conversations in the terminal: the turns that a batch line brings, and those that the chat remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from index.models import UserError
from qa.conversation.follow_ups import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qa.outcome import Outcome

_ROLES: Final[Mapping[str, Literal["user", "assistant"]]] = {
    "user": "user",
    "assistant": "assistant",
    "agent": "assistant",  # as data sets of conversations say
}
_MALFORMED: Final = (
    'The "history" of this line must be a list of objects such as {"role": "user", "text": "..."}, oldest first, '
    'with "user" or "assistant" as the role.'
)


def turns(history: object) -> tuple[Turn, ...]:
    """Return the turns that JSON values stand for. Raises UserError where they are no such list."""
    if not isinstance(history, list):
        raise UserError(_MALFORMED)
    return tuple(_turn(values) for values in history)


def _turn(values: Any) -> Turn:
    if not isinstance(values, dict) or not isinstance(values.get("text"), str):
        raise UserError(_MALFORMED)
    role = values.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise UserError(_MALFORMED)
    return Turn(_ROLES[role], values["text"])


def after(outcome: Outcome) -> tuple[Turn, ...]:
    """Return the turns that an outcome adds to its conversation: the question and the first quote."""
    asked = Turn("user", outcome.question)
    return (asked, Turn("assistant", outcome.quotes[0].text)) if outcome.quotes else (asked,)

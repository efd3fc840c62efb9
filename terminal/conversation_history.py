"""Conversation turns of the terminal: from the `history` of a batch line, and from an answered question."""

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
    "agent": "assistant",  # the name in some conversation data sets
}
_MALFORMED: Final = (
    'The "history" of this line must be a list of objects such as {"role": "user", "text": "..."}, oldest first, '
    'with "user" or "assistant" as the role.'
)


def parse_turns(history: object) -> tuple[Turn, ...]:
    """Return the turns of a JSON `history`. Raises UserError if it is not a list of objects with `role` and `text`."""
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


def turns_of(outcome: Outcome) -> tuple[Turn, ...]:
    """Return the turns that an outcome adds to its conversation: the question and the first quote."""
    asked = Turn("user", outcome.question)
    return (asked, Turn("assistant", outcome.quotes[0].text)) if outcome.quotes else (asked,)

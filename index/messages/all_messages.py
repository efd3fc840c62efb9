"""All messages of `index`, for those who translate them."""

from __future__ import annotations

from index.messages import addresses, archives, files, library, tags
from index.messages.sentence import Message, messages_in


def all_messages() -> list[Message]:
    """Return every message of `index`, by subject."""
    return [message for module in (files, archives, addresses, library, tags) for message in messages_in(vars(module))]

"""Turn chat messages into drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.models import Draft
from index.parsers.sandbox_pool import SANDBOX


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message, exactly as written."""

    author: str
    text: str


def draft_from_chat(
    messages: Sequence[ChatMessage], *, key: str, source: str, title: str, published: str | None = None
) -> Draft:
    """Return the draft of a conversation: its messages in order, with their authors as headings.

    Each message is parsed by itself, so that for example an unclosed code fence ends with it, and a quote never spans
    two messages. `published` is an ISO 8601 date. Raises `UserError` if no text can be quoted.
    """
    rows = [(message.author, message.text) for message in messages]
    return SANDBOX.chat(rows, key=key, source=source, title=title, published=published)

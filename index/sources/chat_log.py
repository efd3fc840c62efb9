"""Turn chat messages into drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.models import Draft, Section, UserError
from index.text.encoding import normalize_newlines
from index.text.metadata_values import clean_title
from index.text.sections import sections


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
    text = ""
    found: list[Section] = []
    author = None
    for message in messages:
        if message.author != author:
            author = message.author
            text += f"{author}\n\n"
        body = normalize_newlines(message.text).strip("\n")
        found += [_shift(section, len(text), author) for section in sections(body, (), markdown=True)]
        text += f"{body}\n\n"
    if not found:
        raise UserError("It has no text that could be quoted.")
    return Draft(key, source, clean_title(title), text.rstrip("\n") + "\n", published, tuple(found))


def _shift(section: Section, by: int, author: str) -> Section:
    heading = " > ".join(part for part in (author, section.heading) if part)
    return replace(section, start=section.start + by, end=section.end + by, heading=heading)

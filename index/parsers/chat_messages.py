"""Parse chat messages: one article, in which each author is a heading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from index.messages.files import NOTHING_QUOTABLE
from index.models import Draft, Link, Section, UserError
from index.text.encoding import normalize_newlines
from index.text.link_addresses import bounded
from index.text.markdown_links import markdown_links
from index.text.metadata_values import clean_title
from index.text.sections import sections


def chat_draft(
    messages: Iterable[tuple[str, str]], *, key: str, source: str, title: str, published: str | None = None
) -> Draft:
    """Return the draft of a conversation, given the author and the text of each message in order.

    Each message is parsed by itself, so that for example an unclosed code fence ends with it, and a quote never spans
    two messages. `published` is an ISO 8601 date. Raises `UserError` if no text can be quoted.
    """
    parts: list[str] = []
    length = 0
    found: list[Section] = []
    links: list[Link] = []
    current = None
    for author, text in messages:
        if author != current:
            current = author
            parts.append(f"{author}\n\n")
            length += len(parts[-1])
        body = normalize_newlines(text).strip("\n")
        found += [_shift(section, length, author) for section in sections(body, (), markdown=True)]
        links += (Link(a + length, b + length, address) for a, b, address in markdown_links(body))
        parts.append(f"{body}\n\n")
        length += len(parts[-1])
    if not found:
        raise UserError(NOTHING_QUOTABLE)
    whole = "".join(parts).rstrip("\n") + "\n"
    return Draft(key, source, clean_title(title), whole, published, tuple(found), links=bounded(links))


def _shift(section: Section, by: int, author: str) -> Section:
    heading = " > ".join(part for part in (author, section.heading) if part)
    return replace(section, start=section.start + by, end=section.end + by, heading=heading)

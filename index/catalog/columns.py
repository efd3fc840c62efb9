"""How values are stored in the columns of the catalogue: JSON, digests and timestamps."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import astuple
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from index.models import Link, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from index.models import Draft

ARTICLE_COLUMNS: Final = ("title", "published", "sections", "author", "language", "pages", "links")


def article_columns(draft: Draft) -> dict[str, str | None]:
    """Return the values of `ARTICLE_COLUMNS`, which describe an article apart from its text."""
    sections = json.dumps([astuple(section) for section in draft.sections])
    offsets = list(zip(draft.pages, draft.times, strict=True)) if draft.times else draft.pages
    pages = json.dumps(offsets) if offsets else None
    links = links_column(draft.links)
    values = (draft.title, draft.published, sections, draft.author, draft.language, pages, links)
    return dict(zip(ARTICLE_COLUMNS, values, strict=True))


def parse_pages(stored: str | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Read the column `pages`: the offsets of pages or cues, and the seconds of cues (empty for pages)."""
    found = json.loads(stored or "[]")
    if found and isinstance(found[0], list):
        return tuple(offset for offset, _ in found), tuple(second for _, second in found)
    return tuple(found), ()


def links_column(links: Sequence[Link] | None) -> str | None:
    """Return the value of the column `links`."""
    return None if links is None else json.dumps(links, ensure_ascii=False)


def parse_links(stored: str | None) -> tuple[Link, ...] | None:
    """Read the column `links`."""
    return None if stored is None else tuple(Link(*item) for item in json.loads(stored))


def introductions_column(spans: Sequence[Span]) -> str | None:
    """Return the value of the column `introductions`."""
    return json.dumps([astuple(span) for span in spans]) if spans else None


def parse_introductions(stored: str | None) -> tuple[Span, ...]:
    """Read the column `introductions`."""
    return tuple(Span(*pair) for pair in json.loads(stored)) if stored else ()


def text_digest(text: str) -> bytes:
    """Return the digest (SHA-256) by which an article is found by its text."""
    return hashlib.sha256(text.encode()).digest()


def passage_digest(text: str, vector: np.ndarray) -> bytes:
    """Return a digest (64-bit BLAKE2b) of text and vector together, which shows later that neither has changed."""
    return hashlib.blake2b(text.encode() + vector.astype("<f4").tobytes(), digest_size=8).digest()


def digest_number(digest: bytes) -> int:
    """Return what `passage_digest` returned as a number below 2**64; a damaged one gives another number."""
    return int.from_bytes(digest[:8], "little")


def now() -> str:
    """Return the current time in UTC as ISO 8601, to the second."""
    return iso_time(time.time())


def iso_time(at: float) -> str:
    """Return a Unix time in UTC as ISO 8601, to the second."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")

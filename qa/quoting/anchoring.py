"""Whether the letters of a quotation still stand in an article, known by their digest alone, and where."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from index.text.blocks import lines
from index.text.sentences import sentence_spans

if TYPE_CHECKING:
    from index.models import Article


def digest_of(text: str) -> str:
    """Return what proves letters without telling them (sha256)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stands(article: Article, start: int, end: int, digest: str) -> bool:
    """Whether the letters with this digest are what an article says from `start` to `end`."""
    return digest_of(article.text[start:end]) == digest


def stands_again(article: Article, start: int, end: int, digest: str) -> int | None:
    """Return where letters that stood at `start:end` of another version begin in this one, or None.

    Quotations begin with a sentence or a line. Where the same words stand several times, it is the nearest place.
    """
    length = end - start
    near = sorted(_starts(article), key=lambda at: abs(at - start))
    return next((at for at in near if stands(article, at, at + length, digest)), None)


@lru_cache(maxsize=64)
def _starts(article: Article) -> frozenset[int]:
    return frozenset(span.start for span in (*sentence_spans(article.text), *lines(article.text)))

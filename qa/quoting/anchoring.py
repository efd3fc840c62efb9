"""Finds quoted text again in an article, or in a newer version of it, by a digest of the text alone."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from index.memory import sized_cache
from index.text.blocks import lines
from index.text.sentences import sentence_spans

if TYPE_CHECKING:
    from index.models import Article


_AFTER_MARK: Final = re.compile(r"[.!?…:;][\"'”’»)\]*_]*\s+|[。！？｡．][”’」』】）》〉]*")
_WORD: Final = re.compile(r"\S+")
_KEPT: Final = 32 * 1024 * 1024  # bytes of each cache
_MOST: Final = 64  # articles


def digest_of(text: str) -> str:
    """Return the SHA-256 digest of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def matches_at(article: Article, start: int, end: int, digest: str) -> bool:
    """Whether the text of an article from `start` to `end` has this digest."""
    return digest_of(article.text[start:end]) == digest


def find_again(article: Article, start: int, end: int, digest: str) -> int | None:
    """Return where text that was at `start:end` of another version begins in this one, or None if it is gone.

    The beginnings of sentences and lines are tried first, since quotes begin there, and places after a mark, since an
    earlier version of the bot may have ended a sentence there; then those of all words, since it may have ended one
    anywhere. Of several places the one nearest to `start` is returned.
    """
    length = end - start
    for starts in (_possible_starts, _word_starts):
        near = sorted(starts(article), key=lambda at: abs(at - start))
        found = next((at for at in near if matches_at(article, at, at + length, digest)), None)
        if found is not None:
            return found
    return None


@sized_cache(_KEPT, _MOST)
def _possible_starts(article: Article) -> frozenset[int]:
    begins = (span.start for span in (*sentence_spans(article.text, article.language), *lines(article.text)))
    return frozenset((*begins, *(mark.end() for mark in _AFTER_MARK.finditer(article.text))))


@sized_cache(_KEPT, _MOST)
def _word_starts(article: Article) -> tuple[int, ...]:
    return tuple(word.start() for word in _WORD.finditer(article.text))

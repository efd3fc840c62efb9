"""The structure and paragraphs of articles; those of the articles asked for most recently are kept."""

from __future__ import annotations

from collections.abc import Sequence

from index.memory import sized_cache
from index.models import Article, Span
from index.text.structure import Structure, structure_of

_KEPT = 64 * 1024 * 1024  # bytes, for few large articles
_MOST = 64  # articles


@sized_cache(_KEPT, _MOST)
def article_structure(article: Article) -> Structure:
    """Return the headings, paragraphs, tables, lists and code blocks of an article."""
    return structure_of(article.text, article.sections, article.language)


def article_paragraphs(article: Article) -> Sequence[Span]:
    """Return the paragraphs of an article in order, headings not included; all of its text if it has none."""
    return article_structure(article).paragraphs or (Span(0, len(article.text)),)

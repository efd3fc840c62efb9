"""Finds what the catalogue has already: an article with a draft's text, and a title given by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from index.catalog.columns import ARTICLE_COLUMNS, article_columns, text_digest
from index.catalog.schema import articles, sources

if TYPE_CHECKING:
    import sqlalchemy as sa

    from index.models import Draft

# The language follows from the text, and new links are stored without a new version (`Catalog.set_links`).
_COMPARED = tuple(name for name in ARTICLE_COLUMNS if name not in {"language", "links"})


def match(db: sa.Connection, draft: Draft) -> tuple[int, bool] | None:
    """Return (id, same) of the article with a draft's text, or None, as `CatalogReader.match`, in a transaction."""
    title = given_title(db, draft.key)
    draft = draft if title is None else replace(draft, title=title)
    same_text = articles.c.text_digest == text_digest(draft.text)
    own = select(articles).join(sources).where(sources.c.key == draft.key, same_text)
    row = db.execute(own).first()
    if row:
        described_by = select(sources.c.key).where(sources.c.article_id == row.id).order_by(sources.c.id).limit(1)
        other = db.execute(described_by).scalar() != draft.key
        return (row.id, True) if other or _is_as_stored(draft, row) else None
    others = select(articles.c.id).join(sources).where(sources.c.key != draft.key, same_text)
    found = db.execute(others.order_by(articles.c.id)).scalar()
    return (found, False) if found else None


def given_title(db: sa.Connection, key: str) -> str | None:
    """Return the title that somebody gave to a source's article, or None."""
    return db.execute(select(sources.c.titled).where(sources.c.key == key)).scalar()


def _is_as_stored(draft: Draft, row: sa.Row[tuple[object, ...]]) -> bool:
    """Return whether a draft has the title, date and other columns of an article with the same text."""
    new = article_columns(draft)
    return all(getattr(row, name) == new[name] for name in _COMPARED)

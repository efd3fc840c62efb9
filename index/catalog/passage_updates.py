"""Replacing the passages of stored articles: under another title, or for another chunker or model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np
from sqlalchemy import select

from index.catalog import history, mutations
from index.catalog.basis import Basis, ChangedMeanwhileError
from index.catalog.engine import write_transaction
from index.catalog.history import ChangeDetails
from index.catalog.meta_values import delete_meta, meta_value, set_meta
from index.catalog.queries import CatalogReader
from index.catalog.schema import articles, sources
from index.models import Chunk

if TYPE_CHECKING:
    from collections.abc import Sequence

Rows = tuple["Sequence[Chunk]", np.ndarray]  # an article's passages, and their (n, d) vectors
_REINDEXED: Final = "reindexed"  # key in `meta`: [id of the last article, index version] while `reindex` is at work


class PassageUpdates(CatalogReader):
    """The changes of a catalogue that replace passages; `Catalog` adds the others. Each is one transaction."""

    def rename(
        self, article_id: int, title: str, rows: Rows, index_version: str, change: ChangeDetails, basis: Basis
    ) -> bool:
        """Give an article a title and new passages, since the title is embedded too; return whether it exists.

        The title is kept when a source has a new version. `rows` are the passages with their vectors. Raises
        ChangedMeanwhileError if the basis is no longer true.
        """
        with write_transaction(self._engine) as db:
            mutations.require_epoch(db, basis)
            row = db.execute(select(articles.c.title, articles.c.text).where(articles.c.id == article_id)).one_or_none()
            if row is None:
                return False
            db.execute(articles.update().where(articles.c.id == article_id).values(title=title))
            db.execute(sources.update().where(sources.c.article_id == article_id).values(titled=title))
            mutations.replace_passages(db, article_id, row.text, *rows, index_version)
            history.record(db, "renamed", article_id, title, change.who, was=row.title)
        return True

    def update_passages(
        self, article_id: int, title: str, rows: Rows, index_version: str, *, reindexing: bool = False
    ) -> np.ndarray | None:
        """Replace the passages of one article; return the ids of the old ones, or None if there is no such article.

        `title` is the one that was embedded; raises ChangedMeanwhileError if the article has another by now. With
        `reindexing` its near duplicates are found again too, and `reindexed` remembers that it was done.
        """
        with write_transaction(self._engine) as db:
            row = db.execute(select(articles.c.title, articles.c.text).where(articles.c.id == article_id)).one_or_none()
            if row is None:
                return None
            if row.title != title:
                raise ChangedMeanwhileError
            gone = mutations.replace_passages(db, article_id, row.text, *rows, index_version)
            if reindexing:
                mutations.forget_near_duplicates(db, article_id)
                mutations.record_near_duplicates(db, article_id, row.text, only_older=True)
                set_meta(db, _REINDEXED, json.dumps([article_id, index_version]))
        return gone

    def begin_reindex(self, index_version: str) -> int:
        """Return the id up to which an interrupted `reindex` for this index version has come; 0 to begin anew."""
        with write_transaction(self._engine) as db:
            stored = json.loads(meta_value(db, _REINDEXED) or "[0, null]")
            epoch = meta_value(db, "epoch")
            unrecorded = articles.update().where(articles.c.index_version.is_(None))
            db.execute(unrecorded.values(index_version=epoch))  # so that they are told from those of the new model
        return int(stored[0]) if stored[1] == index_version else 0

    def end_reindex(self) -> None:
        """Record that every article was reindexed."""
        with write_transaction(self._engine) as db:
            delete_meta(db, _REINDEXED)

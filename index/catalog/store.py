"""Writes of the catalogue, which is the source of truth: every index is filled from it.

Ids are never reused, so an id of a removed passage that an index still holds is unknown here and never refers to
another passage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy import select

from index.catalog import history, mutations
from index.catalog.columns import links_column
from index.catalog.engine import open_engine, write_transaction
from index.catalog.history import NO_DETAILS, ChangeDetails, Retention
from index.catalog.queries import CatalogReader, passage_ids
from index.catalog.schema import articles, bands, near_duplicates, passages, sources
from index.models import Chunk, Draft, Link, UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Rows = tuple["Sequence[Chunk]", np.ndarray]  # an article's passages, and their (n, d) vectors

_NONE: Final = np.empty(0, np.int64)


class Catalog(CatalogReader):
    """One library's catalogue file. Every change is one transaction, which includes its entry in the history.

    Raises UserError if the file cannot be read, or if another process keeps it locked for 30 seconds.
    """

    def __init__(self, path: Path, keep: Retention = Retention(), *, read_only: bool = False) -> None:  # noqa: B008 - frozen
        try:
            engine = open_engine(path, read_only=read_only)
        except sa.exc.DatabaseError as error:
            message = (
                f"The library file {path.name} cannot be read ({error.orig}). "
                "Restore a copy of it, or move its folder away and add the articles again."
            )
            raise UserError(message) from error
        super().__init__(engine, keep)

    def put(
        self,
        draft: Draft,
        chunks: Sequence[Chunk],
        vectors: np.ndarray,
        index_version: str,
        change: ChangeDetails = NO_DETAILS,
    ) -> tuple[int, np.ndarray]:
        """Store an article; it replaces the article that its source held before, which is kept as a version.

        `chunks` are its n passages, `vectors` is (n, d). Returns the article's new id and the ids of the passages that
        were deleted.
        """
        with write_transaction(self._engine) as db:
            return self._put(db, draft, (chunks, vectors), index_version, change)

    def add_source(self, article_id: int, draft: Draft, change: ChangeDetails = NO_DETAILS) -> np.ndarray:
        """Add the draft's source to an article with the same text; return the ids of passages that were deleted."""
        with write_transaction(self._engine) as db:
            return self._add_source(db, article_id, draft, change)

    def restore(
        self, drafts: Sequence[Draft], rows: Rows, index_version: str, change: ChangeDetails, *, titled: bool
    ) -> int:
        """Store an earlier version again, given as one draft per source; return the article's new id.

        What these sources hold now is kept as a version. `titled` is true if the title was given by hand.
        """
        with write_transaction(self._engine) as db:
            article_id, _ = self._put(db, drafts[0], rows, index_version, change)
            for draft in drafts[1:]:
                self._add_source(db, article_id, draft, change)
            title = drafts[0].title if titled else None
            db.execute(sources.update().where(sources.c.article_id == article_id).values(titled=title))
        return article_id

    def _put(
        self, db: sa.Connection, draft: Draft, rows: Rows, index_version: str, change: ChangeDetails
    ) -> tuple[int, np.ndarray]:
        before = self._snapshot_of_source(db, draft.key)
        article_id = mutations.insert_article(db, draft)
        mutations.upsert_source(db, draft, article_id)
        mutations.insert_passages(db, article_id, draft.text, *rows, index_version)
        mutations.count_change(db, "epoch", index_version)
        gone = self._record_new_article(db, before, article_id, draft, change)
        mutations.record_near_duplicates(db, article_id, draft.text)
        return article_id, gone

    def _add_source(self, db: sa.Connection, article_id: int, draft: Draft, change: ChangeDetails) -> np.ndarray:
        before = self._snapshot_of_source(db, draft.key)
        mutations.upsert_source(db, draft, article_id)
        mutations.count_change(db)
        if change.what is None and (before is None or before["id"] != article_id):
            history.record(db, "joined", article_id, draft.title, change.who)
        return self._delete_unsourced(db, before, change) if before else _NONE

    def rename(self, article_id: int, title: str, rows: Rows, index_version: str, change: ChangeDetails) -> bool:
        """Give an article a title and new passages, since the title is embedded too; return whether it exists.

        The title is kept when a source has a new version. `rows` are the passages with their vectors.
        """
        with write_transaction(self._engine) as db:
            row = db.execute(select(articles.c.title, articles.c.text).where(articles.c.id == article_id)).one_or_none()
            if row is None:
                return False
            db.execute(articles.update().where(articles.c.id == article_id).values(title=title))
            db.execute(sources.update().where(sources.c.article_id == article_id).values(titled=title))
            db.execute(passages.delete().where(passages.c.article_id == article_id))
            mutations.insert_passages(db, article_id, row.text, *rows, index_version)
            mutations.count_change(db, "epoch", index_version)
            history.record(db, "renamed", article_id, title, change.who, was=row.title)
        return True

    def set_language(self, article_id: int, language: str | None) -> None:
        """Store the language of an article, a BCP 47 tag, if the article exists."""
        with write_transaction(self._engine) as db:
            db.execute(articles.update().where(articles.c.id == article_id).values(language=language))

    def set_links(self, article_id: int, links: Sequence[Link]) -> None:
        """Store the links of an article, if it exists and they are not those stored."""
        new = links_column(links)
        other = articles.c.links.is_distinct_from(new)
        with write_transaction(self._engine) as db:
            if db.execute(articles.update().where(articles.c.id == article_id, other).values(links=new)).rowcount:
                mutations.count_change(db)

    def update_passages(self, article_id: int, rows: Rows, index_version: str) -> np.ndarray | None:
        """Replace the passages of one article; return the ids of the old ones, or None if there is no such article."""
        with write_transaction(self._engine) as db:
            text = db.execute(select(articles.c.text).where(articles.c.id == article_id)).scalar()
            if text is None:
                return None
            gone = passage_ids(db, article_id)
            db.execute(passages.delete().where(passages.c.article_id == article_id))
            mutations.insert_passages(db, article_id, text, *rows, index_version)
            mutations.count_change(db, "epoch", index_version)
        return gone

    def replace_passages(self, rows: Iterable[tuple[int, str, Rows]], index_version: str) -> None:
        """Replace the passages of every article; each row is (article id, text, passages with vectors).

        One transaction: if it is interrupted, the library stays as it was.
        """
        with write_transaction(self._engine) as db:
            for table in (passages, bands, near_duplicates):
                db.execute(table.delete())
            for article_id, text, own in rows:
                mutations.insert_passages(db, article_id, text, *own, index_version)
                mutations.record_near_duplicates(db, article_id, text)
            mutations.count_change(db, "epoch", index_version)

    def remove(self, article_id: int, change: ChangeDetails = NO_DETAILS, *, purge: bool = False) -> np.ndarray | None:
        """Remove an article with all its sources; return its passages' ids, or None if there is no such article.

        It is kept as a version. With `purge` nothing of it is kept, nor of the articles it replaced; this also works
        for an article that was removed before.
        """
        with write_transaction(self._engine) as db:
            known = db.execute(select(articles.c.id).where(articles.c.id == article_id)).first()
            before = mutations.snapshot(db, article_id) if known else None
            gone = None
            if before is not None:
                mutations.dismiss_sources(db, article_id)
                gone = self._delete_unsourced(db, before, change, forced=True)
                mutations.count_change(db)
            if purge and history.purge(db, article_id, change.who) and gone is None:
                gone = _NONE
        if purge and gone is not None:
            self._truncate_log()
        return gone

    def remove_source(self, key: str, change: ChangeDetails = NO_DETAILS) -> np.ndarray:
        """Remove a source, and its article if that has no other; return the ids of passages that were deleted."""
        with write_transaction(self._engine) as db:
            before = self._snapshot_of_source(db, key)
            mutations.delete_source(db, key)
            mutations.count_change(db)
            return self._delete_unsourced(db, before, change) if before else _NONE

    def _snapshot_of_source(self, db: sa.Connection, key: str) -> dict[str, Any] | None:
        found = mutations.article_id_of(db, key)
        return None if found is None else mutations.snapshot(db, found)

    def _record_new_article(
        self, db: sa.Connection, before: dict[str, Any] | None, article_id: int, draft: Draft, change: ChangeDetails
    ) -> np.ndarray:
        """Record a new article in the history; delete the one it replaces and keep that as a version."""
        if before is None or mutations.has_source(db, before["id"]):
            history.record(db, change.what or "added", article_id, draft.title, change.who, chain=change.chain)
            return _NONE
        details = {"characters": history.changed_characters(before["text"], draft.text), "passages": change.passages}
        details |= {"chain": change.chain or history.chain_of(db, before["id"]), "was": before["title"]}
        number = history.record(db, change.what or "replaced", article_id, draft.title, change.who, **details)
        history.keep_version(db, number, before, self._keep)
        return mutations.delete_article(db, before["id"])

    def _delete_unsourced(
        self, db: sa.Connection, before: dict[str, Any], change: ChangeDetails, *, forced: bool = False
    ) -> np.ndarray:
        """Delete an article without sources (with `forced`, any) and keep it as a version; return its passages' ids."""
        if not forced and mutations.has_source(db, before["id"]):
            return _NONE
        number = history.record(db, "removed", before["id"], before["title"], change.who)
        history.keep_version(db, number, before, self._keep)
        return mutations.delete_article(db, before["id"])

    def _truncate_log(self) -> None:
        """Checkpoint and truncate the write-ahead log, which still contains what was deleted."""
        connection = self._engine.raw_connection()  # a checkpoint cannot run in a transaction
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

"""Writes of the catalogue, which is the source of truth: every index is filled from it.

Ids are never reused, so an id of a removed passage that an index still holds is unknown here and never refers to
another passage.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import select

from index.catalog import change_log, history, mutations
from index.catalog.article_tags import prune_tags
from index.catalog.basis import Basis, ChangedMeanwhileError
from index.catalog.change_log import ChangeRecorder, record_change
from index.catalog.columns import links_column
from index.catalog.engine import write_transaction
from index.catalog.history import NO_DETAILS, ChangeDetails, Retention
from index.catalog.passage_updates import PassageUpdates, Rows
from index.catalog.schema import articles, sources
from index.catalog.sqlite_file import SqliteFile
from index.models import Chunk, Draft, Link

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from index.catalog.catalogs import CatalogStorage

_NONE: Final = np.empty(0, np.int64)


class Catalog(PassageUpdates):
    """One library's catalogue. Every change is one transaction, which includes its entry in the history.

    It is in a file of its own, given by its path, or in another storage. Every method raises StorageError, a UserError,
    if the storage is damaged, was written by a newer version, cannot be written or reached, or if another process keeps
    the library locked for 30 seconds; and UserError for text that cannot be stored (`CleanText`).
    """

    def __init__(
        self,
        storage: Path | CatalogStorage,
        keep: Retention = Retention(),  # noqa: B008 - frozen
        *,
        read_only: bool = False,
    ) -> None:
        self._storage = SqliteFile(storage, read_only=read_only) if isinstance(storage, Path) else storage
        super().__init__(self._storage.engine, keep)

    def put(
        self,
        draft: Draft,
        chunks: Sequence[Chunk],
        vectors: np.ndarray,
        index_version: str,
        change: ChangeDetails = NO_DETAILS,
        basis: Basis | None = None,
    ) -> tuple[int, np.ndarray]:
        """Store an article; it replaces the article that its source held before, which is kept as a version.

        `chunks` are its n passages, `vectors` is (n, d). Returns the article's new id and the ids of the passages that
        were deleted. Raises ChangedMeanwhileError if `basis` is given and no longer true, or if an article with the
        same text has been stored since; SourceChangedError as `Basis` says.
        """
        with write_transaction(self._engine) as db:
            if basis is not None:
                mutations.require_basis(db, basis, draft, titled=True)
            return self._put(db, draft, (chunks, vectors), index_version, change)

    def add_source(
        self, article_id: int, draft: Draft, change: ChangeDetails = NO_DETAILS, basis: Basis | None = None
    ) -> np.ndarray:
        """Add the draft's source to an article with the same text; return the ids of passages that were deleted.

        Raises ChangedMeanwhileError if the article no longer exists; SourceChangedError as `Basis` says.
        """
        with write_transaction(self._engine) as db:
            if basis is not None:
                mutations.require_source(db, basis, draft.key)
            if not mutations.has_source(db, article_id):
                raise ChangedMeanwhileError
            return self._add_source(db, article_id, draft, change)

    def restore(
        self, drafts: Sequence[Draft], rows: Rows, index_version: str, change: ChangeDetails, basis: Basis
    ) -> int:
        """Store an earlier version again, given as one draft per source; return the article's new id.

        What these sources hold now is kept as a version. Raises ChangedMeanwhileError as `put` does, and if the version
        is no longer kept.
        """
        with write_transaction(self._engine) as db:
            mutations.require_basis(db, basis, drafts[0])
            if change.number is not None and not history.is_kept(db, change.number):
                raise ChangedMeanwhileError
            article_id, _ = self._put(db, drafts[0], rows, index_version, change)
            for draft in drafts[1:]:
                self._add_source(db, article_id, draft, change)
            title = drafts[0].title if change.titled else None
            db.execute(sources.update().where(sources.c.article_id == article_id).values(titled=title))
        return article_id

    def _put(
        self, db: sa.Connection, draft: Draft, rows: Rows, index_version: str, change: ChangeDetails
    ) -> tuple[int, np.ndarray]:
        before = self._snapshot_of_source(db, draft.key)
        article_id = mutations.insert_article(db, draft)
        if before is not None and before["text"] == draft.text:  # a new title or date: all sources have this text
            mutations.move_sources(db, before["id"], article_id)
        mutations.upsert_source(db, draft, article_id)
        changed = ChangeRecorder()
        new = mutations.insert_passages(db, article_id, draft.text, *rows, index_version)
        changed.article_added(article_id, draft.text, new)
        gone = self._record_new_article(db, before, article_id, draft, change, changed)
        mutations.record_near_duplicates(db, article_id, draft.text)
        changed.write(db)
        return article_id, gone

    def _add_source(self, db: sa.Connection, article_id: int, draft: Draft, change: ChangeDetails) -> np.ndarray:
        before = self._snapshot_of_source(db, draft.key)
        mutations.upsert_source(db, draft, article_id)
        changed = ChangeRecorder(articles={article_id})
        if change.what is None and (before is None or before["id"] != article_id):
            title = db.execute(select(articles.c.title).where(articles.c.id == article_id)).scalar_one()
            history.record(db, "joined", article_id, title, change.who)
        gone = self._delete_unsourced(db, before, change, changed) if before else _NONE
        changed.write(db)
        return gone

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
                record_change(db, [article_id])

    def remove(self, article_id: int, change: ChangeDetails = NO_DETAILS, *, purge: bool = False) -> np.ndarray | None:
        """Remove an article with all its sources; return its passages' ids, or None if there is no such article.

        It is kept as a version. With `purge` nothing of it is kept, nor of the articles it replaced; this also works
        for an article that was removed before. In that case it raises UserError if its text is in another article,
        which purging would not delete.
        """
        with write_transaction(self._engine) as db:
            known = db.execute(select(articles.c.id).where(articles.c.id == article_id)).first()
            before = mutations.snapshot(db, article_id) if known else None
            gone = None
            if before is not None:
                mutations.dismiss_sources(db, article_id)
                changed = ChangeRecorder()
                gone = self._delete_unsourced(db, before, change, changed, forced=True)
                changed.write(db)
            if purge and history.purge(db, article_id, change.who, removed_before=before is None) and gone is None:
                gone = _NONE
            if purge:
                prune_tags(db)
        if purge and gone is not None:
            self._storage.forget_deleted()
        return gone

    def remove_source(
        self, key: str, change: ChangeDetails = NO_DETAILS, *, missing: str | None = None
    ) -> np.ndarray | None:
        """Remove a source, and its article if that has no other; return the ids of passages that were deleted.

        With `missing` it is removed only if it is still missing since then; else nothing is changed, and the result is
        None.
        """
        with write_transaction(self._engine) as db:
            if missing is not None and mutations.missing_since(db, key) != missing:
                return None
            before = self._snapshot_of_source(db, key)
            mutations.delete_source(db, key)
            changed = ChangeRecorder(articles={before["id"]} if before else set())
            gone = self._delete_unsourced(db, before, change, changed) if before else _NONE
            changed.write(db)
        return gone

    def _snapshot_of_source(self, db: sa.Connection, key: str) -> dict[str, Any] | None:
        found = mutations.article_id_of(db, key)
        return None if found is None else mutations.snapshot(db, found)

    def _record_new_article(
        self,
        db: sa.Connection,
        before: dict[str, Any] | None,
        article_id: int,
        draft: Draft,
        change: ChangeDetails,
        changed: ChangeRecorder,
    ) -> np.ndarray:
        """Record a new article in the history; delete the one it replaces and keep that as a version."""
        if before is not None:
            changed.articles.add(before["id"])
        if before is None or mutations.has_source(db, before["id"]):
            history.record(db, change.what or "added", article_id, draft.title, change.who, chain=change.chain)
            return _NONE
        details = {"characters": history.changed_characters(before["text"], draft.text), "passages": change.passages}
        details |= {"chain": change.chain or history.chain_of(db, before["id"]), "was": before["title"]}
        number = history.record(db, change.what or "replaced", article_id, draft.title, change.who, **details)
        history.keep_version(db, number, before, self._keep)
        return mutations.delete_article(db, before, changed)

    def _delete_unsourced(
        self,
        db: sa.Connection,
        before: dict[str, Any],
        change: ChangeDetails,
        changed: ChangeRecorder,
        *,
        forced: bool = False,
    ) -> np.ndarray:
        """Delete an article without sources (with `forced`, any) and keep it as a version; return its passages' ids."""
        if not forced and mutations.has_source(db, before["id"]):
            return _NONE
        number = history.record(db, "removed", before["id"], before["title"], change.who)
        history.keep_version(db, number, before, self._keep)
        return mutations.delete_article(db, before, changed)

    def recount(self) -> bool:
        """Correct the running totals if they are not what counting gives; return whether they were wrong."""
        with self._engine.connect() as db:
            if change_log.totals(db) == change_log.counted(db):
                return False
        with write_transaction(self._engine) as db:
            change_log.correct_totals(db)
        return True

    def integrity_errors(self) -> list[str]:
        """Run the storage's own integrity checks; return what they report, nothing if all is well."""
        sourceless = select(articles.c.id).where(articles.c.id.not_in(select(sources.c.article_id)))
        with self._engine.connect() as db:
            found = [f"article {key} has no source" for key in db.execute(sourceless).scalars()]
        return self._storage.integrity_errors() + found

    def close(self) -> None:
        """Close the storage."""
        self._storage.close()

"""The catalogue: articles, their sources, passages and vectors. The one truth; every index is filled from it.

Ids are never reused, so that whatever a cache still holds of a removed passage is missing here, never
another passage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy import select

from index.catalog import history, mutations
from index.catalog.history import NOBODY, ChangeDetails, Retention
from index.catalog.queries import CatalogReader
from index.catalog.schema import articles, bands, near_duplicates, open_engine, passages, sources, writing
from index.models import Draft, Span, UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Rows = tuple["Sequence[tuple[Span, str]]", np.ndarray]  # passages with their headings, and their (n, d) vectors

_NONE: Final = np.empty(0, np.int64)


class Catalog(CatalogReader):
    """One library's catalogue file. Every change is one transaction, with its entry in the history.

    Raises UserError where the file cannot be read, or another process keeps it locked for 30 seconds.
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
        spans: Sequence[tuple[Span, str]],
        vectors: np.ndarray,
        epoch: str,
        by: ChangeDetails = NOBODY,
    ) -> tuple[int, np.ndarray]:
        """Store an article whole; what its source held before goes with it, and is kept as a version for a while.

        `spans` are passages and their headings, `vectors` is (n, d). Returns the article's new id and the
        ids of the passages that are gone.
        """
        with writing(self._engine) as db:
            return self._put(db, draft, (spans, vectors), epoch, by)

    def share(self, article_id: int, draft: Draft, by: ChangeDetails = NOBODY) -> np.ndarray:
        """Let the draft's source name an article that already holds its text; return passage ids that are gone."""
        with writing(self._engine) as db:
            return self._join(db, article_id, draft, by)

    def restore(self, drafts: Sequence[Draft], rows: Rows, epoch: str, by: ChangeDetails, *, titled: bool) -> int:
        """Store an earlier version again, one draft for each of its sources; return the article's new id.

        What these sources hold now is kept as a version. `titled` says that the title was given by hand.
        """
        with writing(self._engine) as db:
            article_id, _ = self._put(db, drafts[0], rows, epoch, by)
            for draft in drafts[1:]:
                self._join(db, article_id, draft, by)
            title = drafts[0].title if titled else None
            db.execute(sources.update().where(sources.c.article_id == article_id).values(titled=title))
        return article_id

    def _put(
        self, db: sa.Connection, draft: Draft, rows: Rows, epoch: str, by: ChangeDetails
    ) -> tuple[int, np.ndarray]:
        before = self._before(db, draft.key)
        article_id = mutations.insert_article(db, draft)
        mutations.attach(db, draft, article_id)
        mutations.insert_passages(db, article_id, draft.text, *rows)
        mutations.remember(db, "epoch", epoch)
        gone = self._succeed(db, before, article_id, draft, by)
        mutations.note_near_duplicates(db, article_id, draft.text)
        return article_id, gone

    def _join(self, db: sa.Connection, article_id: int, draft: Draft, by: ChangeDetails) -> np.ndarray:
        before = self._before(db, draft.key)
        mutations.attach(db, draft, article_id)
        mutations.remember(db)
        if by.what is None and (before is None or before["id"] != article_id):
            history.record(db, "joined", article_id, draft.title, by.who)
        return self._end(db, before, by) if before else _NONE

    def rename(self, article_id: int, title: str, rows: Rows, epoch: str, by: ChangeDetails) -> bool:
        """Give an article a title, and new passages, since title and text are embedded; tell whether it is there.

        The title stays when a source brings a new version. `rows` are the passages with their vectors.
        """
        with writing(self._engine) as db:
            row = db.execute(select(articles.c.title, articles.c.text).where(articles.c.id == article_id)).one_or_none()
            if row is None:
                return False
            db.execute(articles.update().where(articles.c.id == article_id).values(title=title))
            db.execute(sources.update().where(sources.c.article_id == article_id).values(titled=title))
            db.execute(passages.delete().where(passages.c.article_id == article_id))
            mutations.insert_passages(db, article_id, row.text, *rows)
            mutations.remember(db, "epoch", epoch)
            history.record(db, "renamed", article_id, title, by.who, was=row.title)
        return True

    def replace_passages(
        self, rows: Iterable[tuple[int, str, Sequence[tuple[Span, str]], np.ndarray]], epoch: str
    ) -> None:
        """Give every article new passages: (article id, its text, spans with headings, vectors) each.

        Broken off at any point, it leaves the library as it was.
        """
        with writing(self._engine) as db:
            for table in (passages, bands, near_duplicates):
                db.execute(table.delete())
            for article_id, text, spans, vectors in rows:
                mutations.insert_passages(db, article_id, text, spans, vectors)
                mutations.note_near_duplicates(db, article_id, text)
            mutations.remember(db, "epoch", epoch)

    def remove(self, article_id: int, by: ChangeDetails = NOBODY, *, purge: bool = False) -> np.ndarray | None:
        """Remove an article with all its sources; return its passages' ids, or None if there is no such article.

        It is kept for a while for being brought back; with `purge` nothing of it is kept, nor of what it had replaced,
        and one that was removed before is there for this.
        """
        with writing(self._engine) as db:
            known = db.execute(select(articles.c.id).where(articles.c.id == article_id)).first()
            before = mutations.snapshot(db, article_id) if known else None
            gone = None
            if before is not None:
                mutations.dismiss(db, article_id)
                gone = self._end(db, before, by, forced=True)
                mutations.remember(db)
            if purge and history.erase(db, article_id, by.who) and gone is None:
                gone = _NONE
        if purge and gone is not None:
            self._empty_log()
        return gone

    def detach(self, key: str, by: ChangeDetails = NOBODY) -> np.ndarray:
        """Remove a source, and its article when no other source names it; return the ids of passages that are gone."""
        with writing(self._engine) as db:
            before = self._before(db, key)
            mutations.part(db, key)
            mutations.remember(db)
            return self._end(db, before, by) if before else _NONE

    def _before(self, db: sa.Connection, key: str) -> dict[str, Any] | None:
        found = mutations.article_of(db, key)
        return None if found is None else mutations.snapshot(db, found)

    def _succeed(
        self, db: sa.Connection, before: dict[str, Any] | None, article_id: int, draft: Draft, by: ChangeDetails
    ) -> np.ndarray:
        """Record a new article, and end the one whose place it has taken."""
        if before is None or mutations.has_source(db, before["id"]):
            history.record(db, by.what or "added", article_id, draft.title, by.who, chain=by.chain)
            return _NONE
        told = {"characters": history.difference(before["text"], draft.text), "passages": by.passages}
        told |= {"chain": by.chain or history.chain_of(db, before["id"]), "was": before["title"]}
        number = history.record(db, by.what or "replaced", article_id, draft.title, by.who, **told)
        history.keep_version(db, number, before, self._keep)
        return mutations.delete_article(db, before["id"])

    def _end(self, db: sa.Connection, before: dict[str, Any], by: ChangeDetails, *, forced: bool = False) -> np.ndarray:
        """Delete an article that no source names any more, and keep it as a version."""
        if not forced and mutations.has_source(db, before["id"]):
            return _NONE
        number = history.record(db, "removed", before["id"], before["title"], by.who)
        history.keep_version(db, number, before, self._keep)
        return mutations.delete_article(db, before["id"])

    def _empty_log(self) -> None:
        """Write SQLite's log into the file and cut it off, for it still holds what was deleted."""
        connection = self._engine.raw_connection()  # no transaction, in which this could not be done
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

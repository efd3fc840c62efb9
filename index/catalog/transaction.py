"""Several changes of a catalogue in one transaction, so that they become durable together."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Self, cast

from sqlalchemy import select

from index.catalog import history, mutations
from index.catalog.change_log import ChangeRecorder
from index.catalog.columns import text_digest
from index.catalog.engine import write_transaction
from index.catalog.schema import articles, dismissed, failures, sources
from index.catalog.store import Catalog, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    import sqlalchemy as sa

    from index.catalog.history import ChangeDetails, Retention
    from index.models import Draft


@contextmanager
def transaction(catalog: Catalog, drafts: Iterable[Draft]) -> Iterator[CatalogTransaction]:
    """Begin a transaction of a catalogue, which commits when the block ends and is undone if it raises an error.

    `drafts` are those that may be stored in it.
    """
    with write_transaction(catalog._engine) as db:  # noqa: SLF001 - of the same package
        inside = CatalogTransaction(db, catalog._keep, drafts)  # noqa: SLF001
        yield inside
        inside.finish()


class CatalogTransaction(Catalog):
    """A catalogue inside one open transaction: every method reads and writes there. Valid until the transaction ends.

    A method of `Catalog` that raises an error has changed nothing, and the transaction may go on; after an error of
    `add_new` it must not.
    """

    def __init__(self, db: sa.Connection, keep: Retention, drafts: Iterable[Draft]) -> None:
        super(Catalog, self).__init__(cast("sa.Engine", _OpenConnection(db)), keep)
        self._db = db
        self._changed = ChangeRecorder()  # what `add_new` stored
        self._stored = StoredAlready(db, drafts)

    def is_new(self, draft: Draft) -> bool:
        """Whether surely nothing is stored about a draft by now, so that it can be inserted without another look."""
        return self._stored.has_nothing_of(draft) and not draft.tags

    def note(self, draft: Draft) -> None:
        """Remember that something of a draft may be stored from here on."""
        self._stored.add(draft)

    def add_new(
        self, draft: Draft, rows: Rows, index_version: str, change: ChangeDetails
    ) -> tuple[int, tuple[int, ...]]:
        """Store a draft for which `is_new` is true, as `put` does; return its article's id and its near duplicates."""
        article_id = mutations.insert_article(self._db, draft)
        mutations.insert_source(self._db, draft, article_id)
        new = mutations.insert_passages(self._db, article_id, draft.text, *rows, index_version)
        self._changed.article_added(article_id, draft.text, new)
        history.record(self._db, "added", article_id, draft.title, change.who, chain=article_id)
        near = mutations.record_near_duplicates(self._db, article_id, draft.text)
        return article_id, tuple(near)

    def finish(self) -> None:
        """Write the articles that `add_new` stored to the log, as one change."""
        if self._changed.articles:
            self._changed.write(self._db)

    def close(self) -> None:
        """Do nothing: the transaction belongs to who began it."""


class StoredAlready:
    """What a catalogue has of some drafts: their sources, also failed and dismissed ones, and their texts."""

    def __init__(self, db: sa.Connection, drafts: Iterable[Draft]) -> None:
        found = list(drafts)
        keys = {draft.key for draft in found}
        digests = {text_digest(draft.text) for draft in found}
        columns = (table.c.key for table in (sources, dismissed, failures))
        self._keys = {key for column in columns for key in db.execute(select(column).where(column.in_(keys))).scalars()}
        same_text = select(articles.c.text_digest).where(articles.c.text_digest.in_(digests))
        self._digests = set(db.execute(same_text).scalars())

    def has_nothing_of(self, draft: Draft) -> bool:
        """Whether neither the source nor the text of one of the drafts is there."""
        return draft.key not in self._keys and text_digest(draft.text) not in self._digests

    def add(self, draft: Draft) -> None:
        """Note that a draft may be stored by now."""
        self._keys.add(draft.key)
        self._digests.add(text_digest(draft.text))


def stored_already(catalog: Catalog, drafts: Iterable[Draft]) -> StoredAlready:
    """Return what a catalogue has of some drafts at the moment."""
    with catalog._engine.connect() as db:  # noqa: SLF001 - of the same package
        return StoredAlready(db, drafts)


class _OpenConnection:
    """Stands in for an engine where everything has to happen in the transaction of one connection."""

    def __init__(self, db: sa.Connection) -> None:
        self._db = db

    def connect(self) -> AbstractContextManager[sa.Connection]:
        return nullcontext(self._db)

    def execution_options(self, **_: object) -> Self:
        return self

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        with self._db.begin_nested():  # a savepoint
            yield self._db

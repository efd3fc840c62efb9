"""Several changes of a catalogue in one transaction, so that they become durable together."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Self, cast

from sqlalchemy import select

from index.catalog import history, mutations
from index.catalog.change_log import ChangeRecorder
from index.catalog.columns import text_digest
from index.catalog.engine import write_transaction
from index.catalog.meta_values import set_meta
from index.catalog.mutations import NewPassages
from index.catalog.passage_updates import Rows
from index.catalog.schema import articles, dismissed, failures, sources
from index.catalog.store import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    import sqlalchemy as sa

    from index.catalog.history import Retention
    from index.models import Draft


@contextmanager
def transaction(catalog: Catalog, drafts: Iterable[Draft]) -> Iterator[CatalogTransaction]:
    """Begin a transaction of a catalogue, which commits when the block ends and is undone if it raises an error.

    `drafts` are those that may be stored in it.
    """
    with write_transaction(catalog._engine) as db:  # noqa: SLF001 - of the same package
        inside = CatalogTransaction(db, catalog._keep, drafts)  # noqa: SLF001
        yield inside
        inside.flush()


class CatalogTransaction(Catalog):
    """A catalogue inside one open transaction: every method reads and writes there. Valid until the transaction ends.

    A method of `Catalog` that raises an error has changed nothing, and the transaction may go on; after an error of
    `add_new` it must not.
    """

    def __init__(self, db: sa.Connection, keep: Retention, drafts: Iterable[Draft]) -> None:
        super(Catalog, self).__init__(cast("sa.Engine", _OpenConnection(db)), keep)
        self._db = db
        self._new: list[tuple[Draft, NewPassages]] = []  # from `add_new`
        self._made_with = "", ""  # index version and author of these
        self._stored = StoredAlready(db, drafts)

    def is_new(self, draft: Draft) -> bool:
        """Whether surely nothing is stored about a draft by now, so that it can be inserted without another look."""
        return self._stored.has_nothing_of(draft) and not draft.tags

    def note(self, draft: Draft) -> None:
        """Remember that something of a draft may be stored from here on."""
        self._stored.add(draft)

    def add_new(self, draft: Draft, rows: Rows, index_version: str, who: str) -> tuple[int, tuple[int, ...]]:
        """Store a draft for which `is_new` is true, as `put` does; return its article's id and its near duplicates.

        What several new articles need is inserted together by `flush`, which must come before any other method.
        """
        article_id = mutations.insert_article(self._db, draft, index_version)
        near = mutations.record_near_duplicates(self._db, article_id, draft.text)
        self._new.append((draft, NewPassages(article_id, draft.text, *rows)))
        self._made_with = index_version, who
        return article_id, tuple(near)

    def flush(self) -> None:
        """Insert the rest of what `add_new` stored, and write it to the log as one change."""
        new, self._new = self._new, []
        if not new:
            return
        index_version, who = self._made_with
        mutations.insert_sources(self._db, [(draft, of.article_id) for draft, of in new])
        changed = ChangeRecorder()
        ids = mutations.insert_all_passages(self._db, [of for _, of in new])
        for (_, of), own in zip(new, ids, strict=True):
            changed.article_added(of.article_id, of.text, own)
        set_meta(self._db, "epoch", index_version)
        history.record_added(self._db, {of.article_id: draft.title for draft, of in new}, who)
        changed.write(self._db)

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

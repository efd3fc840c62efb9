"""Adding articles in steps, between which others may use the library.

Nothing is stored before everything is embedded. What has changed meanwhile, by another process or between two steps, is
noticed when the database is locked; the change is then prepared again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from index.catalog.basis import Basis, ChangedMeanwhileError
from index.catalog.history import ChangeDetails
from index.catalog.text_columns import require_storable
from index.indexes.index_version import IndexVersion
from index.libraries.site_cleaning import without_frame
from index.messages import library
from index.models import Draft, Receipt, Status, UserError
from index.passages import batch_embedding
from index.passages.embedder import reads_only_english
from index.text.language import article_language, foreign_article_language

if TYPE_CHECKING:
    import numpy as np

    from index.catalog.passage_updates import Rows
    from index.catalog.store import Catalog
    from index.passages.embedder import Embedder

BATCH_SIZE: Final = 6  # passages per step; embedding them takes less than 100 ms on one core

Steps = Generator[None, None, Receipt]


@dataclass(frozen=True, slots=True)
class Ingestion:
    """How articles are stored.

    `get_embedder` raises UserError if the library was built with another model. `who` is the author of the change in
    the history. A step embeds at most `batch_size` passages. `follow` brings the indexes up to date. With
    `unless_changed` an article is given up, with SourceChangedError, if its source was removed or replaced while it was
    embedded.
    """

    get_embedder: Callable[[], Embedder]
    who: str
    batch_size: int
    follow: Callable[[], Generator[None, None, None]]
    unless_changed: bool = False

    def basis(self, catalog: Catalog, key: str) -> Basis:
        """Return what a change of a source's article is prepared from."""
        return replace(catalog.basis(key), unless_changed=self.unless_changed)


def add_article(catalog: Catalog, draft: Draft, how: Ingestion) -> Steps:
    """Store an article unless the library has it; it replaces what its source held before.

    The title, the date and the author of a text with several sources are those of the first.
    """
    require_storable_draft(draft)
    draft = without_frame(catalog, draft)
    embedded = _Embedded(catalog, how)
    basis = how.basis(catalog, draft.key)
    while True:
        try:
            return (yield from _add_prepared(catalog, draft, embedded, basis))
        except ChangedMeanwhileError:  # by another process, or between two steps
            yield
            basis = replace(how.basis(catalog, draft.key), article_id=basis.article_id)


def _add_prepared(catalog: Catalog, draft: Draft, embedded: _Embedded, basis: Basis) -> Steps:
    """Do the same once. Raises ChangedMeanwhileError if what the article was prepared from has changed since."""
    how = embedded.how
    draft = catalog.with_given_title(replace(draft, language=article_language(draft.text, draft.language)))
    if receipt := join_present(catalog, draft, how, basis):
        return receipt
    embedder = how.get_embedder()
    rows, new = yield from embedded.rows(draft, embedder)
    yield
    change = ChangeDetails(how.who, passages=new)
    article_id, gone = catalog.put(draft, *rows, str(IndexVersion.of(embedder)), change, basis)
    yield from how.follow()
    receipt = receipt_of(catalog, article_id, draft.source, draft.title, "replaced" if len(gone) else "added")
    return replace(receipt, unread_language=unread_language(draft, embedder))


def join_present(catalog: Catalog, draft: Draft, how: Ingestion, basis: Basis) -> Receipt | None:
    """Record a draft as a source of the article that has its text, and return the receipt; None without one."""
    found = catalog.match(draft)
    if found is None:
        return None
    if not found[1]:
        catalog.add_source(found[0], draft, ChangeDetails(how.who), basis)
    elif not catalog.sources.mark_unchanged(draft):
        raise ChangedMeanwhileError
    elif draft.links is not None:
        catalog.set_links(found[0], draft.links)
    title = _stored_title(catalog, found[0])
    return receipt_of(catalog, found[0], draft.source, title, "unchanged" if found[1] else "same_text")


def require_storable_draft(draft: Draft) -> None:
    """Raise UserError if a text of a draft cannot be stored: one with NUL or surrogate characters."""
    if "\0" in draft.text:
        raise UserError(library.TEXT_WITH_NUL, source=draft.source)
    others = (draft.author, draft.published, draft.language, draft.origin, draft.version)
    headings = (section.heading for section in draft.sections)
    for text in (draft.key, draft.source, draft.title, draft.text, *others, *draft.tags, *headings):
        if text is not None:
            require_storable(text)


def unread_language(draft: Draft, embedder: Embedder) -> str | None:
    """Return the language of a draft if a model surely does not read it, else None."""
    return foreign_article_language(draft.text) if reads_only_english(embedder) else None


class _Embedded:
    """The passages and vectors of one text, embedded once for each title and model."""

    def __init__(self, catalog: Catalog, how: Ingestion) -> None:
        self.how = how
        self._catalog = catalog
        self._done: dict[tuple[str, str], tuple[Rows, int]] = {}

    def rows(self, draft: Draft, embedder: Embedder) -> Generator[None, None, tuple[Rows, int]]:
        """Return a draft's passages with their vectors, in steps, and how many were embedded."""
        made_with = (draft.title, str(IndexVersion.of(embedder)))
        if made_with not in self._done:
            work = chunk_and_embed(self._catalog, draft, embedder, self.how.batch_size)
            self._done[made_with] = yield from work
        return self._done[made_with]


def chunk_and_embed(
    catalog: Catalog, draft: Draft, embedder: Embedder, batch_size: int
) -> Generator[None, None, tuple[Rows, int]]:
    """Split and embed a text, reusing vectors of its source's present article; return rows and how many are new."""
    chunks = yield from batch_embedding.split_in_steps(draft.text, draft.sections, embedder, draft.language)
    yield
    known = known_vectors(catalog, draft.key, embedder)
    vectors, new = yield from batch_embedding.embed_in_steps(
        draft.title, draft.text, chunks, embedder, known, batch_size
    )
    return (chunks, vectors), new


def known_vectors(catalog: Catalog, key: str, embedder: Embedder) -> dict[str, np.ndarray]:
    """Return the vectors of the article of a source by the texts that were embedded, as far as they are up to date."""
    if IndexVersion.of(embedder).shares_vectors(catalog.index_version_of_source(key)):
        stored = list(catalog.passages_of_source(key))
        vectors = catalog.vectors_by_id(row.passage.id for row in stored)
        return batch_embedding.vectors_by_input(stored, vectors, embedder)
    return {}


def _stored_title(catalog: Catalog, article_id: int) -> str:
    """Return the title of an article, which a second source of its text does not change; empty if it is gone."""
    article = catalog.article(article_id)
    return article.title if article else ""


def receipt_of(catalog: Catalog, article_id: int, source: str, title: str, status: Status) -> Receipt:
    """Return the receipt of a change of an article, with the numbers that the catalogue has."""
    near_duplicates = tuple(catalog.near_duplicates(article_id)) if status in {"added", "replaced", "restored"} else ()
    return Receipt(article_id, title, source, status, catalog.count_passages(article_id), near_duplicates)

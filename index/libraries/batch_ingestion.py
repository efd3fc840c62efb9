"""Adds several articles together: embedded in common batches, stored in common transactions.

The result is that of adding them one after another (`index.libraries.ingestion`). An article that needs more than to be
inserted as it was prepared, such as one whose source somebody changed meanwhile, is added alone, in its turn.
"""

from __future__ import annotations

import time
from collections import ChainMap, deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from index.catalog.basis import Basis, ChangedMeanwhileError
from index.catalog.history import ChangeDetails
from index.catalog.transaction import CatalogTransaction, stored_already, transaction
from index.indexes.index_version import IndexVersion
from index.libraries.ingestion import (
    Ingestion,
    add_article,
    join_present,
    known_vectors,
    receipt_of,
    require_storable_draft,
    unread_language,
)
from index.libraries.site_cleaning import without_frame
from index.models import Draft, Receipt, SettingsError, UserError
from index.passages import batch_embedding
from index.sqlite_errors import StorageError
from index.text.language import article_language

if TYPE_CHECKING:
    import numpy as np

    from index.catalog.store import Catalog
    from index.models import Chunk
    from index.passages.embedder import Embedder

MOST_ARTICLES: Final = 64  # worth adding together: with more, embedding is hardly faster
MOST_CHARACTERS: Final = 400_000  # of their texts: bounds what is in memory
_TRANSACTION_SECONDS: Final = 0.03  # after which a transaction ends where others wait

Outcome = Receipt | UserError


def is_full(drafts: Sequence[Draft]) -> bool:
    """Whether drafts are as many as should be added together."""
    return len(drafts) >= MOST_ARTICLES or sum(len(draft.text) for draft in drafts) >= MOST_CHARACTERS


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A draft with what is embedded for it. `chunks` is None for one that is added alone, or needs no embedding."""

    draft: Draft  # as it was given
    cleaned: Draft  # as it would be stored
    basis: Basis
    chunks: Sequence[Chunk] | None = None
    inputs: Sequence[str] = ()
    known: dict[str, np.ndarray] = field(default_factory=dict)  # vectors of the article that the source has
    unread: str | None = None


def add_articles(catalog: Catalog, drafts: Sequence[Draft], how: Ingestion) -> Generator[Outcome | None, None, None]:
    """Add articles as `add_article` does, one after another; yield an outcome for each, in order, and None in between.

    An article's outcome is yielded once it is durable: its receipt, or the UserError that kept it from being stored.
    Raises SettingsError and StorageError, which would be the same for every article.
    """
    refused = deque(_refusal(draft) for draft in drafts)
    storable = [draft for draft, error in zip(drafts, refused, strict=True) if error is None]
    for outcome in _add_storable(catalog, storable, how):
        while outcome is not None and (error := refused.popleft()) is not None:
            yield error
        yield outcome
    yield from refused


def _refusal(draft: Draft) -> UserError | None:
    """Return why a draft cannot be stored whatever the library has, None if it can."""
    try:
        require_storable_draft(draft)
    except UserError as error:
        return error
    return None


def _add_storable(catalog: Catalog, drafts: Sequence[Draft], how: Ingestion) -> Generator[Outcome | None, None, None]:
    """Do the same for drafts whose texts can be stored."""
    waiting: deque[_Prepared] = deque()
    embedder = _embedder(how)
    stored = stored_already(catalog, drafts)
    basis = how.basis(catalog, "")
    keys: set[str] = set()
    for draft in drafts:
        is_new = stored.has_nothing_of(draft)
        prepared = _Prepared(draft, draft, basis if is_new else how.basis(catalog, draft.key))
        if embedder is not None and draft.key not in keys:
            prepared = yield from _prepare(catalog, prepared, embedder, is_new=is_new)
        waiting.append(prepared)
        keys.add(draft.key)
        yield None
    vectors: dict[str, np.ndarray] = {}
    if embedder is not None:
        texts = [text for one in waiting for text in one.inputs if text not in one.known]
        yield from batch_embedding.embed_inputs_in_steps(texts, embedder, vectors, how.batch_size)
    while waiting:
        yield None
        outcomes = _store(catalog, waiting, vectors, how, embedder) if embedder is not None else []
        if outcomes:
            yield from how.follow()
            yield from outcomes
        else:
            yield (yield from _add_alone(catalog, waiting.popleft().draft, how))


def _embedder(how: Ingestion) -> Embedder | None:
    """Return the embedder; None if there is none, which is then the error of each article that needs it."""
    try:
        return how.get_embedder()
    except StorageError:
        raise
    except UserError:
        return None


def _prepare(catalog: Catalog, one: _Prepared, embedder: Embedder, *, is_new: bool) -> Generator[None, None, _Prepared]:
    """Split a draft in steps, unless the library has its text; if it `is_new`, the library has nothing of it."""
    cleaned = without_frame(catalog, one.draft)
    is_new = is_new and cleaned is one.draft
    cleaned = replace(cleaned, language=article_language(cleaned.text, cleaned.language))
    cleaned = cleaned if is_new else catalog.with_given_title(cleaned)
    one = replace(one, cleaned=cleaned)
    if not is_new and catalog.match(cleaned):
        return one
    unread = unread_language(cleaned, embedder)
    yield
    chunks = yield from batch_embedding.split_in_steps(cleaned.text, cleaned.sections, embedder, cleaned.language)
    yield
    inputs = yield from batch_embedding.inputs_in_steps(cleaned.title, cleaned.text, chunks, embedder)
    known = {} if is_new else known_vectors(catalog, cleaned.key, embedder)
    return replace(one, chunks=chunks, inputs=inputs, known=known, unread=unread)


def _store(
    catalog: Catalog, waiting: deque[_Prepared], vectors: dict[str, np.ndarray], how: Ingestion, embedder: Embedder
) -> list[Outcome]:
    """Store what comes first in one transaction, remove it from `waiting`, and return the outcomes.

    The transaction ends at an article that must be added alone, and after a while, so that others need not wait.
    """
    outcomes: list[Outcome] = []
    until = time.monotonic() + _TRANSACTION_SECONDS
    with transaction(catalog, [one.cleaned for one in waiting]) as inside:
        if inside.meta("epoch") not in {waiting[0].basis.epoch, str(IndexVersion.of(embedder))}:
            return []
        for one in waiting:
            try:
                outcomes.append(_store_one(inside, one, vectors, how, embedder))
            except (ChangedMeanwhileError, SettingsError):
                break
            except StorageError:
                raise
            except UserError as error:
                outcomes.append(error)
            if time.monotonic() > until and how.batch_size < MOST_ARTICLES:
                break
    for _ in outcomes:
        waiting.popleft()
    return outcomes


def _store_one(
    inside: CatalogTransaction, one: _Prepared, vectors: dict[str, np.ndarray], how: Ingestion, embedder: Embedder
) -> Receipt:
    """Store one article. Raises ChangedMeanwhileError if it must be added alone."""
    draft, version = one.cleaned, str(IndexVersion.of(embedder))
    is_new = inside.is_new(draft) and one.chunks is not None and not one.basis.unless_changed
    inside.note(draft)
    if not is_new:
        inside.flush()
        draft = inside.with_given_title(draft)
        if receipt := join_present(inside, draft, how, one.basis):
            return receipt
    if one.chunks is None or draft.title != one.cleaned.title:
        raise ChangedMeanwhileError
    rows = one.chunks, batch_embedding.stacked(one.inputs, ChainMap(vectors, one.known), embedder)
    if is_new:
        article_id, near = inside.add_new(draft, rows, version, how.who)
        return Receipt(article_id, draft.title, draft.source, "added", len(one.chunks), near, one.unread)
    change = ChangeDetails(how.who, passages=len({text for text in one.inputs if text not in one.known}))
    basis = replace(one.basis, epoch=inside.meta("epoch"))
    article_id, gone = inside.put(draft, *rows, version, change, basis)
    receipt = receipt_of(inside, article_id, draft.source, draft.title, "replaced" if len(gone) else "added")
    return replace(receipt, unread_language=one.unread)


def _add_alone(catalog: Catalog, draft: Draft, how: Ingestion) -> Generator[None, None, Outcome]:
    """Add one article by itself."""
    try:
        return (yield from add_article(catalog, draft, how))
    except (SettingsError, StorageError):
        raise
    except UserError as error:
        return error

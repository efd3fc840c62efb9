"""Splitting and embedding stored articles again, in steps: under another title, or for another chunker or model."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from index.catalog.basis import ChangedMeanwhileError
from index.catalog.history import ChangeDetails
from index.indexes.index_version import IndexVersion
from index.libraries.ingestion import Ingestion, Steps, known_vectors, receipt_of
from index.messages import library
from index.models import Article, UserError
from index.passages import batch_embedding
from index.text.language import article_language
from index.text.metadata_values import MAX_TITLE, one_line

if TYPE_CHECKING:
    import numpy as np

    from index.catalog.passage_updates import Rows
    from index.catalog.store import Catalog
    from index.passages.embedder import Embedder


def rename_article(catalog: Catalog, article_id: int, title: str, how: Ingestion) -> Steps:
    """Give an article another title, which is kept when its source has a new version."""
    title = one_line(title)
    if not title or len(title) > MAX_TITLE:
        raise UserError(library.TITLE_LENGTH, limit=MAX_TITLE, count=len(title))
    while True:
        article, basis = catalog.article(article_id), catalog.basis("")
        if article is None:
            raise UserError(library.ARTICLE_MISSING, article=article_id)
        if article.title == title:
            return receipt_of(catalog, article_id, article.source, title, "unchanged")
        embedder = how.get_embedder()
        rows = yield from _rows_of(title, article, embedder, how.batch_size, {})
        version = str(IndexVersion.of(embedder))
        try:
            if catalog.rename(article_id, title, rows, version, ChangeDetails(how.who), basis):
                return receipt_of(catalog, article_id, article.source, title, "renamed")
        except ChangedMeanwhileError:
            continue
        raise UserError(library.ARTICLE_CHANGED, article=article_id)


def update_article(
    catalog: Catalog, article_id: int, how: Ingestion, *, reindexing: bool = False
) -> Generator[None, None, None]:
    """Split and embed a stored article again, for the current chunker; it may be removed in the meantime.

    Vectors are reused where only the parser is another. With `reindexing` none is, and its near duplicates are found
    again too.
    """
    while (article := catalog.article(article_id)) is not None:
        article = _with_stored_language(catalog, article)
        embedder = how.get_embedder()
        keys = catalog.sources.keys_of_article(article_id)  # none if it was removed since
        known = known_vectors(catalog, keys[0], embedder) if keys and not reindexing else {}
        rows = yield from _rows_of(article.title, article, embedder, how.batch_size, known)
        version = str(IndexVersion.of(embedder))
        try:
            gone = catalog.update_passages(article_id, article.title, rows, version, reindexing=reindexing)
        except ChangedMeanwhileError:  # it was renamed
            continue
        if gone is not None:
            yield from how.follow()
        return


def reindex_articles(
    catalog: Catalog, how: Ingestion, progress: Callable[[int, int], None]
) -> Generator[None, None, int]:
    """Split and embed every article again, each in a transaction of its own; return how many there are.

    An interrupted run for the same index version is continued. `progress` is called with (articles done, total).
    """
    done_before = catalog.begin_reindex(str(IndexVersion.of(how.get_embedder())))
    listed = catalog.article_ids()
    for done, article_id in enumerate(listed):
        progress(done, len(listed))
        if article_id > done_before:
            yield from update_article(catalog, article_id, how, reindexing=True)
    catalog.end_reindex()
    progress(len(listed), len(listed))
    return len(listed)


def _rows_of(
    title: str, article: Article, embedder: Embedder, batch_size: int, known: dict[str, np.ndarray]
) -> Generator[None, None, Rows]:
    """Split and embed a stored article under a title; `known` are vectors by the texts that were embedded."""
    chunks = yield from batch_embedding.split_in_steps(article.text, article.sections, embedder, article.language)
    yield
    vectors, _ = yield from batch_embedding.embed_in_steps(title, article.text, chunks, embedder, known, batch_size)
    return chunks, vectors


def _with_stored_language(catalog: Catalog, article: Article) -> Article:
    """Return an article with its language, which is stored if an earlier version of the bot did not recognise it."""
    language = article_language(article.text, article.language)
    if language != article.language:
        catalog.set_language(article.id, language)
    return replace(article, language=language)

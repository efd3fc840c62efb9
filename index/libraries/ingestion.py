"""Adding, renaming and restoring articles in steps, between which others may use the library; and reindexing.

Nothing is stored before everything is embedded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from index.catalog.columns import parse_links, parse_pages
from index.catalog.history import ChangeDetails
from index.indexes.open_indexes import IndexVersion
from index.libraries.site_cleaning import without_frame
from index.models import Article, Draft, Receipt, Section, Status, UserError
from index.passages import batch_embedding
from index.passages.embedder import reads_only_english
from index.text.language import article_language, foreign_article_language
from index.text.metadata_values import MAX_TITLE, one_line

if TYPE_CHECKING:
    import numpy as np

    from index.catalog.queries import ArticleRow
    from index.catalog.store import Catalog, Rows
    from index.passages.embedder import Embedder

BATCH_SIZE: Final = 6  # passages per step; embedding them takes less than 100 ms on one core

Steps = Generator[None, None, Receipt]
FollowChange = Callable[[int, "np.ndarray"], Generator[None, None, None]]  # (article id, ids of deleted passages)
GetEmbedder = Callable[[], "Embedder"]  # raises UserError if the library was built with another


def add_article(
    catalog: Catalog, draft: Draft, get_embedder: GetEmbedder, who: str, batch_size: int, follow: FollowChange
) -> Steps:
    """Store an article unless the library has it; it replaces what its source held before.

    The title, the date and the author of a text with several sources are those of the first.
    """
    draft = without_frame(catalog, draft)
    draft = catalog.with_given_title(replace(draft, language=article_language(draft.text, draft.language)))
    found = catalog.match(draft)
    if found and found[1]:
        catalog.sources.mark_unchanged(draft)
        if draft.links is not None:
            catalog.set_links(found[0], draft.links)
        return _receipt(catalog, found[0], draft.source, _stored_title(catalog, found[0]), "unchanged")
    if found:
        catalog.add_source(found[0], draft, ChangeDetails(who))
        return _receipt(catalog, found[0], draft.source, _stored_title(catalog, found[0]), "same_text")
    if "\0" in draft.text:
        message = f"{draft.source} contains NUL characters, so it is not text. Save it as plain text and add it again."
        raise UserError(message)
    embedder = get_embedder()
    rows, new = yield from _chunk_and_embed(catalog, draft, embedder, batch_size)
    yield
    article_id, gone = catalog.put(draft, *rows, str(IndexVersion.of(embedder)), ChangeDetails(who, passages=new))
    yield from follow(article_id, gone)
    receipt = _receipt(catalog, article_id, draft.source, draft.title, "replaced" if len(gone) else "added")
    unread = foreign_article_language(draft.text) if reads_only_english(embedder) else None
    return replace(receipt, unread_language=unread)


def rename_article(
    catalog: Catalog, article_id: int, title: str, get_embedder: GetEmbedder, who: str, batch_size: int
) -> Steps:
    """Give an article another title, which is kept when its source has a new version."""
    title = one_line(title)
    if not title or len(title) > MAX_TITLE:
        raise UserError(f"A title must have 1 to {MAX_TITLE} characters; this one has {len(title)}.")
    article = catalog.article(article_id)
    if article is None:
        raise UserError(f"Article {article_id} no longer exists; list the articles to see which ones do.")
    if article.title == title:
        return _receipt(catalog, article_id, article.source, title, "unchanged")
    embedder = get_embedder()
    rows = yield from _rows_of(title, article, embedder, batch_size, {})
    if not catalog.rename(article_id, title, rows, str(IndexVersion.of(embedder)), ChangeDetails(who)):
        raise UserError(f"Article {article_id} has been removed or replaced in the meantime; rename the current one.")
    return _receipt(catalog, article_id, article.source, title, "renamed")


def restore_version(catalog: Catalog, number: int, get_embedder: GetEmbedder, who: str, batch_size: int) -> Steps:
    """Restore the version of an article before a history entry; what its sources hold now is kept as a version."""
    version = catalog.history.version(number)
    if version is None:
        raise UserError(f"Nothing is kept from before entry {number}; the history shows which entries can be restored.")
    stored = json.loads(version.sources)
    drafts = [_draft(version, source, catalog) for source in stored]
    if found := catalog.match(drafts[0]):
        present = catalog.sources.keys_of_article(found[0])
        missing = [draft for draft in drafts if draft.key not in present]
        for draft in missing:
            catalog.add_source(found[0], draft, ChangeDetails(who))
        return _receipt(catalog, found[0], drafts[0].source, version.title, "same_text" if missing else "unchanged")
    embedder = get_embedder()
    rows, new = yield from _chunk_and_embed(catalog, drafts[0], embedder, batch_size)
    titled = any(source["titled"] for source in stored)
    details = ChangeDetails(who, "restored", version.chain, new)
    article_id = catalog.restore(drafts, rows, str(IndexVersion.of(embedder)), details, titled=titled)
    return _receipt(catalog, article_id, drafts[0].source, version.title, "restored")


def update_article(
    catalog: Catalog, article_id: int, embedder: Embedder, batch_size: int, follow: FollowChange
) -> Generator[None, None, None]:
    """Split and embed a stored article again, for the current chunker; it may be removed in the meantime."""
    article = catalog.article(article_id)
    if article is None:
        return
    article = _with_stored_language(catalog, article)
    known = _known_vectors(catalog, catalog.sources.keys_of_article(article_id)[0], embedder)
    rows = yield from _rows_of(article.title, article, embedder, batch_size, known)
    gone = catalog.update_passages(article_id, rows, str(IndexVersion.of(embedder)))
    if gone is not None:
        yield from follow(article_id, gone)


def _rows_of(
    title: str, article: Article, embedder: Embedder, batch_size: int, known: dict[str, np.ndarray]
) -> Generator[None, None, Rows]:
    """Split and embed a stored article under a title; `known` are vectors by the texts that were embedded."""
    chunks = yield from batch_embedding.split_in_steps(article.text, article.sections, embedder, article.language)
    yield
    vectors, _ = yield from batch_embedding.embed_in_steps(title, article.text, chunks, embedder, known, batch_size)
    return chunks, vectors


def _chunk_and_embed(
    catalog: Catalog, draft: Draft, embedder: Embedder, batch_size: int
) -> Generator[None, None, tuple[Rows, int]]:
    """Split and embed a text, reusing vectors of its source's present article; return rows and how many are new."""
    chunks = yield from batch_embedding.split_in_steps(draft.text, draft.sections, embedder, draft.language)
    yield
    known = _known_vectors(catalog, draft.key, embedder)
    vectors, new = yield from batch_embedding.embed_in_steps(
        draft.title, draft.text, chunks, embedder, known, batch_size
    )
    return (chunks, vectors), new


def _known_vectors(catalog: Catalog, key: str, embedder: Embedder) -> dict[str, np.ndarray]:
    """Return the vectors of the article of a source by the texts that were embedded, as far as they are up to date."""
    if IndexVersion.of(embedder).shares_vectors(catalog.index_version_of_source(key)):
        return batch_embedding.vectors_by_input(catalog.passages_of_source(key), embedder)
    return {}


def _with_stored_language(catalog: Catalog, article: Article) -> Article:
    """Return an article with its language, which is stored if an earlier version of the bot did not recognise it."""
    language = article_language(article.text, article.language)
    if language != article.language:
        catalog.set_language(article.id, language)
    return replace(article, language=language)


def store_languages(catalog: Catalog, listed: Sequence[ArticleRow]) -> None:
    """Recognise and store the languages of articles that were added by an earlier version of the bot."""
    for row in listed:
        if article := catalog.article(row.id):
            _with_stored_language(catalog, article)


def _draft(version: Any, source: dict[str, str | None], catalog: Catalog) -> Draft:
    """Return a stored version as a draft of one of its sources.

    It has the source's newest version mark, so that a refresh does not replace it before the source changes again.
    """
    key = source["key"] or ""
    current = catalog.sources.get(key)
    sections = tuple(Section(*item) for item in json.loads(version.sections))
    draft = Draft(key, source["shown"] or "", version.title, version.text, version.published, sections)
    pages, times = parse_pages(version.pages)
    return replace(
        draft,
        author=version.author,
        language=article_language(version.text, version.language),
        pages=pages,
        times=times,
        links=parse_links(version.links),
        origin=source["origin"],
        version=current.version if current else source["version"],
    )


def _stored_title(catalog: Catalog, article_id: int) -> str:
    """Return the title of an article, which a second source of its text does not change; empty if it is gone."""
    article = catalog.article(article_id)
    return article.title if article else ""


def _receipt(catalog: Catalog, article_id: int, source: str, title: str, status: Status) -> Receipt:
    near_duplicates = tuple(catalog.near_duplicates(article_id)) if status in {"added", "replaced", "restored"} else ()
    return Receipt(article_id, title, source, status, catalog.count_passages(article_id), near_duplicates)


def rebuild_passages(
    catalog: Catalog, listed: Sequence[ArticleRow], embedder: Embedder, progress: Callable[[int, int], None]
) -> Iterator[tuple[int, str, Rows]]:
    """Split and embed articles again: yield each id with its text and its passages with their vectors.

    `progress` is called with (articles done, total) before each article.
    """
    for done, row in enumerate(listed):
        progress(done, len(listed))
        article = catalog.article(row.id)
        if article:
            chunks = batch_embedding.split(article.text, article.sections, embedder, article.language)
            vectors = batch_embedding.embed(article.title, article.text, chunks, embedder)
            yield row.id, article.text, (chunks, vectors)

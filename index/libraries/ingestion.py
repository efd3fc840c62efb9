"""What a library stores, in pieces between which others may use it; nothing is stored before all is embedded."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from index.catalog import mutations
from index.catalog.history import ChangeDetails
from index.indexes.open_indexes import IndexVersion
from index.models import Draft, Receipt, Section, Span, Status, UserError
from index.passages import batch_embedding
from index.text.metadata_values import MAX_TITLE, one_line

if TYPE_CHECKING:
    import numpy as np

    from index.catalog.store import Catalog, Rows
    from index.passages.embedder import Embedder

AT_ONCE: Final = 6  # passages; embedding them takes less than 100 ms on one core

Pieces = Generator[None, None, Receipt]
Following = Callable[[int, "np.ndarray"], Generator[None, None, None]]  # of an article's id, and passages gone
Embedding = Callable[[], "Embedder"]  # raises UserError where the library was built with another


def adding(catalog: Catalog, draft: Draft, embedding: Embedding, who: str, at_once: int, follow: Following) -> Pieces:
    """Store an article, or recognise that it is there already; what its source held before is replaced."""
    draft = catalog.named(draft)
    found = catalog.match(draft)
    if found and found[1]:
        catalog.sources.seen(draft)
        return _receipt(catalog, found[0], draft.source, draft.title, "unchanged")
    if found:
        catalog.share(found[0], draft, ChangeDetails(who))
        return _receipt(catalog, found[0], draft.source, draft.title, "same_text")
    if "\0" in draft.text:
        message = f"{draft.source} contains NUL characters, so it is not text. Save it as plain text and add it again."
        raise UserError(message)
    embedder = embedding()
    rows, new = yield from _rows(catalog, draft, embedder, at_once)
    yield
    article_id, gone = catalog.put(draft, *rows, str(IndexVersion.of(embedder)), ChangeDetails(who, passages=new))
    yield from follow(article_id, gone)
    return _receipt(catalog, article_id, draft.source, draft.title, "replaced" if len(gone) else "added")


def renaming(catalog: Catalog, article_id: int, title: str, embedding: Embedding, who: str, at_once: int) -> Pieces:
    """Give an article another title, which stays when its source brings a new version."""
    title = one_line(title)
    if not title or len(title) > MAX_TITLE:
        raise UserError(f"A title must have 1 to {MAX_TITLE} characters; this one has {len(title)}.")
    article = catalog.article(article_id)
    if article is None:
        raise UserError(f"Article {article_id} no longer exists; list the articles to see which ones do.")
    if article.title == title:
        return _receipt(catalog, article_id, article.source, title, "unchanged")
    embedder = embedding()
    stored = list(catalog.passages(catalog.passage_ids(article_id)))
    spans = [(Span(row.passage.start, row.passage.end), row.passage.heading) for row in stored]
    vectors, _ = yield from batch_embedding.embedding(title, article.text, spans, embedder, {}, at_once)
    if not catalog.rename(article_id, title, (spans, vectors), str(IndexVersion.of(embedder)), ChangeDetails(who)):
        raise UserError(f"Article {article_id} has been removed or replaced in the meantime; rename the current one.")
    return _receipt(catalog, article_id, article.source, title, "renamed")


def restoring(catalog: Catalog, number: int, embedding: Embedding, who: str, at_once: int) -> Pieces:
    """Bring back what an article was before an entry of the history; what its sources hold now is kept in turn."""
    version = catalog.history.version(number)
    if version is None:
        raise UserError(f"Nothing is kept from before entry {number}; the history shows which entries can be restored.")
    told = json.loads(version.sources)
    drafts = [_draft(version, source, catalog) for source in told]
    if found := catalog.match(drafts[0]):
        there = catalog.sources.of(found[0])
        apart = [draft for draft in drafts if draft.key not in there]
        for draft in apart:
            catalog.share(found[0], draft, ChangeDetails(who))
        return _receipt(catalog, found[0], drafts[0].source, version.title, "same_text" if apart else "unchanged")
    embedder = embedding()
    rows, new = yield from _rows(catalog, drafts[0], embedder, at_once)
    titled = any(source["titled"] for source in told)
    log = ChangeDetails(who, "restored", version.chain, new)
    article_id = catalog.restore(drafts, rows, str(IndexVersion.of(embedder)), log, titled=titled)
    return _receipt(catalog, article_id, drafts[0].source, version.title, "restored")


def _rows(catalog: Catalog, draft: Draft, embedder: Embedder, at_once: int) -> Generator[None, None, tuple[Rows, int]]:
    """Cut and embed a text; what its source holds already is not embedded again."""
    spans = yield from batch_embedding.splitting(draft.text, draft.sections, embedder)
    yield
    known = batch_embedding.embedded(catalog.vectors(draft.key), embedder)
    vectors, new = yield from batch_embedding.embedding(draft.title, draft.text, spans, embedder, known, at_once)
    return (spans, vectors), new


def _draft(version: Any, source: dict[str, str | None], catalog: Catalog) -> Draft:
    """Return a version as its source would bring it; the source counts as read at its newest state.

    So it is not read again, in place of the version, before it changes.
    """
    key = source["key"] or ""
    now = catalog.sources.get(key)
    sections = tuple(Section(*item) for item in json.loads(version.sections))
    draft = Draft(key, source["shown"] or "", version.title, version.text, version.published, sections)
    pages, times = mutations.places(version.pages)
    return replace(
        draft,
        author=version.author,
        language=version.language,
        pages=pages,
        times=times,
        origin=source["origin"],
        version=now.version if now else source["version"],
    )


def _receipt(catalog: Catalog, article_id: int, source: str, title: str, status: Status) -> Receipt:
    near_duplicates = tuple(catalog.near_duplicates(article_id)) if status in {"added", "replaced", "restored"} else ()
    return Receipt(article_id, title, source, status, catalog.count_passages(article_id), near_duplicates)

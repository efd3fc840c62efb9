"""Restoring an earlier version of an article from the history, in steps."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from index.catalog.basis import ChangedMeanwhileError
from index.catalog.columns import parse_links, parse_pages
from index.catalog.history import ChangeDetails
from index.indexes.index_version import IndexVersion
from index.libraries.ingestion import Ingestion, Steps, chunk_and_embed, receipt_of
from index.messages import library
from index.models import Draft, Section, UserError
from index.text.language import article_language

if TYPE_CHECKING:
    from index.catalog.store import Catalog


def restore_version(catalog: Catalog, number: int, how: Ingestion) -> Steps:
    """Restore the version of an article before a history entry; what its sources hold now is kept as a version."""
    while True:
        try:
            return (yield from _restore_prepared(catalog, number, how))
        except ChangedMeanwhileError:  # by another process, or between two steps
            yield


def _restore_prepared(catalog: Catalog, number: int, how: Ingestion) -> Steps:
    """Do the same once. Raises ChangedMeanwhileError if what the article was prepared from has changed since."""
    version = catalog.history.version(number)
    if version is None:
        raise UserError(library.NOTHING_KEPT, entry=number)
    stored = json.loads(version.sources)
    drafts = [_draft(version, source, catalog) for source in stored]
    basis = catalog.basis(drafts[0].key)
    if found := catalog.match(drafts[0]):
        present = catalog.sources.keys_of_article(found[0])
        missing = [draft for draft in drafts if draft.key not in present]
        for draft in missing:
            catalog.add_source(found[0], draft, ChangeDetails(how.who))
        return receipt_of(catalog, found[0], drafts[0].source, version.title, "same_text" if missing else "unchanged")
    embedder = how.get_embedder()
    rows, new = yield from chunk_and_embed(catalog, drafts[0], embedder, how.batch_size)
    titled = any(source["titled"] for source in stored)
    details = ChangeDetails(how.who, "restored", version.chain, new, number, titled)
    article_id = catalog.restore(drafts, rows, str(IndexVersion.of(embedder)), details, basis)
    return receipt_of(catalog, article_id, drafts[0].source, version.title, "restored")


def _draft(version: Any, source: dict[str, Any], catalog: Catalog) -> Draft:
    """Return a stored version as a draft of one of its sources.

    It has the source's newest version mark, so that a refresh does not replace it before the source changes again. A
    source that is still there stays in the collections it is in, another one returns to those it was in.
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
        tags=() if current else tuple(source.get("tags", ())),
    )

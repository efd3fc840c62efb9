"""Remove the frame of a site from its articles: what repeats from page to page, known once several are stored."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from index.cleaning.site_frame import repeated_lines, without_lines
from index.models import Article, Draft, Receipt
from index.sources.http.addresses import is_address

if TYPE_CHECKING:
    from index.catalog.article_sources import Source
    from index.catalog.store import Catalog

_SAMPLE: Final = 200  # pages of a site that are compared


def without_frame(catalog: Catalog, draft: Draft) -> Draft:
    """Return a draft without the lines that are known to repeat on its site; drafts of no site stay as they are."""
    of_site = draft.origin is not None and is_address(draft.origin) and not draft.pages
    frame = catalog.sources.frame(draft.origin) if of_site and draft.origin else frozenset()
    found = without_lines(draft.text, draft.sections, draft.links, frame) if frame else None
    return replace(draft, text=found.text, sections=found.sections, links=found.links) if found else draft


def clean_site(
    catalog: Catalog, origin: str, add: Callable[[Draft], Generator[None, None, Receipt]]
) -> Generator[None, None, int]:
    """Find what repeats on the pages of a site, and store the pages again that have it; return how many.

    `add` stores a draft in steps. The lines found are kept with the site, so that a page that is read again loses them
    before it is compared with what is stored. Steps end after each page.
    """
    sources = [source for source in catalog.sources.all() if source.origin == origin]
    texts: list[str] = []
    for number in list(dict.fromkeys(source.article_id for source in sources))[:_SAMPLE]:
        article = catalog.article(number)
        texts += [article.text] if article and not article.pages else []
        yield
    known = catalog.sources.frame(origin)
    frame = known | repeated_lines(texts)
    if not frame:
        return 0
    if frame != known:
        catalog.sources.set_frame(origin, frame)
    count = 0
    for source in sources:
        article = catalog.article(source.article_id)
        if article and not article.pages and without_lines(article.text, article.sections, None, frame):
            yield from add(_draft(source, article, catalog.author(article.id)))
            count += 1
        yield
    return count


def _draft(source: Source, article: Article, author: str | None) -> Draft:
    """Return a stored article as a draft of one of its sources."""
    return Draft(
        key=source.key,
        source=source.shown,
        title=article.title,
        text=article.text,
        published=article.published,
        sections=article.sections,
        author=author,
        language=article.language,
        origin=source.origin,
        version=source.version,
        links=article.links,
    )

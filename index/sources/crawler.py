"""Load web addresses as drafts: one page, the pages of a sitemap or feed, or those that a page links to."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from index.messages.addresses import SITEMAP_AMONG_PAGES, SITEMAPS_UNREAD
from index.models import Draft, UserError
from index.parsers.sandbox_pool import SANDBOX
from index.sources.discovery import Failure
from index.sources.http.addresses import folder_of, parse_address
from index.sources.http.client import Fetched, Fetcher, content_digest
from index.sources.http.errors import FetchError
from index.sources.loader import Item, Skipped, Unchanged, Versions, draft_from_bytes

PAGES: Final = 200  # the default limit of pages of one site
_MAX_MAPS: Final = 50  # sitemaps read for one sitemap index
_MAX_SECONDS: Final = 300.0  # for all of them


@dataclass(frozen=True, slots=True)
class PageVisit:
    """The result of reading one page, and the pages that it links to."""

    item: Draft | Failure | Unchanged
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteListing:
    """An address that leads to several pages.

    Attributes:
        origin: The address.
        keys: The addresses of the pages known so far.
        inside: The address prefix within which links are followed; None if a sitemap or feed lists all pages.
        first: The page at the address itself, already read; None for a sitemap or feed.
        also: The address of the first page after redirects.
        failures: Sitemaps that could not be read.
    """

    origin: str
    keys: tuple[str, ...]
    inside: str | None = None
    first: PageVisit | None = None
    also: str = ""
    failures: tuple[Failure, ...] = ()


def load_pages(
    fetcher: Fetcher,
    address: str,
    limit: int | None,
    versions: Versions,
    known: Sequence[str] = (),
    depth: int | None = None,
) -> Iterator[Item]:
    """Yield the page at an address, or up to `limit` pages of a sitemap or feed, or along the links of the page.

    Links are followed breadth-first on the same site, at and below the folder of the address, and at most `depth`
    links away from the first page; with a `depth` the default of `limit` is `PAGES`. A page whose version is the
    known one yields `Unchanged`. `known` are the keys of pages that an earlier crawl of this address has found: each
    is requested again, and links are followed only from those that have changed.
    """
    limit = PAGES if depth and limit is None else limit
    found = inspect_address(fetcher, address, limit, versions)
    if not isinstance(found, SiteListing):
        yield found
        return
    yield from found.failures
    if found.first is None:
        most = limit or PAGES
        for key in found.keys[:most]:
            yield visit_page(fetcher, key, found.origin, None, versions).item
        if len(found.keys) > most:
            yield Skipped(len(found.keys) - most, "pages")
    elif limit is not None:
        yield from _follow_links(fetcher, found, (limit, depth), versions, known)


def inspect_address(
    fetcher: Fetcher, address: str, limit: int | None, versions: Versions
) -> SiteListing | Draft | Failure | Unchanged:
    """Return the page at an address, or a site if it is a sitemap or feed or `limit` allows more than one page."""
    try:
        start = parse_address(address).url
        # The start page of a site is always read, even if unchanged: its links lead to the others.
        page = fetcher.get(start, versions(start) if limit in {None, 1} else None)
    except UserError as error:
        return failure(address.strip(), error)
    if page is not None and page.kind is None:
        return _read_listing(fetcher, start, page)
    if page is None or limit is None or limit == 1:
        return _to_item(start, page)
    inside = folder_of(page.url)
    first = PageVisit(_with_origin(start, _to_item(start, page)), _links(page, inside))
    keys = dict.fromkeys((start, *(key for key in first.links if key != page.url)))
    return SiteListing(start, tuple(keys), inside, first, page.url)


def visit_page(fetcher: Fetcher, key: str, origin: str, inside: str | None, versions: Versions) -> PageVisit:
    """Read one page of a site; if the page has changed, return also its links with the prefix `inside`."""
    try:
        page = fetcher.get(key, versions(key))
    except UserError as error:
        return PageVisit(failure(key, error))
    return PageVisit(_with_origin(origin, _to_item(key, page)), _links(page, inside) if inside else ())


def failure(key: str, error: UserError) -> Failure:
    """Return the failure of an address for an error."""
    return Failure(key, error.sentence, key=key, gone=isinstance(error, FetchError) and error.gone)


def _to_item(key: str, page: Fetched | None) -> Draft | Failure | Unchanged:
    """Return the draft of a page, or its failure; `page` is None if it is unchanged."""
    if page is None:
        return Unchanged(key)
    if page.kind is None:
        return Failure(key, SITEMAP_AMONG_PAGES.format(), key=key)
    try:
        draft = draft_from_bytes(page.data, page.kind, key=key, source=page.url, address=page.url, charset=page.charset)
    except UserError as error:
        return failure(key, error)
    return replace(draft, version=page.version)


def _read_listing(fetcher: Fetcher, origin: str, first: Fetched) -> SiteListing:
    """Return the pages of a feed, or of a sitemap and the sitemaps that it lists."""
    found: dict[str, None] = {}
    failures: list[Failure] = []
    maps: deque[Fetched | str] = deque([first])
    known, end = 0, time.monotonic() + _MAX_SECONDS
    while maps:
        sitemap = maps.popleft()
        if time.monotonic() > end:
            slow = SITEMAPS_UNREAD.format(count=len(maps) + 1, seconds=_MAX_SECONDS)
            failures.append(Failure(origin, slow, key=origin))
            break
        try:
            fetched = fetcher.get(sitemap) if isinstance(sitemap, str) else sitemap
            assert fetched is not None
            listed, further = SANDBOX.listing(fetched.data, fetched.url)
        except UserError as error:
            failures.append(failure(sitemap if isinstance(sitemap, str) else origin, error))
            continue
        found.update(dict.fromkeys(_canonical(listed)))
        maps.extend(further[: max(0, _MAX_MAPS - known)])
        known += len(further)
    return SiteListing(origin, tuple(found), failures=tuple(failures))


def _follow_links(
    fetcher: Fetcher, site: SiteListing, limits: tuple[int, int | None], versions: Versions, known: Sequence[str]
) -> Iterator[Item]:
    """Yield a page and those that it leads to, breadth-first; `limits` are the most pages and the most links away.

    The distance of a known page that the first one does not link to is not stored; with a depth limit, its links are
    not followed.
    """
    limit, depth = limits
    assert site.first is not None
    waiting = deque([key for key in known if key != site.origin])
    queued = {site.origin, site.also, *known}
    distance = dict.fromkeys(known, depth or 0) | dict.fromkeys(site.first.links, 1) | {site.origin: 0}
    shown: set[str] = set()  # sources yielded so far: one page may have several addresses
    key, current = site.origin, site.first
    for left in reversed(range(limit)):
        new = [link for link in current.links if link not in queued] if depth is None or distance[key] < depth else []
        distance |= dict.fromkeys(new, distance[key] + 1)
        queued.update(new)
        waiting += new
        item = _mark_unchanged(key, current.item, versions)
        if not isinstance(item, Draft) or item.source not in shown:
            yield item
        if isinstance(item, Draft):
            shown.add(item.source)
        if not waiting:
            return
        if left:
            key = waiting.popleft()
            known_versions = versions if key in known else lambda _key: None
            current = visit_page(fetcher, key, site.origin, site.inside, known_versions)
    yield Skipped(len(waiting), "pages")


def _mark_unchanged(key: str, item: Draft | Failure | Unchanged, versions: Versions) -> Draft | Failure | Unchanged:
    """Return what was read of a page, or `Unchanged` if it is a draft with the content of the known version."""
    unchanged = isinstance(item, Draft) and _same_content(item.version, versions(key))
    return Unchanged(key) if unchanged else item


def _same_content(one: str | None, other: str | None) -> bool:
    """Return whether two versions of a page have the same content."""
    return one is not None and other is not None and content_digest(one) == content_digest(other)


def _with_origin(origin: str, item: Draft | Failure | Unchanged) -> Draft | Failure | Unchanged:
    return replace(item, origin=origin) if isinstance(item, Draft) else item


def _links(page: Fetched | None, inside: str) -> tuple[str, ...]:
    """Return the normalised addresses with the prefix `inside` that a page links to."""
    if page is None or page.kind != "html":
        return ()
    with suppress(UserError):  # the error is already reported for the page itself
        found = _canonical(SANDBOX.links(page.data, page.url, page.charset))
        return tuple(link for link in found if link.startswith(inside))
    return ()


def _canonical(links: Iterable[str]) -> list[str]:
    """Return the valid addresses among links, normalised as in the keys of pages, each once."""
    found: dict[str, None] = {}
    for link in links:
        with suppress(UserError):
            found[parse_address(link).url] = None
    return list(found)

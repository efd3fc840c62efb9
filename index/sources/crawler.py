"""Addresses to drafts: one page, the pages of a sitemap or feed, or those that a page links to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from index.models import Draft, UserError
from index.sources.discovery import Failure
from index.sources.http.addresses import folder_of, parse_address
from index.sources.http.client import Fetched, Fetcher, content_digest
from index.sources.http.errors import FetchError
from index.sources.loader import SANDBOX, Item, Skipped, Unchanged, Versions, draft_from_bytes

PAGES: Final = 200  # of a sitemap or feed, where no number is given
_MAX_MAPS: Final = 50  # sitemaps that one index may lead to


@dataclass(frozen=True, slots=True)
class PageVisit:
    """What one page holds, and the pages to which it leads."""

    item: Draft | Failure | Unchanged
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteListing:
    """An address that leads to pages.

    `keys` are the pages known so far. `inside` is the part of the web where the links of each are followed, None
    where a sitemap or feed has named them all. `first` is the page at the address itself, which was read already,
    and `also` where it was in the end. `failures` are sitemaps that cannot be had.
    """

    origin: str
    keys: tuple[str, ...]
    inside: str | None = None
    first: PageVisit | None = None
    also: str = ""
    failures: tuple[Failure, ...] = ()


def load_pages(
    fetcher: Fetcher,
    given: str,
    limit: int | None,
    versions: Versions,
    known: Sequence[str] = (),
    depth: int | None = None,
) -> Iterator[Item]:
    """Yield what is at an address: a page, or as many as `limit` of a sitemap or feed, or along a page's links.

    Links are followed no further than `depth` from the first page; without a `limit` this means up to PAGES pages.

    Links are followed on the same site, at and below the folder of the address, nearest first. A page that is as it
    was at its known version is `Unchanged`. `known` are the keys of pages that came from here before: each is asked
    for again, and only those that have changed are searched for links.
    """
    limit = PAGES if depth and limit is None else limit
    found = inspect_address(fetcher, given, limit, versions)
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
    fetcher: Fetcher, given: str, limit: int | None, versions: Versions
) -> SiteListing | Draft | Failure | Unchanged:
    """Return what is at an address: a site where it is a sitemap or feed, or `limit` wants more than the page."""
    try:
        start = parse_address(given).url
        # A site's start page is read whole, even if unchanged: its links lead to the others.
        page = fetcher.get(start, versions(start) if limit in {None, 1} else None)
    except UserError as error:
        return failure(given.strip(), error)
    if page is not None and page.kind is None:
        return _read_listing(fetcher, start, page)
    if page is None or limit is None or limit == 1:
        return _to_item(start, page)
    inside = folder_of(page.url)
    first = PageVisit(_with_origin(start, _to_item(start, page)), _links(page, inside))
    keys = dict.fromkeys((start, *(key for key in first.links if key != page.url)))
    return SiteListing(start, tuple(keys), inside, first, page.url)


def visit_page(fetcher: Fetcher, key: str, origin: str, inside: str | None, versions: Versions) -> PageVisit:
    """Read one page of a site, and its links where they are to be followed and the page has changed."""
    try:
        page = fetcher.get(key, versions(key))
    except UserError as error:
        return PageVisit(failure(key, error))
    return PageVisit(_with_origin(origin, _to_item(key, page)), _links(page, inside) if inside else ())


def failure(key: str, error: UserError) -> Failure:
    """Say why an address could not be loaded."""
    return Failure(key, str(error), key=key, gone=isinstance(error, FetchError) and error.gone)


def _to_item(key: str, page: Fetched | None) -> Draft | Failure | Unchanged:
    """Make a draft of a page, None for one that is as it was."""
    if page is None:
        return Unchanged(key)
    if page.kind is None:
        return Failure(key, "This is a sitemap or feed; add its address by itself.", key=key)
    try:
        draft = draft_from_bytes(page.data, page.kind, key=key, source=page.url, address=page.url, charset=page.charset)
    except UserError as error:
        return failure(key, error)
    return replace(draft, version=page.version)


def _read_listing(fetcher: Fetcher, origin: str, first: Fetched) -> SiteListing:
    """Return the pages of a sitemap, of the sitemaps that it names, or of a feed."""
    found: dict[str, None] = {}
    failures: list[Failure] = []
    maps: deque[Fetched | str] = deque([first])
    known = 0
    while maps:
        place = maps.popleft()
        try:
            fetched = fetcher.get(place) if isinstance(place, str) else place
            assert fetched is not None
            listed, further = SANDBOX.listing(fetched.data, fetched.url)
        except UserError as error:
            failures.append(failure(place if isinstance(place, str) else origin, error))
            continue
        found.update(dict.fromkeys(_canonical(listed)))
        maps.extend(further[: max(0, _MAX_MAPS - known)])
        known += len(further)
    return SiteListing(origin, tuple(found), failures=tuple(failures))


def _follow_links(
    fetcher: Fetcher, site: SiteListing, limits: tuple[int, int | None], versions: Versions, known: Sequence[str]
) -> Iterator[Item]:
    """Yield a page and those that it leads to, breadth first, up to a number of pages and of links from the first.

    How far away a known page is that the first one does not name, nobody remembers: its links are not followed then.
    """
    limit, depth = limits
    assert site.first is not None
    waiting = deque([key for key in known if key != site.origin])
    queued = {site.origin, site.also, *known}
    far = dict.fromkeys(known, depth or 0) | dict.fromkeys(site.first.links, 1) | {site.origin: 0}
    shown: set[str] = set()  # one page may have several addresses
    key, current = site.origin, site.first
    for left in reversed(range(limit)):
        new = [link for link in current.links if link not in queued] if depth is None or far[key] < depth else []
        far |= dict.fromkeys(new, far[key] + 1)
        queued.update(new)
        waiting += new
        item = current.item
        if isinstance(item, Draft) and _same_content(item.version, versions(key)):
            item = Unchanged(key)
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


def _same_content(one: str | None, other: str | None) -> bool:
    """Tell whether two notes on a page's state mean the same bytes."""
    return one is not None and other is not None and content_digest(one) == content_digest(other)


def _with_origin(origin: str, item: Draft | Failure | Unchanged) -> Draft | Failure | Unchanged:
    return replace(item, origin=origin) if isinstance(item, Draft) else item


def _links(page: Fetched | None, inside: str) -> tuple[str, ...]:
    """Return the addresses inside a site to which a page links, each as its page is known."""
    if page is None or page.kind != "html":
        return ()
    with suppress(UserError):  # the page's own failure says it
        found = _canonical(SANDBOX.links(page.data, page.url, page.charset))
        return tuple(link for link in found if link.startswith(inside))
    return ()


def _canonical(links: Iterable[str]) -> list[str]:
    """Return addresses as pages are known by them, without those that cannot be any."""
    found: dict[str, None] = {}
    for link in links:
        with suppress(UserError):
            found[parse_address(link).url] = None
    return list(found)

"""Addresses to drafts: one page, the pages of a sitemap or feed, or those that a page links to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from index.addresses import folder_of, parse_address
from index.fetch import Fetched, Fetcher, FetchError, content_of
from index.load import SANDBOX, Failure, Item, Skipped, Unchanged, Versions, draft_from_bytes
from index.values import Draft, UserError

PAGES: Final = 200  # of a sitemap or feed, where no number is given
_MAX_MAPS: Final = 50  # sitemaps that one index may lead to


def pages(
    fetcher: Fetcher, given: str, limit: int | None, versions: Versions, known: Sequence[str] = ()
) -> Iterator[Item]:
    """Yield what is at an address: a page, or as many as `limit` of a sitemap or feed, or along a page's links.

    Links are followed on the same site, at and below the folder of the address, nearest first. A page that is as it
    was at its known version is `Unchanged`. `known` are the keys of pages that came from here before: each is asked
    for again, and only those that have changed are searched for links.
    """
    try:
        start = parse_address(given).url
        # A site's start page is read whole, even if unchanged: its links lead to the others.
        first = fetcher.get(start, versions(start) if limit in {None, 1} else None)
    except UserError as error:
        yield failure(given.strip(), error)
        return
    if first is not None and first.kind is None:
        yield from _listed(fetcher, start, first, limit or PAGES, versions)
    elif first is not None and limit is not None and limit > 1:
        yield from _linked(fetcher, start, first, limit, versions, known)
    else:
        yield _item(start, first)


def failure(key: str, error: UserError) -> Failure:
    """Say why an address could not be loaded."""
    return Failure(key, str(error), key=key, gone=isinstance(error, FetchError) and error.gone)


def _item(key: str, page: Fetched | None) -> Draft | Failure | Unchanged:
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


def _visit(
    fetcher: Fetcher, key: str, origin: str, versions: Versions
) -> tuple[Draft | Failure | Unchanged, Fetched | None]:
    """Fetch one page of several; the page itself is None where there is nothing new to read in it."""
    try:
        page = fetcher.get(key, versions(key))
    except UserError as error:
        return failure(key, error), None
    return _of(origin, _item(key, page)), page


def _listed(fetcher: Fetcher, origin: str, first: Fetched, limit: int, versions: Versions) -> Iterator[Item]:
    """Yield the pages of a sitemap, of the sitemaps that it names, or of a feed."""
    found: dict[str, None] = {}
    maps: deque[Fetched | str] = deque([first])
    known = 0
    while maps:
        place = maps.popleft()
        try:
            fetched = fetcher.get(place) if isinstance(place, str) else place
            assert fetched is not None
            listed, further = SANDBOX.listing(fetched.data, fetched.url)
        except UserError as error:
            yield failure(place if isinstance(place, str) else origin, error)
            continue
        found.update(dict.fromkeys(_normal(listed)))
        maps.extend(further[: _MAX_MAPS - known])
        known += len(further)
    for key in list(found)[:limit]:
        yield _visit(fetcher, key, origin, versions)[0]
    if len(found) > limit:
        yield Skipped(len(found) - limit, "pages")


def _linked(
    fetcher: Fetcher, origin: str, first: Fetched, limit: int, versions: Versions, known: Sequence[str]
) -> Iterator[Item]:
    """Yield a page and those that it leads to, breadth first."""
    inside = folder_of(first.url)
    waiting = deque([key for key in known if key != origin])
    met = {origin, first.url, *known}
    shown: set[str] = set()  # one page may have several addresses
    key = origin
    page: Fetched | None = first
    item = _of(origin, _item(key, first))
    for left in reversed(range(limit)):
        new = [link for link in _links(page) if link.startswith(inside) and link not in met]
        met.update(new)
        waiting += new
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
            item, page = _visit(fetcher, key, origin, versions if key in known else lambda _key: None)
    yield Skipped(len(waiting), "pages")


def _same_content(one: str | None, other: str | None) -> bool:
    """Tell whether two notes on a page's state mean the same bytes."""
    return one is not None and other is not None and content_of(one) == content_of(other)


def _of(origin: str, item: Draft | Failure | Unchanged) -> Draft | Failure | Unchanged:
    return replace(item, origin=origin) if isinstance(item, Draft) else item


def _links(page: Fetched | None) -> list[str]:
    """Return the addresses to which a page links, each as its page is known."""
    if page is None or page.kind != "html":
        return []
    with suppress(UserError):  # the page's own failure says it
        return _normal(SANDBOX.links(page.data, page.url, page.charset))
    return []


def _normal(links: Iterable[str]) -> list[str]:
    """Return addresses as pages are known by them, without those that cannot be any."""
    found: dict[str, None] = {}
    for link in links:
        with suppress(UserError):
            found[parse_address(link).url] = None
    return list(found)

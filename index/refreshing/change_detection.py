"""Finds what has changed at the sources of a library; reads them, but changes nothing in the library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from index.catalog.article_sources import KnownSources, Origin, Source, can_be_refreshed
from index.models import Draft
from index.sources.crawler import load_pages
from index.sources.discovery import Failure
from index.sources.http.addresses import is_address
from index.sources.loader import EmptyFolder, Item, Skipped, Unchanged, Versions, drafts

if TYPE_CHECKING:
    from index.sources.http.client import Fetcher


@dataclass(frozen=True, slots=True)
class RefreshTarget:
    """What is checked together: a folder or site with all its known sources, or a single source."""

    name: str
    known: tuple[Source, ...]
    origin: Origin | None = None

    @property
    def key(self) -> str:
        """The key of the origin, or of the single source."""
        return self.origin.key if self.origin else self.known[0].key


@dataclass(slots=True)
class DetectedChanges:
    """What a check has found: new or changed articles, missing sources, unchanged keys, and failures.

    `origin_gone` is true if the folder or site itself no longer exists.
    """

    drafts: list[Draft] = field(default_factory=list)
    gone: list[Source] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    origin_gone: bool = False


def read_source(
    fetcher: Fetcher,
    source: str,
    limit: int | None,
    versions: Versions,
    known: Sequence[str] = (),
    depth: int | None = None,
) -> Iterator[Item]:
    """Yield the contents of a file, a folder, or a web address with at most `limit` pages.

    `versions` returns the version mark with which a key was last read. `known` are the keys found on a site before;
    `depth` is the most links followed from its first page.
    """
    return (
        load_pages(fetcher, source, limit, versions, known, depth) if is_address(source) else drafts(source, versions)
    )


def refresh_targets(view: KnownSources) -> Iterator[RefreshTarget]:
    """Yield everything that can be checked: origins first, then sources without one."""
    known: defaultdict[str | None, list[Source]] = defaultdict(list)
    for source in view.sources:
        known[source.origin].append(source)
    for origin in view.origins:
        own = known.pop(origin.key, [])
        if can_be_refreshed(origin.key):
            yield RefreshTarget(display_name(origin.key), tuple(own), origin)
    for source in view.sources:
        if source.origin in known and can_be_refreshed(source.key):
            yield RefreshTarget(source.shown, (source,))


def single_targets(view: KnownSources, articles: Collection[int]) -> Iterator[RefreshTarget | Failure]:
    """Yield the sources of some articles one by one, without the rest of their folder or site."""
    for source in view.sources:
        if source.article_id in articles and can_be_refreshed(source.key):
            yield RefreshTarget(source.shown, (source,))
        elif source.article_id in articles:
            yield Failure(source.shown, "This was sent, not fetched, so it cannot be refreshed; send it again.")


def detect_changes(
    fetcher: Fetcher, view: KnownSources, target: RefreshTarget
) -> Generator[None, None, DetectedChanges]:
    """Read an origin, then every known source that was not found in it; yield before each, return what was found.

    `view` is used for an origin only: sources that belong to another one are left to it.
    """
    by_key = {source.key: source for source in target.known}
    versions: Versions = {source.key: source.version for source in target.known}.get
    changes = DetectedChanges()
    met: set[str] = set()
    if origin := target.origin:
        other_keys = {source.key for source in view.sources if source.origin != origin.key}
        for item in read_source(fetcher, origin.key, origin.pages, versions, list(by_key), origin.depth):
            yield
            key = getattr(item, "key", "")
            is_origin_gone = isinstance(item, Failure) and item.gone and key not in by_key  # its sources report it
            changes.origin_gone = changes.origin_gone or is_origin_gone
            if key in met or key in view.dismissed or key in other_keys or is_origin_gone:
                continue
            met.add(key)
            _classify(changes, item, by_key)
    for source in target.known:
        if source.key not in met:
            yield
            for item in read_source(fetcher, source.key, None, versions):
                _classify(changes, _with_known_name(item, source), by_key)
    return changes


def _with_known_name(item: Item, source: Source) -> Item:
    """Return an item that was read on its own with the name and origin that its source has."""
    if isinstance(item, Failure):
        return replace(item, source=source.shown)
    if isinstance(item, Draft):
        shown = item.source if is_address(item.source) else source.shown
        return replace(item, source=shown, origin=source.origin)
    return item


def _classify(changes: DetectedChanges, item: Item, known: dict[str, Source]) -> None:
    """Add an item to the changes that were detected."""
    match item:
        case Draft():
            changes.drafts.append(item)
        case Unchanged(key):
            changes.unchanged.add(key)
        case Failure() if item.gone and item.key in known:
            changes.gone.append(known[item.key])
        case Failure():
            changes.failures.append(item)
        case Skipped() | EmptyFolder():
            pass  # it was reported when the source was added


def display_name(origin: str) -> str:
    """Return an origin's public name: its address, or the last part of its path."""
    return origin if is_address(origin) else origin.replace("\\", "/").rstrip("/").rpartition("/")[2]

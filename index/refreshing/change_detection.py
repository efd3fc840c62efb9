"""What a look at the sources of a library finds, before anything is changed. It needs only what is known of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from index.catalog.article_sources import KnownSources, Origin, Source, lasting
from index.models import Draft
from index.sources.crawler import load_pages
from index.sources.discovery import Failure
from index.sources.http.addresses import is_address
from index.sources.loader import Item, Skipped, Unchanged, Versions, drafts

if TYPE_CHECKING:
    from index.sources.http.client import Fetcher


@dataclass(frozen=True, slots=True)
class RefreshTarget:
    """What is looked at in one go: a folder or site with all that it led to, or one source by itself."""

    name: str
    known: tuple[Source, ...]
    origin: Origin | None = None

    @property
    def key(self) -> str:
        """The key of the origin, or of the source."""
        return self.origin.key if self.origin else self.known[0].key


@dataclass(slots=True)
class DetectedChanges:
    """What a look has found."""

    drafts: list[Draft] = field(default_factory=list)
    gone: list[Source] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)


def items(
    fetcher: Fetcher,
    source: str,
    limit: int | None,
    versions: Versions,
    known: Sequence[str] = (),
    depth: int | None = None,
) -> Iterator[Item]:
    """Yield what a source holds: a file, a folder, or an address with as many pages as `limit`.

    `known` are the keys of what a site has led to before; `depth` is how many links are followed from its first page.
    """
    return (
        load_pages(fetcher, source, limit, versions, known, depth) if is_address(source) else drafts(source, versions)
    )


def refresh_targets(view: KnownSources) -> Iterator[RefreshTarget]:
    """Yield all that can be looked at again."""
    known: defaultdict[str | None, list[Source]] = defaultdict(list)
    for source in view.sources:
        known[source.origin].append(source)
    for origin in view.origins:
        own = known.pop(origin.key, [])
        if lasting(origin.key):
            yield RefreshTarget(name_of(origin.key), tuple(own), origin)
    for source in view.sources:
        if source.origin in known and lasting(source.key):
            yield RefreshTarget(source.shown, (source,))


def single_targets(view: KnownSources, articles: Collection[int]) -> Iterator[RefreshTarget | Failure]:
    """Yield the sources of some articles by themselves, not with the rest of their folder or site."""
    for source in view.sources:
        if source.article_id in articles and lasting(source.key):
            yield RefreshTarget(source.shown, (source,))
        elif source.article_id in articles:
            yield Failure(source.shown, "This was sent, not fetched, so it cannot be looked at; send it again.")


def detect_changes(
    fetcher: Fetcher, view: KnownSources, target: RefreshTarget
) -> Generator[None, None, DetectedChanges]:
    """Read an origin, and every known source that it did not lead to; yield after each, and return what was found.

    The view matters for an origin only: what is known of other sources must not be taken from them.
    """
    by_key = {source.key: source for source in target.known}
    versions: Versions = {source.key: source.version for source in target.known}.get
    plan = DetectedChanges()
    met: set[str] = set()
    if origin := target.origin:
        elsewhere = {source.key for source in view.sources if source.origin != origin.key}
        for item in items(fetcher, origin.key, origin.pages, versions, list(by_key), origin.depth):
            yield
            key = getattr(item, "key", "")
            lost = isinstance(item, Failure) and item.gone and key not in by_key  # an origin, told by its sources
            if key in met or key in view.dismissed or key in elsewhere or lost:
                continue
            met.add(key)
            _sort(plan, item, by_key)
    for source in target.known:
        if source.key not in met:
            yield
            for item in items(fetcher, source.key, None, versions):
                _sort(plan, _as_known(item, source), by_key)
    return plan


def _as_known(item: Item, source: Source) -> Item:
    """Return an item that was read by itself under the name and origin by which it is known."""
    if isinstance(item, Failure):
        return replace(item, source=source.shown)
    if isinstance(item, Draft):
        shown = item.source if is_address(item.source) else source.shown
        return replace(item, source=shown, origin=source.origin)
    return item


def _sort(plan: DetectedChanges, item: Item, known: dict[str, Source]) -> None:
    """Put an item where its plan needs it."""
    match item:
        case Draft():
            plan.drafts.append(item)
        case Unchanged(key):
            plan.unchanged.add(key)
        case Failure() if item.gone and item.key in known:
            plan.gone.append(known[item.key])
        case Failure():
            plan.failures.append(item)
        case Skipped():
            pass  # it was told when the source was added


def name_of(origin: str) -> str:
    """Return an origin as it may be shown: an address, or the last part of a path."""
    return origin if is_address(origin) else origin.replace("\\", "/").rstrip("/").rpartition("/")[2]

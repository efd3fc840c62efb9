"""Bring the articles up to date with their sources, guarded against a bad crawl."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.addresses import is_address
from index.finding import Failure
from index.history import REFRESH
from index.load import Item, Skipped, Unchanged, Versions, drafts
from index.values import Draft, Receipt, SettingsError, UserError
from index.web import pages

if TYPE_CHECKING:
    from index.fetch import Fetcher
    from index.library import Library
    from index.sources import Source


@dataclass(frozen=True, slots=True)
class Rules:
    """How far a refresh may go: a share from 0 to 1 of one origin's articles, and days until a lost one is removed."""

    change_limit: float = 0.3
    grace_days: float = 7.0


@dataclass(frozen=True, slots=True)
class Lost:
    """A source that is gone: missing for the first time, still waited for, or removed with its article."""

    source: str
    article_id: int
    status: Literal["missing", "waiting", "removed"]


@dataclass(frozen=True, slots=True)
class Held:
    """An origin of which nothing was changed: `affected` of its `articles` would have been, which is too many."""

    origin: str
    affected: int
    lost: int
    articles: int

    def __str__(self) -> str:
        changed = self.affected - self.lost
        return (
            f"{self.origin}: {changed} of its {self.articles} articles would change and {self.lost} are gone, which is "
            "more than a refresh may touch (REFRESH_CHANGE_LIMIT), so nothing was changed. Look at the source; "
            "`refresh --force` takes it as it is."
        )


Event = Receipt | Failure | Lost | Held


@dataclass(slots=True)
class _Plan:
    """What a look at one origin has found, before anything is changed."""

    drafts: list[Draft] = field(default_factory=list)
    gone: list[Source] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)


def items(
    fetcher: Fetcher, source: str, limit: int | None, versions: Versions, known: Sequence[str] = ()
) -> Iterator[Item]:
    """Yield what a source holds: a file, a folder, or an address with as many pages as `limit`.

    `known` are the keys of what a site has led to before.
    """
    return pages(fetcher, source, limit, versions, known) if is_address(source) else drafts(source, versions)


class Refresh:
    """One run over the sources of a library."""

    def __init__(self, library: Library, fetcher: Fetcher, rules: Rules, *, force: bool = False) -> None:
        self._library = library
        self._fetcher = fetcher
        self._rules = rules
        self._force = force
        self._looked: Callable[[], None] = lambda: None

    def run(
        self, articles: Collection[int] | None = None, looked: Callable[[], None] = lambda: None
    ) -> Iterator[Event]:
        """Refresh these articles, or all; yield what became of each source that is not as it was.

        An article that is named is looked at alone, not with the rest of its folder or site. `looked` is called for
        each source that was looked at.
        """
        self._looked = looked
        catalog = self._library.catalog
        if catalog is None:
            return
        known = catalog.sources.all()
        if articles is not None:
            for source in known:
                if source.article_id in articles and not _lasts(source.key):
                    yield Failure(source.shown, "This was sent, not fetched, so it cannot be looked at; send it again.")
                elif source.article_id in articles:
                    yield from self._apply(source.shown, [source], self._look([source], None, None))
            return
        origins = catalog.sources.origins()
        for origin, limit in origins.items():
            own = [source for source in known if source.origin == origin]
            yield from self._apply(_name(origin), own, self._look(own, origin, limit))
            if not any(source.origin == origin for source in catalog.sources.all()):
                catalog.sources.forget_origin(origin)
        for source in known:
            if source.origin not in origins and _lasts(source.key):
                yield from self._apply(source.shown, [source], self._look([source], None, None))

    def _look(self, known: Sequence[Source], origin: str | None, limit: int | None) -> _Plan:
        """Read an origin, and every known source that it did not lead to, without changing anything."""
        catalog = self._library.catalog
        assert catalog is not None
        by_key = {source.key: source for source in known}
        elsewhere = {source.key for source in catalog.sources.all() if source.origin != origin}
        dismissed = catalog.sources.dismissed()
        versions: Callable[[str], str | None] = {source.key: source.version for source in known}.get
        plan = _Plan()
        met: set[str] = set()
        for item in items(self._fetcher, origin, limit, versions, list(by_key)) if origin is not None else ():
            self._looked()
            key = getattr(item, "key", "")
            lost = isinstance(item, Failure) and item.gone and key not in by_key  # an origin, told by its sources
            if key in met or key in dismissed or key in elsewhere or lost:
                continue
            met.add(key)
            _sort(plan, item, by_key)
        for source in known:
            if source.key not in met:
                self._looked()
                for item in items(self._fetcher, source.key, None, versions):
                    _sort(plan, _as_known(item, source), by_key)
        return plan

    def _apply(self, name: str, known: Sequence[Source], plan: _Plan) -> Iterator[Event]:
        """Change what a plan says, unless it changes too much."""
        catalog = self._library.catalog
        assert catalog is not None
        keys = {source.key for source in known}
        changed = {draft.key for draft in plan.drafts if draft.key in keys and not self._same(draft)}
        lost = [source for source in plan.gone if source.missing is None]
        affected = len(changed) + len(lost)
        yield from plan.failures
        if not self._force and affected > max(1, self._rules.change_limit * len(known)):
            yield Held(name, affected, len(lost), len(known))
            return
        catalog.sources.mark([source.key for source in known if source.missing and source.key in plan.unchanged], None)
        for draft in plan.drafts:
            yield self._add(draft)
        for source in plan.gone:
            yield self._lose(source)

    def _same(self, draft: Draft) -> bool:
        """Tell whether a draft says what its source has said before; another header is no change."""
        catalog = self._library.catalog
        found = catalog.match(draft) if catalog else None
        return found is not None and found[1]

    def _add(self, draft: Draft) -> Receipt | Failure:
        try:
            return self._library.add(draft, REFRESH)
        except SettingsError:
            raise
        except UserError as error:
            return Failure(draft.source, str(error), draft.key)

    def _lose(self, source: Source) -> Lost:
        """Note that a source is gone, or remove it where it has been for long enough."""
        catalog = self._library.catalog
        assert catalog is not None
        now = datetime.now(UTC)
        if source.missing is None:
            catalog.sources.mark([source.key], now.isoformat())
            return Lost(source.shown, source.article_id, "missing")
        if now - datetime.fromisoformat(source.missing) < timedelta(days=self._rules.grace_days):
            return Lost(source.shown, source.article_id, "waiting")
        self._library.detach(source.key, REFRESH)
        return Lost(source.shown, source.article_id, "removed")


def _as_known(item: Item, source: Source) -> Item:
    """Return an item that was read by itself under the name and origin by which it is known."""
    if isinstance(item, Failure):
        return replace(item, source=source.shown)
    if isinstance(item, Draft):
        shown = item.source if is_address(item.source) else source.shown
        return replace(item, source=shown, origin=source.origin)
    return item


def _sort(plan: _Plan, item: Item, known: dict[str, Source]) -> None:
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


def _lasts(key: str) -> bool:
    """Tell whether a source can be looked at again: an address or a file, not what was pasted, sent or piped in."""
    return is_address(key) or Path(key).is_absolute()


def _name(origin: str) -> str:
    """Return an origin as it may be shown: an address, or the last part of a path."""
    return origin if is_address(origin) else origin.replace("\\", "/").rstrip("/").rpartition("/")[2]

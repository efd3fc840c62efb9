"""Bring the articles up to date with their sources, guarded against a bad crawl."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from index.catalog.article_sources import KnownSources
from index.catalog.history import REFRESH
from index.libraries.ingestion import AT_ONCE
from index.models import Draft, Receipt, SettingsError, UserError
from index.refreshing.change_detection import (
    DetectedChanges,
    RefreshTarget,
    detect_changes,
    refresh_targets,
    single_targets,
)
from index.sources.discovery import Failure

if TYPE_CHECKING:
    from index.catalog.article_sources import Source
    from index.libraries.library import Library
    from index.sources.http.client import Fetcher


_GONE: Final = (
    "This is gone from its place; unless it comes back, its article goes too, {days:g} days after that was seen."
)


@dataclass(frozen=True, slots=True)
class RefreshRules:
    """How far a refresh may go: a share from 0 to 1 of one origin's articles, and days until a lost one is removed."""

    change_limit: float = 0.3
    grace_days: float = 7.0


@dataclass(frozen=True, slots=True)
class LostSource:
    """A source that is gone: missing for the first time, still waited for, or removed with its article."""

    source: str
    article_id: int
    status: Literal["missing", "waiting", "removed"]


@dataclass(frozen=True, slots=True)
class WithheldOrigin:
    """An origin of which nothing was changed: `affected` of its `articles` would have been, which is too many."""

    origin: str
    affected: int
    lost: int
    articles: int

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"

    @property
    def reason(self) -> str:
        """Say why nothing was changed."""
        changed = self.affected - self.lost
        return (
            f"{changed} of its {self.articles} articles would change and {self.lost} are gone, which is "
            "more than a refresh may touch (REFRESH_CHANGE_LIMIT), so nothing was changed. Look at the source; "
            "`refresh --force` takes it as it is."
        )


Event = Receipt | Failure | LostSource | WithheldOrigin


Pieces = Generator[Event | None, None, None]
Admit = Callable[[Draft], None]  # raises UserError for an article that there is no room for


def applying(
    library: Library,
    target: RefreshTarget,
    plan: DetectedChanges,
    rules: RefreshRules,
    admit: Admit = lambda _: None,
    *,
    force: bool = False,
) -> Pieces:
    """Change what a plan says, unless it changes too much, in pieces; yield what happens, None between two pieces.

    What could not be read, and why nothing was changed, is kept with the source.
    """
    catalog = library.catalog
    assert catalog is not None
    keys = {source.key for source in target.known}
    changed = {draft.key for draft in plan.drafts if draft.key in keys and not _same(library, draft)}
    lost = [source for source in plan.gone if source.missing is None]
    affected = len(changed) + len(lost)
    failed = list(plan.failures)
    yield from failed
    if not force and affected > max(1, rules.change_limit * len(target.known)):
        held = WithheldOrigin(target.name, affected, len(lost), len(target.known))
        failed.append(Failure(target.name, held.reason, target.key))
        yield held
    else:
        catalog.sources.mark([one.key for one in target.known if one.missing and one.key in plan.unchanged], None)
        dismissed = catalog.sources.dismissed()
        for draft in plan.drafts:
            removed = draft.key in keys and catalog.sources.get(draft.key) is None  # since it was looked at
            if removed or draft.key in dismissed:
                continue
            try:
                admit(draft)
                yield (yield from library.adding(draft, REFRESH, AT_ONCE))
            except SettingsError:
                raise
            except UserError as error:
                failed.append(Failure(draft.source, str(error), draft.key))
                yield failed[-1]
        for source in plan.gone:
            event = _lose(library, source, rules)
            if event.status != "removed":
                failed.append(Failure(source.shown, _GONE.format(days=rules.grace_days), source.key))
            yield event
    origin = target.origin.key if target.origin else None
    catalog.sources.looked(keys, origin, [failure for failure in failed if failure.key])
    if origin is not None and not catalog.sources.of_origin(origin):
        catalog.sources.forget_origin(origin)


def _same(library: Library, draft: Draft) -> bool:
    """Tell whether a draft says what its source has said before; another header is no change."""
    found = library.catalog.match(draft) if library.catalog else None
    return found is not None and found[1]


def _lose(library: Library, source: Source, rules: RefreshRules) -> LostSource:
    """Note that a source is gone, or remove it where it has been for long enough."""
    catalog = library.catalog
    assert catalog is not None
    now = datetime.now(UTC)
    if source.missing is None:
        catalog.sources.mark([source.key], now.isoformat())
        return LostSource(source.shown, source.article_id, "missing")
    if now - datetime.fromisoformat(source.missing) < timedelta(days=rules.grace_days):
        return LostSource(source.shown, source.article_id, "waiting")
    library.detach(source.key, REFRESH)
    return LostSource(source.shown, source.article_id, "removed")


class Refresh:
    """One run over the sources of a library."""

    def __init__(self, library: Library, fetcher: Fetcher, rules: RefreshRules, *, force: bool = False) -> None:
        self._library = library
        self._fetcher = fetcher
        self._rules = rules
        self._force = force

    def run(
        self, articles: Collection[int] | None = None, looked: Callable[[], None] = lambda: None
    ) -> Iterator[Event]:
        """Refresh these articles, or all; yield what became of each source that is not as it was.

        An article that is named is looked at alone, not with the rest of its folder or site. `looked` is called for
        each source that was looked at.
        """
        catalog = self._library.catalog
        if catalog is None:
            return
        view = catalog.sources.known()
        found: list[RefreshTarget | Failure] = list(
            refresh_targets(view) if articles is None else single_targets(view, articles)
        )
        for target in found:
            if isinstance(target, Failure):
                yield target
                continue
            plan = self._look(target, looked)
            changing = applying(self._library, target, plan, self._rules, force=self._force)
            yield from (event for event in changing if event is not None)

    def _look(self, target: RefreshTarget, looked: Callable[[], None]) -> DetectedChanges:
        assert self._library.catalog is not None
        view = self._library.catalog.sources.known() if target.origin else KnownSources((), (), frozenset())
        look = detect_changes(self._fetcher, view, target)
        while True:
            try:
                next(look)
            except StopIteration as end:
                plan: DetectedChanges = end.value
                return plan
            looked()

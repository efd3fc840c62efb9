"""Brings articles up to date with their sources, unless suspiciously many would change at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from index.catalog.article_sources import KnownSources
from index.catalog.basis import SourceChangedError
from index.catalog.columns import iso_time
from index.catalog.history import REFRESH
from index.libraries.ingestion import BATCH_SIZE
from index.libraries.site_cleaning import without_frame
from index.messages.library import SOURCE_MISSING, TOO_MANY_CHANGES
from index.models import Draft, Receipt, SettingsError, UserError
from index.passages.near_duplicates import overlap, shingles
from index.refreshing.change_detection import (
    DetectedChanges,
    RefreshTarget,
    detect_changes,
    refresh_targets,
    single_targets,
)
from index.sources.discovery import Failure
from index.sources.http.addresses import is_address
from index.sources.loader import parse_version
from index.trusted_clock import is_future

if TYPE_CHECKING:
    from index.catalog.article_sources import Source
    from index.libraries.library import Library
    from index.sources.http.client import Fetcher


_DAY: Final = 86_400.0  # seconds
_SAME_TEXT: Final = 0.5  # share of shingles; another page, such as a login form, has next to none in common


@dataclass(frozen=True, slots=True)
class RefreshRules:
    """Limits of a refresh.

    `change_limit` is the share (0 to 1) of an origin's articles that may change at once, `grace_days` how long a source
    may be missing before its article is removed.
    """

    change_limit: float = 0.3
    grace_days: float = 7.0


@dataclass(frozen=True, slots=True)
class LostSource:
    """A missing source: `missing` for the first time, `waiting` for the end of its grace period, or `removed`."""

    source: str
    article_id: int
    status: Literal["missing", "waiting", "removed"]


@dataclass(frozen=True, slots=True)
class WithheldOrigin:
    """An origin left unchanged because too many of its `articles` would be `affected`; `lost` of those are missing."""

    origin: str
    affected: int
    lost: int
    articles: int

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"

    @property
    def reason(self) -> str:
        """The reason, as a sentence."""
        changed = self.affected - self.lost
        return TOO_MANY_CHANGES.format(changed=changed, articles=self.articles, gone=self.lost)


Event = Receipt | Failure | LostSource | WithheldOrigin


Steps = Generator[Event | None, None, None]
Admit = Callable[[Draft], None]  # raises UserError if there is no room for an article


def apply_changes(
    library: Library,
    target: RefreshTarget,
    changes: DetectedChanges,
    rules: RefreshRules,
    admit: Admit = lambda _: None,
    *,
    force: bool = False,
) -> Steps:
    """Apply detected changes in steps, unless they are too many; yield events, and None between steps.

    What could not be read, and why nothing was changed, is recorded as the sources' failures. With `force` the number
    of changes is not limited.
    """
    with library.in_use():
        yield from _apply_changes(library, target, changes, rules, admit, force=force)


def _apply_changes(
    library: Library,
    target: RefreshTarget,
    changes: DetectedChanges,
    rules: RefreshRules,
    admit: Admit,
    *,
    force: bool,
) -> Steps:
    catalog = library.catalog
    assert catalog is not None
    keys = {source.key for source in target.known}
    withheld = None if force else _withhold(library, target, changes, rules)
    failed = list(changes.failures)
    yield from failed
    if withheld:
        failed.append(Failure(target.name, withheld.reason, target.key))
        yield withheld
    else:
        found_again = [one.key for one in target.known if one.missing and one.key in changes.unchanged]
        catalog.sources.set_missing(found_again, None)
        failed += yield from _store_drafts(library, changes.drafts, keys, admit)
        failed += yield from _handle_gone(library, changes.gone, rules)
    origin = target.origin.key if target.origin else None
    catalog.sources.record_check(keys, origin, [failure for failure in failed if failure.key])
    # A folder that is empty stays: files may appear in it, or come back with the disk that they are on.
    is_lost = origin is not None and (is_address(origin) or changes.origin_gone)
    if origin is not None and is_lost and not catalog.sources.keys_of_origin(origin):
        catalog.sources.forget_origin(origin)
    elif origin is not None and changes.drafts and not withheld:
        yield from library.clean_site_in_steps(origin)


def _withhold(
    library: Library, target: RefreshTarget, changes: DetectedChanges, rules: RefreshRules
) -> WithheldOrigin | None:
    """Return the event of an origin of which too many articles would change, else None.

    Articles that change because a new version of the bot reads the same source differently are not counted.
    """
    known = {source.key: source for source in target.known}
    drafts = [draft for draft in changes.drafts if draft.key in known and not _is_unchanged(library, draft)]
    changed = {draft.key for draft in drafts if not _is_only_read_anew(library, known[draft.key], draft)}
    lost = [source for source in changes.gone if source.missing is None]
    affected = len(changed) + len(lost)
    if affected <= max(1, rules.change_limit * len(target.known)):
        return None
    return WithheldOrigin(target.name, affected, len(lost), len(target.known))


def _store_drafts(
    library: Library, drafts: Iterable[Draft], known: Collection[str], admit: Admit
) -> Generator[Event | None, None, list[Failure]]:
    """Store drafts in steps and return the failures; `known` are the keys of the sources that were checked."""
    failed: list[Failure] = []
    catalog = library.catalog
    assert catalog is not None
    dismissed = catalog.sources.dismissed()
    for draft in drafts:
        removed = draft.key in known and catalog.sources.get(draft.key) is None  # since it was checked
        if removed or draft.key in dismissed:
            continue
        try:
            admit(draft)
            yield (yield from library.add_in_steps(draft, REFRESH, BATCH_SIZE, unless_changed=True))
        except SettingsError:
            raise
        except SourceChangedError:
            continue  # what somebody did in the meantime is newer
        except UserError as error:
            failed.append(Failure(draft.source, error.sentence, draft.key))
            yield failed[-1]
    return failed


def _handle_gone(
    library: Library, sources: Iterable[Source], rules: RefreshRules
) -> Generator[Event | None, None, list[Failure]]:
    """Handle missing sources, and return the failures of those that are not removed yet."""
    failed: list[Failure] = []
    for source in sources:
        event = _handle_missing(library, source, rules)
        if event.status != "removed":
            failed.append(Failure(source.shown, SOURCE_MISSING.format(days=rules.grace_days), source.key))
        yield event
    return failed


def _is_unchanged(library: Library, draft: Draft) -> bool:
    """Whether a draft has the same content as its source had before; a new version mark alone is no change."""
    found = library.catalog.match(without_frame(library.catalog, draft)) if library.catalog else None
    return found is not None and found[1]


def _is_only_read_anew(library: Library, source: Source, draft: Draft) -> bool:
    """Whether a draft differs from the stored article because an earlier version of the bot read that.

    Either the bytes of the source are the same, or most of the shorter text is in the longer one: many pages differ in
    a few bytes each time that they are fetched.
    """
    (stored, was), (current, now) = (parse_version(version or "") for version in (source.version, draft.version))
    if stored == current:
        return False
    article = library.article(source.article_id)
    return was == now or (article is not None and overlap(shingles(article.text), shingles(draft.text)) >= _SAME_TEXT)


def _handle_missing(library: Library, source: Source, rules: RefreshRules) -> LostSource:
    """Record that a source is missing, or remove it once its grace period is over."""
    catalog = library.catalog
    assert catalog is not None
    clock = library.read_clock()
    since = datetime.fromisoformat(source.missing).timestamp() if source.missing else None
    if since is None or is_future(since, clock):
        catalog.sources.set_missing([source.key], iso_time(time.time()))
        return LostSource(source.shown, source.article_id, "missing" if since is None else "waiting")
    if rules.grace_days and clock.trusted - since < rules.grace_days * _DAY:
        return LostSource(source.shown, source.article_id, "waiting")
    removed = library.remove_source(source.key, REFRESH, missing=source.missing)
    return LostSource(source.shown, source.article_id, "removed" if removed else "waiting")


class Refresh:
    """One run over all sources of a library, or over those of some articles."""

    def __init__(self, library: Library, fetcher: Fetcher, rules: RefreshRules, *, force: bool = False) -> None:
        self._library = library
        self._fetcher = fetcher
        self._rules = rules
        self._force = force

    def run(
        self, articles: Collection[int] | None = None, on_check: Callable[[], None] = lambda: None
    ) -> Iterator[Event]:
        """Refresh all articles, or those given; yield an event for each source that changed or failed.

        Given articles are checked alone, without the rest of their folder or site. `on_check` is called after each
        source that was read.
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
            changes = self._detect(target, on_check)
            steps = apply_changes(self._library, target, changes, self._rules, force=self._force)
            yield from (event for event in steps if event is not None)

    def _detect(self, target: RefreshTarget, on_check: Callable[[], None]) -> DetectedChanges:
        assert self._library.catalog is not None
        view = self._library.catalog.sources.known() if target.origin else KnownSources((), (), frozenset())
        detection = detect_changes(self._fetcher, view, target)
        while True:
            try:
                next(detection)
            except StopIteration as end:
                changes: DetectedChanges = end.value
                return changes
            on_check()

"""The command add. Returns the exit status."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from index.catalog.history import TERMINAL
from index.incremental import finish
from index.libraries.batch_ingestion import is_full
from index.models import Draft, Receipt, UserError
from index.refreshing.change_detection import read_source
from index.sources.discovery import Failure
from index.sources.loader import MAX_BYTES, STANDARD_INPUT, EmptyFolder, Item, Skipped, Unchanged, drafts_from_pipe
from index.sqlite_errors import StorageError
from terminal.article_reports import count, report_receipt
from terminal.output import say
from terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from index.libraries.library import Library
    from index.sources.http.client import Fetcher

_LONGEST_WAIT: Final = 2.0  # seconds that an article waits for others, before it is added with those there are
_EMPTY_FOLDER: Final = "No article was found in this folder; `python bot.py refresh` adds what appears in it later."


@dataclass(frozen=True, slots=True)
class AddOptions:
    """The options of `add`.

    `pages` is the most pages to add of a site, `depth` the most links to follow from its first page; None means no
    crawling and no limit of depth. `title` is the title of the article from standard input. `tags` are the collections
    that everything is put into.
    """

    pages: int | None = None
    depth: int | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()


def add(
    library: Callable[[], Library], sources: Iterable[str], fetcher: Fetcher, options: AddOptions = AddOptions()
) -> int:
    """Add sources; `-` is standard input. A source that fails is reported and the others are still added.

    `library` is only called once something has been loaded, so that a wrong file name is reported without waiting for
    the models.
    """
    with Progress("Adding", "articles") as progress:
        adding = _Adding(library, options, progress)
        for name in sources:
            source = _Source(name)
            for item in _read(library, name, fetcher, options):
                adding.take(source, item)
            adding.end(source)
        adding.flush()
    _report_tally(adding.tally, adding.failed)
    return 1 if adding.failed else 0


@dataclass(slots=True)
class _Source:
    """A source of the command line: what of it could not be added, and the folder or site that it turned out to be."""

    name: str
    failures: list[Failure] = field(default_factory=list)
    origin: str | None = None


class _Adding:
    """Stores what is read, several articles together, and reports each in the order in which it was read."""

    def __init__(self, library: Callable[[], Library], options: AddOptions, progress: Progress) -> None:
        self.tally: Counter[str] = Counter()  # what is said once at the end
        self.failed = 0
        self._library = library
        self._options = options
        self._progress = progress
        self._waiting: list[tuple[_Source, Item | None]] = []  # None is the end of a source
        self._drafts: list[Draft] = []  # those in `_waiting`
        self._since = 0.0  # when the first of them was read
        self._origins: set[str] = set()  # that were recorded

    def take(self, source: _Source, item: Item) -> None:
        """Add an item, now or later."""
        self._waiting.append((source, item))
        if isinstance(item, Draft):
            self._since = self._since if self._drafts else time.monotonic()
            self._drafts.append(item if item.origin else replace(item, tags=self._options.tags))
        if not self._drafts or is_full(self._drafts) or time.monotonic() - self._since > _LONGEST_WAIT:
            self.flush()

    def end(self, source: _Source) -> None:
        """Finish a source, now or later: at once if it is a folder or a site, which is cleaned."""
        self._waiting.append((source, None))
        if source.origin is not None or not self._drafts or self._drafts[-1].origin is not None:
            self.flush()

    def flush(self) -> None:
        """Add and report everything that waits."""
        waiting, drafts = self._waiting, self._drafts
        self._waiting, self._drafts = [], []
        for origin in dict.fromkeys(draft.origin for draft in drafts):
            if origin is not None and origin not in self._origins:
                self._library().remember_origin(origin, self._options.pages, self._options.depth)
                self._origins.add(origin)
        outcomes = self._library().add_all(drafts, TERMINAL) if drafts else iter(())
        for source, item in waiting:
            if item is None:
                self._finish(source)
                continue
            if isinstance(item, Draft):
                source.origin = item.origin or source.origin
                self._report(source, item, next(outcomes))
            else:
                self._report_unread(source, item)
            self._progress.step()

    def _report_unread(self, source: _Source, item: Failure | Skipped | Unchanged | EmptyFolder) -> None:
        """Report, and record, what has no new article."""
        if isinstance(item, Skipped):
            self.tally[item.what] += item.count
        elif isinstance(item, EmptyFolder):
            self._library().remember_origin(item.key, None)
            if self._options.tags:
                self._library().tag_origin(item.key, self._options.tags)
            self._fail(source, Failure(source.name, _EMPTY_FOLDER))
        elif isinstance(item, Unchanged):
            report_receipt(self._library().mark_unchanged(item.key), self._progress)
        else:
            self._fail(source, item)

    def _report(self, source: _Source, draft: Draft, outcome: Receipt | UserError) -> None:
        """Report whether a draft was stored, and what may be missing from it."""
        if isinstance(outcome, UserError):
            self._fail(source, Failure(draft.source, str(outcome), draft.key))
            return
        self.tally["unread"] += outcome.unread_language is not None
        if draft.characters > len(draft.text):
            self.tally["kept"] += len(draft.text)
            self.tally["total"] += draft.characters
        report_receipt(outcome, self._progress)
        if draft.keeps_little:
            kept = f"kept {len(draft.text):,} of {draft.characters:,} characters; check that it is whole."
            self._progress.say(f"{draft.source}: {kept}")
        if missing := draft.list_missing_pages():
            self._progress.say(f"{draft.source}: left out pages, sheets or chapters that cannot be read: {missing}")

    def _fail(self, source: _Source, failure: Failure) -> None:
        source.failures.append(failure)
        self._progress.say(str(failure))

    def _finish(self, source: _Source) -> None:
        """Record what failed, and remove what repeats on the pages of a site."""
        self.failed += len(source.failures)
        _record_failures(self._library, source.origin, source.failures)
        if source.origin is not None:
            if self._options.tags:
                self._library().tag_origin(source.origin, self._options.tags)
            self.tally["cleaned"] += finish(self._library().clean_site_in_steps(source.origin))


def _report_tally(tally: Counter[str], failed: int) -> None:
    """Print how much was skipped, how much is surely in a language that the models do not read, and how much failed."""
    if tally["files"]:
        say(f"Skipped {count(tally['files'], 'file')} of a type that cannot be read.")
    if tally["pages"]:
        say(f"Left out {count(tally['pages'], 'page')} beyond the limit; --pages N takes more.")
    if tally["total"]:
        say(f"Web pages: kept {tally['kept']:,} of {tally['total']:,} characters; the rest was taken for clutter.")
    if tally["cleaned"]:
        say(f"Removed what repeats on most pages of a site from {count(tally['cleaned'], 'article')}.")
    if tally["unread"]:
        articles = count(tally["unread"], "article")
        say(f"The models in use read English; they may miss answers in {articles} in another language.")
    if failed:
        say(f"{count(failed, 'source')} could not be added.")


def _read(library: Callable[[], Library], source: str, fetcher: Fetcher, options: AddOptions) -> Iterator[Item]:
    if source == "-":
        return _from_standard_input(options.title)
    # To be put into collections, what has not changed is read nevertheless: only then its folder or site is known.
    version = (lambda _: None) if options.tags else partial(_version, library)
    return read_source(fetcher, source, options.pages, version, depth=options.depth)


def _version(library: Callable[[], Library], key: str) -> str | None:
    """Return the version mark with which a source was last read; None if it is unknown or cannot be looked up.

    A library that cannot be read is reported once, when the article is stored, not as a failure of each source.
    """
    try:
        return library().source_version(key)
    except StorageError:
        return None


def _record_failures(library: Callable[[], Library], origin: str | None, failures: Sequence[Failure]) -> None:
    """Store the failures of a folder or site, or of a known source, which `articles` lists until they are resolved."""
    found = [failure for failure in failures if failure.key]
    catalog = library().catalog if found else None
    if catalog is not None:
        recorded = [failure for failure in found if origin is not None or catalog.sources.get(failure.key)]
        catalog.sources.record_check((), None, [replace(failure, origin=origin) for failure in recorded])


def _from_standard_input(title: str | None) -> Iterator[Item]:
    """Yield the article from standard input, or a Failure."""
    try:
        yield from drafts_from_pipe(sys.stdin.buffer.read(MAX_BYTES + 1), title)
    except UserError as error:
        yield Failure(STANDARD_INPUT, str(error))

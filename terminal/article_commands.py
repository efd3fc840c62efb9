"""The commands that keep a library: add, refresh, articles and the rest. Each returns the exit status."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

from index.catalog.history import TERMINAL
from index.models import Draft, Receipt, SettingsError, UserError
from index.refreshing.change_detection import items
from index.refreshing.refresh import LostSource, WithheldOrigin
from index.sources.discovery import Failure
from index.sources.loader import MAX_BYTES, STANDARD_INPUT, Item, Skipped, Unchanged, drafts_from_pipe
from terminal.output import exact, json_line, printable, result, say
from terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from index.libraries.library import Library
    from index.refreshing.refresh import Refresh
    from index.sources.http.client import Fetcher

# What SQLite can count to; any other number is simply not there.
IDS: Final = range(1, 2**63)

_JSON_FIELDS: Final = ("id", "title", "source", "characters", "passages")  # what programs are promised

_STATUS: Final = {
    "added": "Added",
    "replaced": "Replaced by the new version",
    "unchanged": "Unchanged",
    "same_text": "The same text is there already; both sources are kept",
    "renamed": "Renamed",
    "restored": "Brought back",
}

_LOST: Final = {
    "missing": "Gone from its source, and kept for a while",
    "waiting": "Still gone from its source",
    "removed": "Removed, since its source is gone",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the sources that are added: of a site so many pages, so many links from its first page.

    `title` is that of the article from standard input.
    """

    pages: int | None = None
    depth: int | None = None
    title: str | None = None


def add(library: Callable[[], Library], sources: Iterable[str], fetcher: Fetcher, wanted: Wanted = Wanted()) -> int:
    """Add sources, `-` is standard input; what cannot be added is told, the others are kept.

    The library is opened when there is something to add, so that a wrong file name is told at once.
    """
    failed = 0
    skipped: Counter[str] = Counter()
    with Progress("Adding", "articles") as progress:
        for source in sources:
            failures: list[Failure] = []
            origin = None
            for item in _read(library, source, fetcher, wanted):
                if isinstance(item, Skipped):
                    skipped[item.what] += item.count
                elif isinstance(item, Failure):
                    failures.append(item)
                    progress.say(str(item))
                else:
                    origin = item.origin if isinstance(item, Draft) and item.origin else origin
                    failures += _take(library, item, wanted, progress)
                progress.step()
            failed += len(failures)
            _remember(library, origin, failures)
    if skipped["files"]:
        say(f"Passed over {count(skipped['files'], 'file')} of a type that cannot be read.")
    if skipped["pages"]:
        say(f"Left out {count(skipped['pages'], 'page')} beyond the limit; --pages N takes more.")
    if failed:
        say(f"{count(failed, 'source')} could not be added.")
    return 1 if failed else 0


def _read(library: Callable[[], Library], source: str, fetcher: Fetcher, wanted: Wanted) -> Iterator[Item]:
    if source == "-":
        return _piped(wanted.title)
    return items(fetcher, source, wanted.pages, lambda key: library().version(key), depth=wanted.depth)


def _remember(library: Callable[[], Library], origin: str | None, failures: Sequence[Failure]) -> None:
    """Keep what could not be read of a folder or site, or of a source that is known, until it can."""
    found = [failure for failure in failures if failure.key]
    catalog = library().catalog if found else None
    if catalog is not None:
        kept = [failure for failure in found if origin is not None or catalog.sources.get(failure.key)]
        catalog.sources.looked((), None, [replace(failure, origin=origin) for failure in kept])


def _piped(title: str | None) -> Iterator[Item]:
    """Yield what is in standard input."""
    try:
        yield from drafts_from_pipe(sys.stdin.buffer.read(MAX_BYTES + 1), title)
    except UserError as error:
        yield Failure(STANDARD_INPUT, str(error))


def _take(library: Callable[[], Library], item: Draft | Unchanged, wanted: Wanted, progress: Progress) -> list[Failure]:
    """Store what was loaded, and tell what became of it; return why it could not be stored."""
    if isinstance(item, Unchanged):
        _tell(library().unchanged(item.key), progress)
        return []
    if item.origin is not None:
        library().remember_origin(item.origin, wanted.pages, wanted.depth)
    try:
        receipt = library().add(item, TERMINAL)
    except SettingsError:
        raise
    except UserError as error:
        failure = Failure(item.source, str(error), item.key)
        progress.say(str(failure))
        return [failure]
    _tell(receipt, progress)
    return []


def refresh(library: Library, ids: Sequence[int], run: Refresh) -> int:
    """Bring articles, or all where none is named, up to date with their sources; return the exit status."""
    unknown = [key for key in dict.fromkeys(ids) if key not in IDS or library.article(key) is None]
    status = 0
    for key in unknown:
        status = missing(library, key)
    wanted = set(ids) - set(unknown)
    happened = 0
    with Progress("Refreshing", "sources") as progress:
        for event in run.run(wanted if ids else None, progress.step):
            match event:
                case Receipt():
                    happened += event.status != "unchanged"
                    _tell(event if event.status != "unchanged" else None, progress)
                case LostSource():
                    progress.result(f"{_LOST[event.status]}: {event.article_id} ({event.source})")
                case Failure() | WithheldOrigin():
                    status = 1
                    progress.say(str(event))
                case _:
                    assert_never(event)
            happened += not isinstance(event, Receipt)
    if not happened and not status:
        say("Everything is up to date.")
    return status


def _tell(receipt: Receipt | None, progress: Progress) -> None:
    if receipt is not None:
        progress.result(received(receipt))


def received(receipt: Receipt) -> str:
    """Return the line that tells what became of an article."""
    passages = count(receipt.passages, "passage")
    alike = ", ".join(map(str, receipt.near_duplicates))
    alike = f", nearly the text of {alike}" if alike else ""
    return f"{_STATUS[receipt.status]}: {receipt.article_id} {receipt.title} ({receipt.source}, {passages}{alike})"


def articles(library: Library, *, as_json: bool) -> int:
    """List the articles, and what could not be read at the last look."""
    rows, failed = library.articles(), library.failed()
    trouble = {one.article_id: one for one in reversed(failed) if one.article_id is not None}
    for row in rows:
        found = trouble.get(row.id)
        if as_json:
            failure = {"source": found.shown, "reason": found.reason, "at": found.at} if found else None
            json_line({name: getattr(row, name) for name in _JSON_FIELDS} | {"failure": failure})
        else:
            told = [row.author, row.published and row.published[:10], row.language]
            size = f"{row.characters:,} characters, {count(row.passages, 'passage')}"
            result(printable(f"{row.id:>6}  {row.title}  ({'; '.join([row.source, *filter(None, told), size])})"))
            if found:
                result(printable(f"        could not be read on {found.at[:10]}: {found.reason}"))
    for one in failed:
        if one.article_id is None:
            say(f"Could not be read on {one.at[:10]}: {one.shown}: {one.reason}")
    if not rows:
        say(f"The library {library.name!r} holds no articles. Add some with `python bot.py add SOURCE...`.")
    return 0


def show(library: Library, article_id: int) -> int:
    """Print an article's text, exactly."""
    article = library.article(article_id) if article_id in IDS else None
    if article is None:
        return missing(library, article_id)
    exact(article.text)
    return 0


def missing(library: Library, article_id: int) -> int:
    """Tell that there is no such article; return the exit status."""
    say(f"The library {library.name!r} has no article {article_id}; `python bot.py articles` lists what it has.")
    return 1


def check(library: Library) -> int:
    """Prove the library sound, or print what is not."""
    findings = library.check()
    for finding in findings:
        result(printable(finding))
    if findings:
        say(f"The library {library.name!r} is not sound. `python bot.py reindex` rebuilds every index from the texts.")
        return 1
    result(f"Sound: every slice, vector and index of {count(len(library.articles()), 'article')}.")
    return 0


def reindex(library: Library) -> int:
    """Rebuild every index from the stored texts."""
    with Progress("Rebuilding", "articles") as progress:
        done = library.reindex(progress.to)
    result(f"Rebuilt: {count(done, 'article')}.")
    return 0


def count(number: int, noun: str) -> str:
    """Return a number with its noun in the right form."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

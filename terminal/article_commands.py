"""The commands add, refresh, articles, show, check and reindex. Each returns the exit status."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

from index.catalog.history import TERMINAL
from index.incremental import finish
from index.libraries.library import EMPTY_LIBRARY
from index.models import Draft, Receipt, SettingsError, UserError
from index.parsers.file_types import office_format
from index.parsers.sandbox import SANDBOX
from index.refreshing.change_detection import read_source
from index.refreshing.refresh import LostSource, WithheldOrigin
from index.sources.discovery import Failure
from index.sources.loader import MAX_BYTES, STANDARD_INPUT, EmptyFolder, Item, Skipped, Unchanged, drafts_from_pipe
from terminal.output import json_line, printable, result, say, write_exact
from terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from index.libraries.library import Library
    from index.refreshing.refresh import Refresh
    from index.sources.http.client import Fetcher

# SQLite's range of row ids; a number outside it would raise an error instead of finding nothing.
VALID_IDS: Final = range(1, 2**63)

_JSON_FIELDS: Final = ("id", "title", "source", "characters", "passages")  # part of the documented JSON output

_STATUS: Final = {
    "added": "Added",
    "replaced": "Replaced by the new version",
    "unchanged": "Unchanged",
    "same_text": "The same text is there already; both sources are kept",
    "renamed": "Renamed",
    "restored": "Restored",
    "kept": "Left as it is",
}

_EMPTY_FOLDER: Final = "No article was found in this folder; `python bot.py refresh` adds what appears in it later."

_LOST_STATUS: Final = {
    "missing": "Gone from its source, and kept for a while",
    "waiting": "Still gone from its source",
    "removed": "Removed, since its source is gone",
}


@dataclass(frozen=True, slots=True)
class AddOptions:
    """The options of `add`.

    `pages` is the most pages to add of a site, `depth` the most links to follow from its first page; None means no
    crawling and no limit of depth. `title` is the title of the article from standard input.
    """

    pages: int | None = None
    depth: int | None = None
    title: str | None = None


def add(
    library: Callable[[], Library], sources: Iterable[str], fetcher: Fetcher, options: AddOptions = AddOptions()
) -> int:
    """Add sources; `-` is standard input. A source that fails is reported and the others are still added.

    `library` is only called once something has been loaded, so that a wrong file name is reported without waiting for
    the models.
    """
    failed = 0
    tally: Counter[str] = Counter()  # what is said once at the end
    with Progress("Adding", "articles") as progress:
        for source in sources:
            failures: list[Failure] = []
            origin = None
            for item in _read(library, source, fetcher, options):
                if isinstance(item, Skipped):
                    tally[item.what] += item.count
                elif isinstance(item, EmptyFolder):
                    library().remember_origin(item.key, None)
                    failures.append(Failure(source, _EMPTY_FOLDER))
                    progress.say(str(failures[-1]))
                elif isinstance(item, Failure):
                    failures.append(item)
                    progress.say(str(item))
                else:
                    origin = item.origin if isinstance(item, Draft) and item.origin else origin
                    failures += _store(library, item, options, progress, tally)
                progress.step()
            failed += len(failures)
            _record_failures(library, origin, failures)
            if origin is not None:
                tally["cleaned"] += finish(library().clean_site_in_steps(origin))
    _report_tally(tally, failed)
    return 1 if failed else 0


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
    return read_source(fetcher, source, options.pages, lambda key: library().source_version(key), depth=options.depth)


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


def _store(
    library: Callable[[], Library],
    item: Draft | Unchanged,
    options: AddOptions,
    progress: Progress,
    tally: Counter[str],
) -> list[Failure]:
    """Store a loaded item and print the result; return the failure, if any."""
    if isinstance(item, Unchanged):
        _report(library().mark_unchanged(item.key), progress)
        return []
    if item.origin is not None:
        library().remember_origin(item.origin, options.pages, options.depth)
    try:
        receipt = library().add(item, TERMINAL)
    except SettingsError:
        raise
    except UserError as error:
        failure = Failure(item.source, str(error), item.key)
        progress.say(str(failure))
        return [failure]
    tally["unread"] += receipt.unread_language is not None
    if item.characters > len(item.text):
        tally["kept"] += len(item.text)
        tally["total"] += item.characters
    _report(receipt, progress)
    if item.keeps_little:
        progress.say(
            f"{item.source}: kept {len(item.text):,} of {item.characters:,} characters; check that it is whole."
        )
    if item.missing_pages:
        progress.say(
            f"{item.source}: left out pages, sheets or chapters that cannot be read: {item.list_missing_pages()}"
        )
    return []


def refresh(library: Library, ids: Sequence[int], run: Refresh) -> int:
    """Update these articles, or all if `ids` is empty, from their sources."""
    unknown = report_unknown(library, ids)
    status = 1 if unknown else 0
    known = set(ids).difference(unknown)
    changes = 0
    with Progress("Refreshing", "sources") as progress:
        for event in run.run(known if ids else None, progress.step):
            match event:
                case Receipt():
                    changes += event.status != "unchanged"
                    _report(event if event.status != "unchanged" else None, progress)
                case LostSource():
                    progress.result(f"{_LOST_STATUS[event.status]}: {event.article_id} ({event.source})")
                case Failure() | WithheldOrigin():
                    status = 1
                    progress.say(str(event))
                case _:
                    assert_never(event)
            changes += not isinstance(event, Receipt)
    if not changes and not status:
        say("Everything is up to date.")
    return status


def _report(receipt: Receipt | None, progress: Progress) -> None:
    if receipt is not None:
        progress.result(receipt_line(receipt))


def receipt_line(receipt: Receipt) -> str:
    """Return the line that describes the result of adding or changing an article."""
    passages = count(receipt.passages, "passage")
    alike = ", ".join(map(str, receipt.near_duplicates))
    alike = f", nearly the text of {alike}" if alike else ""
    source = ", ".join(filter(None, (receipt.source, office_format(receipt.source))))
    return f"{_STATUS[receipt.status]}: {receipt.article_id} {receipt.title} ({source}, {passages}{alike})"


def articles(library: Library, *, as_json: bool) -> int:
    """List the articles, and the sources that could not be read the last time."""
    rows, failed = library.articles(), library.failed_sources()
    trouble = {one.article_id: one for one in reversed(failed) if one.article_id is not None}
    for row in rows:
        found = trouble.get(row.id)
        if as_json:
            failure = {"source": found.shown, "reason": found.reason, "at": found.at} if found else None
            json_line({name: getattr(row, name) for name in _JSON_FIELDS} | {"failure": failure})
        else:
            details = [row.author, row.published and row.published[:10], row.language]
            size = f"{row.characters:,} characters, {count(row.passages, 'passage')}"
            result(printable(f"{row.id:>6}  {row.title}  ({'; '.join([row.source, *filter(None, details), size])})"))
            if found:
                result(printable(f"        could not be read on {found.at[:10]}: {found.reason}"))
    for one in failed:
        if one.article_id is None:
            say(f"Could not be read on {one.at[:10]}: {one.shown}: {one.reason}")
    if not rows:
        report_empty(library)
    return 0


def show(library: Library, article_id: int) -> int:
    """Write the exact text of an article to standard output, without an added newline."""
    article = library.article(article_id) if article_id in VALID_IDS else None
    if article is None:
        return report_missing(library, article_id)
    write_exact(article.text)
    return 0


def report_missing(library: Library, article_id: int) -> int:
    """Report that the library has no such article; return exit status 1."""
    say(f"The library {library.name!r} has no article {article_id}; `python bot.py articles` lists what it has.")
    return 1


def report_unknown(library: Library, ids: Sequence[int]) -> list[int]:
    """Report the ids without an article, and return them."""
    unknown = [key for key in dict.fromkeys(ids) if key not in VALID_IDS or library.article(key) is None]
    for key in unknown:
        report_missing(library, key)
    return unknown


def report_empty(library: Library) -> None:
    """Report that the library has no articles."""
    say(EMPTY_LIBRARY.format(name=library.name))


def check(library: Library) -> int:
    """Check every passage, vector and index of the library and print what is wrong.

    Report also what the process that reads files could do although it need not; this does not affect the status.
    """
    for right, reason in SANDBOX.missing_protections().items():
        say(f"The process that reads files runs without the protection {right!r} ({printable(reason)}).")
    findings = library.check()
    for finding in findings:
        result(printable(finding))
    if findings:
        say(f"The library {library.name!r} is not consistent; `python bot.py reindex` rebuilds every index.")
        return 1
    result(f"Consistent: every slice, vector and index of {count(len(library.articles()), 'article')}.")
    return 0


def reindex(library: Library) -> int:
    """Rebuild all indexes from the stored texts."""
    with Progress("Rebuilding", "articles") as progress:
        done = library.reindex(progress.to)
    result(f"Rebuilt: {count(done, 'article')}.")
    return 0


def count(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural, such as "1 page" or "1,200 pages"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

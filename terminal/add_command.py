"""The command add. Returns the exit status."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from index.catalog.history import TERMINAL
from index.incremental import finish
from index.models import Draft, SettingsError, UserError
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
                    if options.tags:
                        library().tag_origin(item.key, options.tags)
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
                if options.tags:
                    library().tag_origin(origin, options.tags)
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


def _store(
    library: Callable[[], Library],
    item: Draft | Unchanged,
    options: AddOptions,
    progress: Progress,
    tally: Counter[str],
) -> list[Failure]:
    """Store a loaded item and print the result; return the failure, if any."""
    if isinstance(item, Unchanged):
        report_receipt(library().mark_unchanged(item.key), progress)
        return []
    if item.origin is not None:
        library().remember_origin(item.origin, options.pages, options.depth)
    try:
        receipt = library().add(item if item.origin else replace(item, tags=options.tags), TERMINAL)
    except (SettingsError, StorageError):
        raise  # it would be the same for every source
    except UserError as error:
        failure = Failure(item.source, str(error), item.key)
        progress.say(str(failure))
        return [failure]
    tally["unread"] += receipt.unread_language is not None
    if item.characters > len(item.text):
        tally["kept"] += len(item.text)
        tally["total"] += item.characters
    report_receipt(receipt, progress)
    if item.keeps_little:
        progress.say(
            f"{item.source}: kept {len(item.text):,} of {item.characters:,} characters; check that it is whole."
        )
    if item.missing_pages:
        progress.say(
            f"{item.source}: left out pages, sheets or chapters that cannot be read: {item.list_missing_pages()}"
        )
    return []

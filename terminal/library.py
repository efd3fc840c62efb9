"""The commands that keep a library: add, refresh, articles and the rest. Each returns the exit status."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Final, assert_never

from index.finding import Failure
from index.history import TERMINAL
from index.load import MAX_BYTES, STANDARD_INPUT, Item, Skipped, Unchanged, piped
from index.refresh import Held, Lost, items
from index.values import Draft, Receipt, SettingsError, UserError
from terminal.output import exact, json_line, printable, result, say
from terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from index.fetch import Fetcher
    from index.library import Library
    from index.refresh import Refresh

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


def add(
    library: Callable[[], Library],
    sources: Iterable[str],
    fetcher: Fetcher,
    pages: int | None = None,
    title: str | None = None,
) -> int:
    """Add sources; what cannot be added is told, the others are kept. Of a site up to `pages` pages are added.

    The source `-` is standard input, whose article is called `title`, or what it calls itself.

    The library is opened when there is something to add, so that a wrong file name is told at once.
    """
    failed = 0
    skipped: Counter[str] = Counter()
    with Progress("Adding", "articles") as progress:
        for source in sources:
            read = _piped(title) if source == "-" else items(fetcher, source, pages, lambda key: library().version(key))
            for item in read:
                if isinstance(item, Skipped):
                    skipped[item.what] += item.count
                else:
                    failed += not _take(library, item, pages, progress)
                progress.step()
    if skipped["files"]:
        say(f"Passed over {count(skipped['files'], 'file')} of a type that cannot be read.")
    if skipped["pages"]:
        say(f"Left out {count(skipped['pages'], 'page')} beyond the limit; --pages N takes more.")
    if failed:
        say(f"{count(failed, 'source')} could not be added.")
    return 1 if failed else 0


def _piped(title: str | None) -> Iterator[Item]:
    """Yield what is in standard input."""
    try:
        yield from piped(sys.stdin.buffer.read(MAX_BYTES + 1), title)
    except UserError as error:
        yield Failure(STANDARD_INPUT, str(error))


def _take(
    library: Callable[[], Library], item: Draft | Failure | Unchanged, pages: int | None, progress: Progress
) -> bool:
    """Store what was loaded, and tell what became of it; return whether it is in the library."""
    match item:
        case Draft():
            if item.origin is not None:
                library().remember_origin(item.origin, pages)
            return _store(library(), item, progress)
        case Unchanged(key):
            _tell(library().unchanged(key), progress)
            return True
        case Failure():
            progress.say(str(item))
            return False
        case _:
            assert_never(item)


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
                case Lost():
                    progress.result(f"{_LOST[event.status]}: {event.article_id} ({event.source})")
                case Failure() | Held():
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


def _store(library: Library, draft: Draft, progress: Progress) -> bool:
    try:
        receipt = library.add(draft, TERMINAL)
    except SettingsError:
        raise
    except UserError as error:
        progress.say(f"{draft.source}: {error}")
        return False
    _tell(receipt, progress)
    return True


def received(receipt: Receipt) -> str:
    """Return the line that tells what became of an article."""
    passages = count(receipt.passages, "passage")
    return f"{_STATUS[receipt.status]}: {receipt.article_id} {receipt.title} ({receipt.source}, {passages})"


def articles(library: Library, *, as_json: bool) -> int:
    """List the articles."""
    rows = library.articles()
    for row in rows:
        if as_json:
            json_line({name: getattr(row, name) for name in _JSON_FIELDS})
        else:
            told = [row.author, row.published and row.published[:10], row.language]
            size = f"{row.characters:,} characters, {count(row.passages, 'passage')}"
            result(printable(f"{row.id:>6}  {row.title}  ({'; '.join([row.source, *filter(None, told), size])})"))
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

"""The commands that keep a library: add, articles, show, remove, check, reindex. Each returns the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from index.load import Failure, Skipped, drafts
from index.values import Draft, Receipt, SettingsError, UserError
from terminal.output import exact, json_line, printable, result, say
from terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from index.library import Library

# What SQLite can count to; any other number is simply not there.
_IDS: Final = range(1, 2**63)

_STATUS: Final = {
    "added": "Added",
    "replaced": "Replaced by the new version",
    "unchanged": "Unchanged",
    "same_text": "The same text is there already; both sources are kept",
}


def add(library: Callable[[], Library], sources: Iterable[str]) -> int:
    """Add sources; what cannot be added is told, the others are kept.

    The library is opened when there is something to add, so that a wrong file name is told at once.
    """
    failed = skipped = 0
    with Progress("Adding", "articles") as progress:
        for source in sources:
            for item in drafts(source):
                match item:
                    case Draft():
                        failed += not _store(library(), item, progress)
                    case Failure(name, reason):
                        failed += 1
                        progress.say(f"{name}: {reason}")
                    case Skipped(count):
                        skipped += count
                    case _:
                        assert_never(item)
                progress.step()
    if skipped:
        say(f"Passed over {_count(skipped, 'file')} of a type that cannot be read.")
    if failed:
        say(f"{_count(failed, 'source')} could not be added.")
    return 1 if failed else 0


def _store(library: Library, draft: Draft, progress: Progress) -> bool:
    try:
        receipt = library.add(draft)
    except SettingsError:
        raise
    except UserError as error:
        progress.say(f"{draft.source}: {error}")
        return False
    progress.result(_received(receipt))
    return True


def _received(receipt: Receipt) -> str:
    passages = _count(receipt.passages, "passage")
    return f"{_STATUS[receipt.status]}: {receipt.article_id} {receipt.title} ({receipt.source}, {passages})"


def articles(library: Library, *, as_json: bool) -> int:
    """List the articles."""
    rows = library.articles()
    for row in rows:
        if as_json:
            json_line(row._asdict())
        else:
            size = f"{row.characters:,} characters, {_count(row.passages, 'passage')}"
            result(printable(f"{row.id:>6}  {row.title}  ({row.source}; {size})"))
    if not rows:
        say(f"The library {library.name!r} holds no articles. Add some with `python bot.py add SOURCE...`.")
    return 0


def show(library: Library, article_id: int) -> int:
    """Print an article's text, exactly."""
    article = library.article(article_id) if article_id in _IDS else None
    if article is None:
        return _missing(library, article_id)
    exact(article.text)
    return 0


def remove(library: Library, ids: Sequence[int]) -> int:
    """Remove articles; ids that do not exist are told, the others are removed."""
    status = 0
    for article_id in dict.fromkeys(ids):
        if article_id in _IDS and library.remove(article_id):
            result(f"Removed: {article_id}")
        else:
            status = _missing(library, article_id)
    return status


def _missing(library: Library, article_id: int) -> int:
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
    result(f"Sound: every slice, vector and index of {_count(len(library.articles()), 'article')}.")
    return 0


def reindex(library: Library) -> int:
    """Rebuild every index from the stored texts."""
    with Progress("Rebuilding", "articles") as progress:
        count = library.reindex(progress.to)
    result(f"Rebuilt: {_count(count, 'article')}.")
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

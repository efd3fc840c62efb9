"""The commands rename, remove, history and restore. Each returns the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from i18n import texts
from index.catalog.history import TERMINAL
from index.incremental import finish
from index.models import UserError
from index.sqlite_errors import StorageError
from terminal.article_reports import VALID_IDS, count, receipt_line, report_missing
from terminal.output import json_line, printable, result, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.catalog.history import HistoryEntry
    from index.libraries.library import Library

_MAX_ENTRIES: Final = 100  # of the history; the newest are printed
_BATCH: Final = 64  # passages embedded at once; no question has to be answered in between


def rename(library: Library, article_id: int, title: str) -> int:
    """Set the title of an article."""
    if article_id not in VALID_IDS or library.article(article_id) is None:
        return report_missing(library, article_id)
    result(printable(receipt_line(finish(library.rename_in_steps(article_id, title, TERMINAL, _BATCH)))))
    return 0


def remove(library: Library, ids: Sequence[int], *, purge: bool, about_purge: str = "") -> int:
    """Remove articles, with `purge` beyond restoring. Unknown ids are reported and the others are still removed.

    `about_purge` is said after something was purged.
    """
    status, purged = 0, False
    for article_id in dict.fromkeys(ids):
        try:
            removed = article_id in VALID_IDS and library.remove(article_id, TERMINAL, purge=purge)
        except StorageError:
            raise
        except UserError as error:  # it concerns this article only
            say(str(error))
            status = 1
            continue
        if removed:
            result(f"Removed: {article_id}")
            purged = purge
        else:
            status = report_missing(library, article_id)
    if purged and about_purge:
        say(about_purge)
    return status


def history(library: Library, article_id: int | None, *, as_json: bool) -> int:
    """Print the history of one article, or of all if `article_id` is None, newest first."""
    entries = library.history(article_id, _MAX_ENTRIES) if article_id is None or article_id in VALID_IDS else []
    for entry in entries:
        if as_json:
            json_line(entry._asdict())
        else:
            result(printable(_line(entry)))
    if not entries:
        say(f"The library {library.name!r} has no history of {'anything' if article_id is None else article_id}.")
        return 0 if article_id is None else 1
    return 0


def restore(library: Library, number: int) -> int:
    """Restore an article to its state before a history entry."""
    if number not in VALID_IDS:
        say(f"The history has no entry {number}; `python bot.py history` lists them.")
        return 1
    result(printable(receipt_line(finish(library.restore_in_steps(number, TERMINAL, _BATCH)))))
    return 0


def _line(entry: HistoryEntry) -> str:
    sizes = ((entry.characters, "character"), (entry.passages, "new passage"))
    details = [count(number, noun) for number, noun in sizes if number is not None]
    details += [f"before: {entry.was}"] if entry.was is not None and entry.was != entry.title else []
    details += [f"`restore {entry.number}` restores the version before this"] if entry.kept else []
    when = entry.at[:16].replace("T", " ")
    suffix = f"  ({'; '.join(details)})" if details else ""
    who = entry.by or "unknown"
    change = texts.ARTICLE_EVENTS[entry.what]
    return f"{entry.number:>6}  {when}  {who}  {change}: {entry.article_id} {entry.title}{suffix}"

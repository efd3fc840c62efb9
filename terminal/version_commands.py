"""The commands that change an article by hand, and tell what was changed. Each returns the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.catalog.history import TERMINAL
from index.incremental import finish
from terminal.article_commands import IDS, count, missing, received
from terminal.output import json_line, printable, result, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.catalog.history import HistoryEntry
    from index.libraries.library import Library

_SHOWN: Final = 100  # entries; the newest
_AT_ONCE: Final = 64  # passages; nobody waits for anything else here

_WHAT: Final = {
    "added": "added",
    "joined": "another source with the same text",
    "replaced": "replaced by a new version",
    "renamed": "renamed",
    "removed": "removed",
    "restored": "brought back",
    "erased": "removed for good",
}


def rename(library: Library, article_id: int, title: str) -> int:
    """Give an article another title."""
    if article_id not in IDS or library.article(article_id) is None:
        return missing(library, article_id)
    result(printable(received(finish(library.renaming(article_id, title, TERMINAL, _AT_ONCE)))))
    return 0


def remove(library: Library, ids: Sequence[int], *, purge: bool) -> int:
    """Remove articles; ids that do not exist are told, the others are removed."""
    status = 0
    for article_id in dict.fromkeys(ids):
        if article_id in IDS and library.remove(article_id, TERMINAL, purge=purge):
            result(f"Removed: {article_id}")
        else:
            status = missing(library, article_id)
    return status


def history(library: Library, article_id: int | None, *, as_json: bool) -> int:
    """Tell what has happened to all articles or to one, newest first."""
    entries = library.history(article_id, _SHOWN) if article_id is None or article_id in IDS else []
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
    """Bring back what was before an entry of the history."""
    if number not in IDS:
        say(f"The history has no entry {number}; `python bot.py history` lists them.")
        return 1
    result(printable(received(finish(library.restoring(number, TERMINAL, _AT_ONCE)))))
    return 0


def _line(entry: HistoryEntry) -> str:
    sizes = ((entry.characters, "character"), (entry.passages, "new passage"))
    details = [count(number, noun) for number, noun in sizes if number is not None]
    details += [f"before: {entry.was}"] if entry.was is not None and entry.was != entry.title else []
    details += [f"`restore {entry.number}` brings back what was before"] if entry.kept else []
    when = entry.at[:16].replace("T", " ")
    told = f"  ({'; '.join(details)})" if details else ""
    who = entry.by or "unknown"
    return f"{entry.number:>6}  {when}  {who}  {_WHAT[entry.what]}: {entry.article_id} {entry.title}{told}"

"""Lines that several commands print: the result of a change, and what the library does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.libraries.library_files import EMPTY_LIBRARY
from index.parsers.file_types import office_format
from index.text.display_names import display_line
from terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.libraries.library import Library
    from index.models import Receipt
    from terminal.progress import Progress

# SQLite's range of row ids; a number outside it would raise an error instead of finding nothing.
VALID_IDS: Final = range(1, 2**63)

_STATUS: Final = {
    "added": "Added",
    "replaced": "Replaced by the new version",
    "unchanged": "Unchanged",
    "same_text": "The same text is there already; both sources are kept",
    "renamed": "Renamed",
    "restored": "Restored",
    "kept": "Left as it is",
}


def receipt_line(receipt: Receipt) -> str:
    """Return the line that describes the result of adding or changing an article."""
    passages = count(receipt.passages, "passage")
    alike = ", ".join(map(str, receipt.near_duplicates))
    alike = f", nearly the text of {alike}" if alike else ""
    source = ", ".join(filter(None, (display_line(receipt.source), office_format(receipt.source))))
    about = f"({source}, {passages}{alike})"
    return f"{_STATUS[receipt.status]}: {receipt.article_id} {display_line(receipt.title)} {about}"


def report_receipt(receipt: Receipt | None, progress: Progress) -> None:
    """Print the line for a receipt, unless there is none."""
    if receipt is not None:
        progress.result(receipt_line(receipt))


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


def count(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural, such as "1 page" or "1,200 pages"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

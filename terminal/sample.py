"""The sample articles: loaded once, into a data folder whose shared library has never held an article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.models import Draft
from index.sources.discovery import Failure
from index.sources.loader import drafts
from terminal.output import say
from terminal.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from index.libraries.library import Library

QUESTION: Final = "who is Han Song-il?"
_ANSWERED_BY: Final = "north-korea-twitter-accounts.txt"


def load_once(shared: Library, folder: Path, unfinished: Path) -> None:
    """Add what the folder holds, unless the shared library has held an article before; failures are told.

    The file `unfinished` is there while this goes on: a loading that was broken off is finished the next time.
    """
    if shared.has_ever_held() and not unfinished.exists():
        return
    if not folder.is_dir():
        say(f"There is no folder {folder} (ARTICLES_DIR), so no articles were loaded.")
        return
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.touch()
    with Progress("Loading the sample articles", "articles") as progress:
        for item in drafts(str(folder)):
            if isinstance(item, Draft):
                shared.add(item)
            elif isinstance(item, Failure):
                progress.say(f"{item.source}: {item.reason}")
            progress.step()
    unfinished.unlink()


def is_there(library: Library) -> bool:
    """Tell whether the article that answers the sample question is in the library."""
    return any(row.source == _ANSWERED_BY for row in library.articles())

"""Loads the sample articles, once, into a shared library that has never held an article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.durable_files import make_folder, write_durably
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
    """Add the articles of a folder, unless the shared library has ever held an article. Failures are reported.

    The file `unfinished` exists while this runs, so that an interrupted load is completed at the next start.
    """
    if shared.was_ever_used() and not unfinished.exists():
        return
    if not folder.is_dir():
        say(f"There is no folder {folder} (ARTICLES_DIR), so no articles were loaded.")
        return
    make_folder(unfinished.parent)
    write_durably(unfinished, lambda _: None)
    with Progress("Loading the sample articles", "articles") as progress:
        for item in drafts(str(folder)):
            if isinstance(item, Draft):
                shared.add(item)
            elif isinstance(item, Failure):
                progress.say(f"{item.source}: {item.reason}")
            progress.step()
    unfinished.unlink()


def is_loaded(library: Library) -> bool:
    """Whether the library has the article that answers QUESTION."""
    return any(row.source == _ANSWERED_BY for row in library.articles())

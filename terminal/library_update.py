"""Splitting and embedding articles again, before a question, after an update of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.incremental import finish
from index.sqlite_errors import StorageError
from terminal.output import say
from terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.libraries.library import Library

_MOST: Final = 500  # articles that a question waits for; a larger library is left to `reindex`


def update_passages(library: Library) -> None:
    """Update the passages that an earlier version's chunker made; a library that is too large is named instead."""
    outdated = library.outdated_articles()
    if len(outdated) > _MOST:
        say(
            f"The library {library.name!r} was split into passages by an earlier version; answers get better with "
            f"`python bot.py reindex --library {library.name}`."
        )
    elif outdated:
        try:
            _update(library, outdated)
        except StorageError as error:  # they are found nevertheless
            say(str(error))


def _update(library: Library, outdated: Sequence[int]) -> None:
    with Progress("Updating", "articles") as progress:
        for done, article_id in enumerate(outdated):
            progress.to(done, len(outdated))
            finish(library.update_in_steps(article_id, batch_size=1000))
        progress.to(len(outdated), len(outdated))

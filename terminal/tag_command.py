"""The command `tag`, and the collections that other commands name. Returns the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.libraries.visible_part import AllBut
from index.models import UserError
from terminal.article_reports import VALID_IDS, count, report_missing
from terminal.output import printable, result, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.libraries.library import Library


def tag(library: Library, article_id: int | None, names: Sequence[str], *, everything: bool) -> int:
    """Put an article into these collections alone, with `everything` all from its folder or site, or list collections.

    Raises UserError for a name that cannot be, or too many of them.
    """
    if article_id is None:
        found = library.catalog.tags.collections() if library.catalog else []
        for one in found:
            result(printable(f"{one.name}  ({count(one.articles, 'article')})"))
        if not found:
            say("There are no collections; `python bot.py tag ID NAME...` puts an article into some.")
        return 0
    if article_id not in VALID_IDS or not library.set_tags(article_id, names, whole_origin=everything):
        return report_missing(library, article_id)
    now = library.catalog.tags.of_article(article_id) if library.catalog else ()
    result(printable(f"{article_id} is in {', '.join(now)}." if now else f"{article_id} is in no collection."))
    return 0


def articles_in(library: Library, name: str) -> frozenset[int]:
    """Return the ids of the articles of a collection. Raises UserError if there is none of this name."""
    found = library.catalog.tags.articles_in([name]) if library.catalog else frozenset()
    if not found:
        raise UserError(
            f"The library {library.name!r} has no collection {name!r}; `python bot.py tag` lists the collections."
        )
    return found


def within(library: Library, name: str) -> dict[str, AllBut]:
    """Return what is hidden where a question is put to one collection. Raises UserError if there is none."""
    return {library.name: AllBut(articles_in(library, name))}

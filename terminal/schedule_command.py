"""The command that tells and sets when sources are looked at again. It returns the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.refreshing.schedule import scheduled
from terminal.article_commands import IDS, missing
from terminal.output import printable, result, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.libraries.library import Library
    from index.refreshing.schedule import ScheduledRefresh


def schedule(library: Library, ids: Sequence[int], every: float | None, *, change: bool, hours: float) -> int:
    """Tell when each source is looked at again, or with `change` set first how often; `every` None is the setting."""
    unknown = [key for key in dict.fromkeys(ids) if key not in IDS or library.article(key) is None]
    for key in unknown:
        missing(library, key)
    catalog = library.catalog
    if catalog is None or unknown:
        if not unknown:
            say(f"The library {library.name!r} holds no articles. Add some with `python bot.py add SOURCE...`.")
        return 1 if unknown else 0
    wanted = [one for one in scheduled(catalog.sources.known(), hours) if not ids or _is_of(one, set(ids))]
    if change:
        for one in wanted:
            catalog.sources.schedule(one.target.key, every)
        wanted = [one for one in scheduled(catalog.sources.known(), hours) if _is_of(one, set(ids))]
    for one in wanted:
        when = "never" if one.at is None else f"every {one.every:g} hours, next {one.at:%Y-%m-%d %H:%M} UTC"
        held = f", {len(one.target.known)} articles" if one.target.origin else ""
        result(printable(f"{one.target.name}{held}: {when}"))
    if not wanted:
        say("Nothing of this can be looked at again: it was sent or piped in.")
        return 1 if ids else 0
    return 0


def _is_of(one: ScheduledRefresh, ids: set[int]) -> bool:
    return any(source.article_id in ids for source in one.target.known)

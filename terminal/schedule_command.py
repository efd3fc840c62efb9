"""The command `schedule`: shows and sets how often sources are refreshed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.refreshing.schedule import scheduled
from terminal.article_reports import report_empty, report_unknown
from terminal.output import printable, result, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.libraries.library import Library
    from index.refreshing.schedule import ScheduledRefresh


def schedule(library: Library, ids: Sequence[int], every: float | None, *, change: bool, hours: float) -> int:
    """Print when each source is refreshed next, and return the exit status.

    With `change` the interval of the sources of `ids` is first set to `every` hours; None restores the default.
    `hours` is that default, the setting REFRESH_HOURS; 0 means never.
    """
    if report_unknown(library, ids):
        return 1
    catalog = library.catalog
    if catalog is None:
        report_empty(library)
        return 0
    selected = [one for one in scheduled(catalog.sources.known(), hours) if not ids or _covers_any(one, set(ids))]
    if change:
        for one in selected:
            catalog.sources.set_interval(one.target.key, every)
        selected = [one for one in scheduled(catalog.sources.known(), hours) if _covers_any(one, set(ids))]
    for one in selected:
        when = "never" if one.at is None else f"every {one.every:g} hours, next {one.at:%Y-%m-%d %H:%M} UTC"
        size = f", {len(one.target.known)} articles" if one.target.origin else ""
        result(printable(f"{one.target.name}{size}: {when}"))
    if not selected:
        say("None of these sources can be checked again: they were sent or piped in.")
        return 1 if ids else 0
    return 0


def _covers_any(one: ScheduledRefresh, ids: set[int]) -> bool:
    return any(source.article_id in ids for source in one.target.known)

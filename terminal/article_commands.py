"""The commands refresh, articles, show, check and reindex. Each returns the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from index.models import Receipt
from index.parsers.sandbox_pool import SANDBOX
from index.refreshing.refresh import LostSource, WithheldOrigin
from index.sources.discovery import Failure
from index.text.display_names import display_line
from terminal.article_reports import VALID_IDS, count, report_empty, report_missing, report_receipt, report_unknown
from terminal.output import json_line, printable, result, say, write_exact
from terminal.progress import Progress
from terminal.tag_command import articles_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.libraries.library import Library
    from index.refreshing.refresh import Refresh

_JSON_FIELDS: Final = ("id", "title", "source", "characters", "passages")  # part of the documented JSON output

_LOST_STATUS: Final = {
    "missing": "Gone from its source, and kept for a while",
    "waiting": "Still gone from its source",
    "removed": "Removed, since its source is gone",
}


def refresh(library: Library, ids: Sequence[int], run: Refresh) -> int:
    """Update these articles, or all if `ids` is empty, from their sources."""
    unknown = report_unknown(library, ids)
    status = 1 if unknown else 0
    known = set(ids).difference(unknown)
    changes = 0
    with Progress("Refreshing", "sources") as progress:
        for event in run.run(known if ids else None, progress.step):
            match event:
                case Receipt():
                    changes += event.status != "unchanged"
                    report_receipt(event if event.status != "unchanged" else None, progress)
                case LostSource():
                    progress.result(f"{_LOST_STATUS[event.status]}: {event.article_id} ({event.source})")
                case Failure() | WithheldOrigin():
                    status = 1
                    progress.say(str(event))
                case _:
                    assert_never(event)
            changes += not isinstance(event, Receipt)
    if not changes and not status:
        say("Everything is up to date.")
    return status


def articles(library: Library, *, as_json: bool, tag: str | None = None) -> int:
    """List the articles, or those of one collection, and the sources that could not be read the last time."""
    rows, failed = library.articles(), library.failed_sources()
    trouble = {one.article_id: one for one in reversed(failed) if one.article_id is not None}
    tags = library.catalog.tags.by_article() if library.catalog else {}
    if tag is not None:
        within = articles_in(library, tag)
        rows, failed = [row for row in rows if row.id in within], []
    for row in rows:
        found = trouble.get(row.id)
        if as_json:
            failure = {"source": found.shown, "reason": found.reason, "at": found.at} if found else None
            values = {name: getattr(row, name) for name in _JSON_FIELDS}
            json_line(values | {"failure": failure, "tags": list(tags.get(row.id, ()))})
        else:
            details = [row.author, row.published and row.published[:10], row.language, *tags.get(row.id, ())]
            size = f"{row.characters:,} characters, {count(row.passages, 'passage')}"
            about = "; ".join([display_line(row.source), *filter(None, details), size])
            result(printable(f"{row.id:>6}  {display_line(row.title)}  ({about})"))
            if found:
                result(printable(f"        could not be read on {found.at[:10]}: {found.reason}"))
    for one in failed:
        if one.article_id is None:
            say(f"Could not be read on {one.at[:10]}: {one.shown}: {one.reason}")
    if not rows:
        report_empty(library)
    return 0


def show(library: Library, article_id: int) -> int:
    """Write the exact text of an article to standard output, without an added newline."""
    article = library.article(article_id) if article_id in VALID_IDS else None
    if article is None:
        return report_missing(library, article_id)
    write_exact(article.text)
    return 0


def check(library: Library, about: str = "") -> int:
    """Check every passage, vector and index of the library and print what is wrong.

    Report also what the process that reads files could do although it need not; this does not affect the status.
    `about` is said of the stores first.
    """
    if about:
        say(about)
    for right, reason in SANDBOX.missing_protections().items():
        say(f"The process that reads files runs without the protection {right!r} ({printable(reason)}).")
    findings = library.check()
    for finding in findings:
        result(printable(finding))
    if findings:
        say(f"The library {library.name!r} is not consistent; `python bot.py reindex` rebuilds every index.")
        return 1
    result(f"Consistent: every slice, vector and index of {count(library.count_articles(), 'article')}.")
    return 0


def reindex(library: Library) -> int:
    """Rebuild all indexes from the stored texts."""
    with Progress("Rebuilding", "articles") as progress:
        done = library.reindex(progress.to)
    result(f"Rebuilt: {count(done, 'article')}.")
    return 0

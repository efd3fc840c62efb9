"""The command migrate: moves libraries and the bot's memory to other stores. It returns the exit status."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from index.models import SettingsError
from storage.moving.move import Move
from storage.moving.sides import SqliteSide
from storage.moving.targets import side, target_stores, words
from terminal.article_reports import count
from terminal.output import printable, result, say
from terminal.progress import Progress

if TYPE_CHECKING:
    from storage.moving.move import MoveReport
    from storage.stores import Stores


def migrate(current: Stores, database: str | None, vectors: str | None) -> int:
    """Move everything that the current stores hold to those named, or as much as can be moved while a bot runs.

    Returns 0 when everything was moved, 1 if the command has to be run again, or if `check` finds faults, which are
    those of the current stores. Raises SettingsError if there is nothing to do or no such pair of stores, and UserError
    as `Move` does.
    """
    if database is None and vectors is None:
        raise SettingsError("migrate needs --database URL, --vectors URL, or both. See `python bot.py migrate --help`.")
    with closing(target_stores(current, database, vectors)) as target:
        if target.database_url == current.database_url and target.data_dir == current.data_dir:
            return _fill_indexes(current, target)
        with closing(target_stores(current, None, None)) as source, Progress("Moving", "parts") as progress:
            to = side(target)
            report = Move(side(source), to, progress.step).run()
            if report.running is None and isinstance(to, SqliteSide):
                to.take_files(current.data_dir)
    return _tell(report, current, target)


def _fill_indexes(current: Stores, target: Stores) -> int:
    """Fill the indexes of all libraries in another vector store; the catalogue, from which they are filled, stays."""
    if target.vector_url == current.vector_url:
        raise SettingsError(f"The stores to move to are those in use: {words(target)}. Name others.")
    to, findings = side(target), {}
    with Progress("Filling", "libraries") as progress:
        for name in to.names():
            if found := to.check(name):
                findings[name] = found
            progress.step()
    _tell_findings(findings)
    libraries = _libraries(len(to.names()))
    result(printable(f"Filled the indexes of {libraries} in {words(target)}, from the vectors of the catalogue."))
    say(f"{_next_step(target)} The old indexes were not changed.")
    return 1 if findings else 0


def _tell(report: MoveReport, current: Stores, target: Stores) -> int:
    _tell_findings(report.findings)
    what = (
        f"{_libraries(report.libraries)} with {count(report.articles, 'article')} and "
        f"{count(report.passages, 'passage')}, and the bot's memory with {count(report.answers, 'answer')}"
    )
    if report.running is not None:
        result(printable(f"Copied to {words(target)}: {what}."))
        say(
            f"The bot runs and still uses {words(current)} ({report.running}). Stop it and run the same command again: "
            "it copies what has changed since. Then start the bot with the new settings."
        )
        return 1
    faults = "with the faults that it had" if report.findings else "equal by the digests of all rows, and consistent"
    result(printable(f"Moved to {words(target)}: {what}, {faults}."))
    say(f"{_next_step(target)} What is in {words(current)} was not changed.")
    return 1 if report.findings else 0


def _tell_findings(findings: dict[str, list[str]]) -> None:
    for name, found in findings.items():
        for finding in found:
            say(f"{name}: {finding}")


def _libraries(number: int) -> str:
    return f"{number:,} {'library' if number == 1 else 'libraries'}"


def _next_step(target: Stores) -> str:
    """Return which settings the bot is to be started with."""
    database = "without DATABASE_URL" if target.database_url is None else "with DATABASE_URL set to this database"
    folder = f", with DATA_DIR={target.data_dir}" if target.database_url is None else ""
    vectors = "without VECTOR_STORE" if target.vector_url is None else "with VECTOR_STORE set to this server"
    return f"Start the bot {database}{folder}, and {vectors}."

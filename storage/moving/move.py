"""Moves libraries and the bot's memory to other stores while the bot runs, and the rest when it is stopped.

The target is made equal to the source, library by library, as often as this is asked for: what has been copied is
compared, what differs is written. Only the stamps of the libraries that are equal are remembered. So a move goes on
after it was killed, and the last run, during which no bot runs, looks at nothing but what has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.catalog.engine import write_transaction
from index.models import UserError
from storage.moving.copier import Writer, clear, synchronise
from storage.moving.digests import digest_tables
from storage.moving.next_ids import last_ids, raise_ids
from storage.moving.rows import is_empty
from storage.moving.state import (
    MovedLibrary,
    begin_move,
    end_move,
    finished_move,
    moved_libraries,
    record_library,
    unfinished_move,
)
from storage.moving.tables import CATALOG_TABLES, MEMORY_TABLES
from storage.schema import schema as memory_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from storage.moving.digests import TableDigest
    from storage.moving.sides import Side


@dataclass(slots=True)
class MoveReport:
    """What a move has come to. `running` is the bot that uses the source, in words: then the move has to be run again.

    `libraries`, `articles`, `passages` and `answers` are numbers in the target, `findings` what `check` says of its
    libraries, as it does in the source.
    """

    libraries: int = 0
    articles: int = 0
    passages: int = 0
    answers: int = 0
    findings: dict[str, list[str]] = field(default_factory=dict)
    running: str | None = None


class Move:
    """A move from one side to another. `on_step` is called after every few megabytes.

    Raises UserError if the target has data of its own, if a side cannot be read or written, or if, against all
    expectation, the copy differs. The source is never changed.
    """

    def __init__(self, source: Side, target: Side, on_step: Callable[[], object] = lambda: None) -> None:
        self._source = source
        self._target = target
        self._on_step = on_step
        self._report = MoveReport()

    def run(self) -> MoveReport:
        """Move everything, and end the move unless a bot uses the source."""
        if self._source.identity == self._target.identity:
            raise UserError(f"The stores to move to are those in use: {self._target.shown}. Name others.")
        with self._target.claimed():
            self._claim()
            self._follow()
            self._report.running = self._source.running()
            if self._report.running is None:
                with self._source.reserved():
                    self._follow()
                    self._end()
        for name in self._source.lost():
            self._report.findings[name] = ["its catalogue is missing, so nothing of it could be moved"]
        return self._report

    def _claim(self) -> None:
        """Begin the move, or go on with it. Raises UserError if the target has other data."""
        with self._target.own_memory() as engine:
            with engine.connect() as db:
                state, done = unfinished_move(db), finished_move(db)
                empty = all(is_empty(db, table) for table in memory_schema.sorted_tables)
            if state is None:
                self._require_empty(empty=empty, moved_before=done is not None and done.source == self._source.identity)
                self._target.require_room(self._source.size())
                with write_transaction(engine) as db:
                    begin_move(db, self._source.identity)
            elif state.source != self._source.identity:
                raise UserError(
                    f"{self._target.shown} holds a move from other stores that began at {state.since} and is not "
                    "complete. Name empty stores, or empty these."
                )

    def _require_empty(self, *, empty: bool, moved_before: bool) -> None:
        names, used = self._target.names(), self._target.used_by()
        if used is not None:
            raise UserError(f"A bot is running with {self._target.shown}: {used}. Stop it first.")
        if moved_before:
            raise UserError(
                f"Everything was moved to {self._target.shown} before. To move it again, name empty stores."
            )
        if names or not empty:
            what = f"{len(names)} libraries" if names else "a bot's memory"
            raise UserError(f"{self._target.shown} already holds {what}. Name empty stores: nothing is overwritten.")

    def _follow(self) -> None:
        """Make the target equal to the source, as far as that has changed since the last time."""
        with self._target.own_memory() as memory:
            with memory.connect() as db:
                moved = moved_libraries(db)
            self._follow_libraries(memory, moved)
            with self._source.memory() as source:
                if source is not None:
                    found = self._make_equal(source, memory, MEMORY_TABLES, "the bot's memory")
                    self._report.answers = found["answers"].rows
        self._report.libraries = len(moved)
        self._report.articles = sum(one.articles for one in moved.values())
        self._report.passages = sum(one.passages for one in moved.values())
        self._report.findings = {name: one.findings for name, one in moved.items() if one.findings}

    def _follow_libraries(self, memory: sa.Engine, moved: dict[str, MovedLibrary]) -> None:
        """Do so with the libraries; `moved` is what is known of each, and is kept up to date."""
        stamps, there = self._source.stamps(), {*self._target.names()}
        for gone in sorted(there.union(moved) - {*stamps, *self._source.lost()}):
            if gone in there:
                self._target.delete(gone)
            moved.pop(gone, None)
            with write_transaction(memory) as db:
                record_library(db, gone, None)
        for name, stamp in stamps.items():
            known = moved.get(name)
            if known is None or known.stamp != stamp:
                moved[name] = self._move_library(name, stamp, known)
                with write_transaction(memory) as db:
                    record_library(db, name, moved[name])
            self._on_step()

    def _move_library(self, name: str, stamp: str, known: MovedLibrary | None) -> MovedLibrary:
        """Make a library equal, and check it if it was not found to be sound before: catalogues that are equal are."""
        with self._source.catalog(name) as source, self._target.catalog(name, writing=True) as target:
            found = self._make_equal(source, target, CATALOG_TABLES, f"the library {name!r}")
        findings = self._target.check(name) if known is None or known.findings else []
        return MovedLibrary(stamp, found["articles"].rows, found["passages"].rows, findings)

    def _make_equal(
        self, source: sa.Engine, target: sa.Engine, tables: Sequence[sa.Table], what: str
    ) -> dict[str, TableDigest]:
        """Copy what differs, and prove by counts and digests, which are returned, that all tables are equal."""
        with source.connect() as db:
            try:
                with Writer(target, self._on_step) as writer:
                    synchronise(db, writer, tables)
                    raise_ids(writer.db, tables, last_ids(db, tables))
            except UserError as error:
                if error.key is None:
                    raise
                raise UserError(
                    f"{what[:1].upper()}{what[1:]} cannot be moved as it is. {error}"
                ) from error  # about a value
            wanted = digest_tables(db, tables, self._on_step)
            if self._digests(target, tables) != wanted:  # as after a fault of a disk: rows that are never compared
                with Writer(target, self._on_step) as writer:
                    clear(writer, tables)
                    synchronise(db, writer, tables)
                if (found := self._digests(target, tables)) != wanted:
                    differ = next(name for name in wanted if found[name] != wanted[name])
                    raise UserError(
                        f"The copy of {what} is not equal to it: the table {differ} differs. "
                        "Check the disk of the target, and move to empty stores."
                    )
        return wanted

    def _digests(self, engine: sa.Engine, tables: Sequence[sa.Table]) -> dict[str, TableDigest]:
        with engine.connect() as db:
            return digest_tables(db, tables, self._on_step)

    def _end(self) -> None:
        with self._target.own_memory() as engine, write_transaction(engine) as db:
            end_move(db)

"""Questions that were accepted and are not answered yet, so that another process can answer them.

A row is held by one process. It is taken over with one conditional UPDATE when that process is gone, and what that
process still does afterwards, because it was only frozen, is refused by the same condition.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.concurrency import insert_new, one_transaction_each
from storage.schema import accepted_questions as table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MOST_TRIES: Final = 2
"""How often a question is taken over; one that ends the process each time is given up then."""

LIFETIME: Final = 840.0
"""Seconds after which a row is due to be deleted, so that it is gone after 15 minutes."""

_CLOCK_ERROR: Final = 300.0  # a row from further ahead was stored by a wrong clock


class TakenOverError(Exception):
    """Another process answers the question, or has answered it."""


class ForgottenError(Exception):
    """The member who asked has used `/forget` since."""


class Hold(NamedTuple):
    """The claim of a process on a question."""

    question_id: int
    holder: str


@dataclass(frozen=True, slots=True)
class AcceptedQuestion:
    """A question that is to be answered.

    Attributes:
        question_id: The id of the message or interaction that asks; unique on Discord.
        kind: The way of asking, which says how it is answered again.
        guild_id: The server; None in a direct message.
        accepted_at: Unix time in seconds.
        nonce: With which its answer is sent, by whichever process.
        sealed: The encrypted text and token (`storage.sealing`); empty once it was answered after a takeover.
        holder: The process that answers it; empty if it was left to others.
        tries: How often it was taken over.
        begun: Whether a message of which Discord would make a second copy may have been sent and is not recorded.
        answer_ids: The answers that were stored for it, each before it was sent.
    """

    question_id: int
    kind: str
    application_id: int
    guild_id: int | None
    channel_id: int
    member_id: int
    accepted_at: float
    nonce: int
    sealed: bytes
    holder: str = ""
    tries: int = 0
    begun: bool = False
    answer_ids: tuple[int, ...] = ()


_EMPTY: Final = {"sealed": b"", "member_id": 0, "answer_ids": "", "begun": False}
_COLUMNS: Final = tuple(field.name for field in fields(AcceptedQuestion))


@one_transaction_each
class AcceptedQuestions:
    """The rows of the table; each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def write(
        self,
        accepted: Sequence[AcceptedQuestion],
        finished: Collection[int],
        holder: str,
        living: Collection[str],
        resumed: Collection[int] = (),
    ) -> list[AcceptedQuestion | None]:
        """Store questions for a process, or take their rows over, and delete those that are `finished`.

        Return each as it is stored; None if another process of `living` answers it, or if it was answered. Those whose
        ids are `resumed` had been stored: if their rows are gone, they were answered or forgotten.
        """
        with write_transaction(self._engine) as db:
            found = _accept(db, accepted, holder, living, resumed) if accepted else []
            if finished:
                remove(db, finished, holder)
        return found

    def begin(self, hold: Hold) -> None:
        """Note that a message is sent which cannot be sent twice without showing twice. Raises TakenOverError."""
        with write_transaction(self._engine) as db:
            _change(db, hold, begun=True)

    def release(self, question_ids: Collection[int], holder: str) -> None:
        """Leave questions to other processes."""
        with write_transaction(self._engine) as db:
            held = table.c.question_id.in_(question_ids), table.c.holder == holder
            db.execute(table.update().where(*held).values(holder=""))

    def left_by_others(self, application_id: int, living: Collection[str]) -> list[AcceptedQuestion]:
        """Return the questions to an application that no process of `living` answers, oldest first."""
        left = table.c.application_id == application_id, table.c.holder.not_in(living), table.c.sealed != b""
        with self._engine.connect() as db:
            return [
                _question(row)
                for row in db.execute(select(table).where(*left).order_by(table.c.accepted_at, table.c.question_id))
            ]

    def expire(self, now: float, *, future: bool = True) -> int:
        """Delete the rows that are too old at `now` (Unix time), and return their number.

        So are, with `future`, those from further ahead than clocks differ: they would be there for ever.
        """
        old = table.c.accepted_at <= now - LIFETIME
        if future:
            old |= table.c.accepted_at > now + _CLOCK_ERROR
        with self._engine.connect() as db:
            if db.execute(select(table.c.question_id).where(old).limit(1)).first() is None:
                return 0
        with write_transaction(self._engine) as db:
            return db.execute(table.delete().where(old)).rowcount

    def drop(self, question_ids: Collection[int]) -> None:
        """Delete rows, whoever holds them."""
        with write_transaction(self._engine) as db:
            db.execute(table.delete().where(table.c.question_id.in_(question_ids)))

    def forget_member(self, member_id: int) -> None:
        """Delete what questions of a member say; their ids stay until they expire, so that no answer is stored then."""
        with write_transaction(self._engine) as db:
            db.execute(table.update().where(table.c.member_id == member_id).values(_EMPTY))

    def forget_server(self, guild_id: int) -> None:
        """Delete the questions of a server."""
        with write_transaction(self._engine) as db:
            db.execute(table.delete().where(table.c.guild_id == guild_id))


def delete_waiting(copy: sqlite3.Connection) -> None:
    """Delete the questions from a copy of discord.db, which is kept for longer than they are.

    A damaged copy, and one of a version that had no such table, is left as it is.
    """
    with suppress(sqlite3.DatabaseError):
        copy.execute("PRAGMA secure_delete = ON")
        copy.execute("DELETE FROM accepted_questions")


def note_answer(db: sa.Connection, hold: Hold, answer_id: int) -> None:
    """Note that an answer to a question was stored, in the same transaction.

    Raises TakenOverError, and ForgottenError if its member was forgotten: the answer must not be stored then.
    """
    _change(db, hold, answer_ids=table.c.answer_ids + f"{answer_id} ")
    same = (table.c.question_id == hold.question_id) & (table.c.sealed == b"")
    if db.execute(select(table.c.question_id).where(same)).first() is not None:
        raise ForgottenError


def note_sent(db: sa.Connection, hold: Hold, *, last: bool, together: Collection[int] = ()) -> None:
    """Note that the answer was sent; `last` deletes the question, since it has no further answer.

    So it does with those that were answered `together` with it.
    """
    if last:
        remove(db, [hold.question_id, *together], hold.holder)
    else:
        held = table.c.question_id == hold.question_id, table.c.holder == hold.holder
        db.execute(table.update().where(*held).values(begun=False))


def remove(db: sa.Connection, question_ids: Collection[int], holder: str) -> None:
    """Delete what a process holds, without the ids of those that were taken over.

    These stay, empty, until they expire: the process from which they were taken may wake up.
    """
    held = table.c.question_id.in_(question_ids), table.c.holder == holder
    if db.execute(table.delete().where(*held, table.c.tries == 0)).rowcount < len(question_ids):
        db.execute(table.update().where(*held).values(_EMPTY))


def _accept(
    db: sa.Connection,
    questions: Sequence[AcceptedQuestion],
    holder: str,
    living: Collection[str],
    resumed: Collection[int],
) -> list[AcceptedQuestion | None]:
    rows = [{**_row(one), "holder": holder} for one in questions]
    first = [row for row in rows if row["question_id"] not in resumed]
    insert = insert_new(db, table).returning(table.c.question_id)
    new = set(db.execute(insert, first).scalars()) if first else set()
    return [
        _question_of(row) if one.question_id in new else _take_over(db, one, holder, living)
        for one, row in zip(questions, rows, strict=True)
    ]


def _take_over(
    db: sa.Connection, question: AcceptedQuestion, holder: str, living: Collection[str]
) -> AcceptedQuestion | None:
    """Take over the row of a question whose holder is gone; None if it is not, or the question was answered."""
    same = table.c.question_id == question.question_id
    row = db.execute(select(table).where(same)).first()
    if row is None:  # answered, or forgotten, since the row was found
        return None
    if not row.sealed and row.nonce != question.nonce:  # edited since it was answered, so that it is another question
        values = {**_row(question), "holder": holder}
        unchanged = same & (table.c.nonce == row.nonce) & (table.c.holder == row.holder)
        changed = db.execute(table.update().where(unchanged).values(values)).rowcount
        return _question_of(values) if changed else None
    others = set() if row.holder in {holder, ""} else set(living)
    if not row.sealed or row.holder in others or row.tries >= MOST_TRIES:
        return None
    claim = table.update().where(same, table.c.holder == row.holder).values(holder=holder, tries=table.c.tries + 1)
    claimed = db.execute(claim.returning(*table.c)).first()
    return _question(claimed) if claimed else None


def _change(db: sa.Connection, hold: Hold, **values: object) -> None:
    """Change a row of the process; a row that is gone, such as a forgotten one, is left. Raises TakenOverError."""
    same = table.c.question_id == hold.question_id
    changed = db.execute(table.update().where(same, table.c.holder == hold.holder).values(**values)).rowcount
    if not changed and db.execute(select(table.c.holder).where(same)).first() is not None:
        raise TakenOverError


def _row(question: AcceptedQuestion) -> dict[str, Any]:
    values = {name: getattr(question, name) for name in _COLUMNS}
    return {**values, "answer_ids": "".join(f"{one} " for one in question.answer_ids)}


def _question(row: sa.Row[Any]) -> AcceptedQuestion:
    return _question_of(dict(row._mapping))  # noqa: SLF001 - SQLAlchemy's documented name


def _question_of(values: dict[str, Any]) -> AcceptedQuestion:
    ids = tuple(int(one) for one in values["answer_ids"].split())
    return AcceptedQuestion(**{**values, "answer_ids": ids, "sealed": bytes(values["sealed"])})

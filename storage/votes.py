"""Members' votes on answers: helpful or not, the reason, and the quotes that a vote is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.concurrency import one_transaction_each, serialised
from storage.schema import answers, feedback, meant
from storage.staff_messages import REASON_SECONDS, announce_vote, hasten_vote, withdraw_votes

if TYPE_CHECKING:
    from collections.abc import Sequence

WANTED: Final = "wanted"
"""The reason of a vote that the articles should cover a question that they do not cover."""


@one_transaction_each
class Votes:
    """Votes in discord.db, one for each answer and member; an answer's are deleted with it.

    Each change is one transaction.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def put(self, answer_id: int, member_id: int, *, helpful: bool) -> bool:
        """Store a member's vote on an answer, replacing an earlier one; return whether the answer exists."""
        with write_transaction(self._engine) as db:
            _serialise(db, answer_id, member_id)
            return _put(db, answer_id, member_id, helpful=helpful)

    def put_wanted(self, answer_id: int, member_id: int) -> bool:
        """Store that a member wants a question to be covered; return whether the answer exists.

        It replaces an earlier vote of the member, so that a second press counts once.
        """
        own = _own(answer_id, member_id) & (feedback.c.reason == WANTED)
        with write_transaction(self._engine) as db:
            _serialise(db, answer_id, member_id)
            if db.execute(select(feedback.c.id).where(own)).first() is not None:
                return True
            return _put(db, answer_id, member_id, helpful=False, reason=WANTED)

    def set_reason(self, answer_id: int, member_id: int, text: str) -> bool:
        """Store the reason of a member's vote; return whether the vote exists."""
        own = _own(answer_id, member_id)
        with write_transaction(self._engine) as db:
            _serialise(db, answer_id, member_id)
            hasten_vote(db, own)
            return db.execute(feedback.update().where(own).values(reason=text)).rowcount > 0

    def set_quotes(self, answer_id: int, member_id: int, ranks: Sequence[int]) -> bool:
        """Store the numbers of the quotes, from 1, that a member's vote is about; return whether the vote exists."""
        own = _own(answer_id, member_id)
        with write_transaction(self._engine) as db:
            _serialise(db, answer_id, member_id)
            key = db.execute(select(feedback.c.id).where(own)).scalar()
            if key is None:
                return False
            db.execute(meant.delete().where(meant.c.feedback_id == key))
            for number in sorted(set(ranks)):
                db.execute(meant.insert().values(feedback_id=key, quotation=number))
        return True


def _serialise(db: sa.Connection, answer_id: int, member_id: int) -> None:
    """Keep out other changes of the member's vote, and then a deletion of the answer, until the transaction ends."""
    serialised(db, "votes", answer_id, member_id)
    db.execute(select(answers.c.id).where(answers.c.id == answer_id).with_for_update(key_share=True, read=True))


def _own(answer_id: int, member_id: int) -> sa.ColumnElement[bool]:
    return (feedback.c.answer_id == answer_id) & (feedback.c.member_id == member_id)


def _put(db: sa.Connection, answer_id: int, member_id: int, *, helpful: bool, reason: str | None = None) -> bool:
    if db.execute(select(answers.c.id).where(answers.c.id == answer_id)).first() is None:
        return False
    own = _own(answer_id, member_id)
    withdraw_votes(db, own)
    db.execute(feedback.delete().where(own))
    row = {"answer_id": answer_id, "member_id": member_id, "helpful": helpful, "reason": reason}
    key = int(db.execute(feedback.insert().values(row).returning(feedback.c.id)).scalar_one())
    if not helpful:
        announce_vote(db, answer_id, key, seconds=REASON_SECONDS if reason is None else 0.0)
    return True

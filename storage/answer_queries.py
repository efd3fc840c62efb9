"""Reads answers from the bot's memory: those to a message, in a channel, or of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import select

from storage.answer_rows import answer_from_row
from storage.concurrency import one_transaction_each
from storage.schema import answers
from storage.stored_answers import StoredAnswer
from storage.viewers import Viewer, is_shown_to

if TYPE_CHECKING:
    from collections.abc import Collection


@one_transaction_each
class AnswerReader:
    """Reads stored answers; `Database` adds what changes them."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def reading(self) -> sa.Connection:
        """Return a connection for reading, to be used as a context manager."""
        return self._engine.connect()

    def answer(self, answer_id: int) -> StoredAnswer | None:
        """Return an answer, or None if it is not stored any more."""
        return self._newest(answers.c.id == answer_id)

    def answers_with(self, answer_ids: Collection[int]) -> list[StoredAnswer]:
        """Return those of these answers that are stored, oldest first."""
        with self.reading() as db:
            rows = db.execute(select(answers).where(answers.c.id.in_(answer_ids)).order_by(answers.c.id))
            return [answer_from_row(row) for row in rows]

    def answer_for(self, answer_id: int, viewer: Viewer) -> StoredAnswer | None:
        """Return an answer that a member can see in a channel, else None."""
        return self._newest(answers.c.id == answer_id, is_shown_to(viewer))

    def answer_to(self, question_id: int) -> StoredAnswer | None:
        """Return the newest public answer to a question message, or None."""
        return self._newest(answers.c.question_id == question_id, answers.c.private.is_(False))

    def answers_to(self, question_id: int, author_id: int) -> list[StoredAnswer]:
        """Return the answers that were sent to a question message, oldest first.

        Private ones only if its author has them: others may have had it answered for themselves.
        """
        found = self.answers_for_message(question_id, with_private=True)
        own = (
            one for one in found if one.question_id == question_id and (not one.private or one.asker_id == author_id)
        )
        return sorted(own, key=lambda one: one.id)

    def answer_in(self, message_id: int) -> StoredAnswer | None:
        """Return the answer shown in a message of the bot, or None."""
        return self._newest(answers.c.message_id == message_id)

    def last_answer(self, channel_id: int) -> StoredAnswer | None:
        """Return the newest public answer of a channel, or None."""
        return self._newest(answers.c.channel_id == channel_id, answers.c.private.is_(False))

    def direct_channels(self, since: float, limit: int) -> list[int]:
        """Return at most `limit` channels of direct messages with questions since `since`, the latest first."""
        latest = sa.func.max(answers.c.asked_at).desc()
        query = select(answers.c.channel_id).where(answers.c.guild_id.is_(None), answers.c.asked_at >= since)
        query = query.group_by(answers.c.channel_id)
        with self.reading() as db:
            return list(db.execute(query.order_by(latest).limit(limit)).scalars())

    def asked_since(self, since: float, limit: int) -> list[StoredAnswer]:
        """Return at most `limit` public answers to messages asked since `since` (Unix time), newest first."""
        asked = answers.c.question_id.is_not(None), answers.c.message_id.is_not(None), answers.c.asked_at >= since
        query = select(answers).where(*asked, answers.c.private.is_(False)).order_by(answers.c.id.desc()).limit(limit)
        with self.reading() as db:
            return [answer_from_row(row) for row in db.execute(query)]

    def answers_for_message(self, message_id: int, *, with_private: bool = False) -> list[StoredAnswer]:
        """Return the answers that a message shows or that answer it, by default only public ones.

        Answers not sent yet are left out.
        """
        found = [one for one in self.records_of(message_id) if one.message_id is not None]
        return [one for one in found if with_private or not one.private]

    def records_of(self, message_id: int) -> list[StoredAnswer]:
        """Return all answers that a message shows or that answer it.

        With those whose message is not known: a process ended, or storing them was given up and was done later.
        """
        either = (answers.c.message_id == message_id) | (answers.c.question_id == message_id)
        with self.reading() as db:
            return [answer_from_row(row) for row in db.execute(select(answers).where(either))]

    def conversation(self, last: StoredAnswer, since: float, limit: int) -> list[StoredAnswer]:
        """Return the conversation that ends in `last`, oldest first.

        It has at most `limit` answers, all in one channel and asked since `since` (Unix time).
        """
        found = [last]
        while len(found) < limit and (key := found[-1].follows) is not None:
            earlier = self.answer(key)
            if earlier is None or earlier.asked_at < since or earlier.channel_id != last.channel_id:
                break
            found.append(earlier)
        return found[::-1]

    def _newest(self, *conditions: sa.ColumnElement[bool]) -> StoredAnswer | None:
        with self.reading() as db:
            row = db.execute(select(answers).where(*conditions).order_by(answers.c.id.desc()).limit(1)).first()
        return answer_from_row(row) if row else None

"""What was posted for staff about members' questions and votes.

The texts of members are not stored here. A message names the answers, and the votes on them, that it is about: once one
of these is deleted, or the text of its question, the message has to be changed or deleted, too.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import or_, select

from index.catalog.engine import write_transaction
from storage.batches import delete_in_steps
from storage.concurrency import one_transaction_each
from storage.expressions import is_json_object, json_integer
from storage.schema import answers, feedback, servers, staff_messages, staff_sources

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence

REASON_SECONDS: Final = 300.0
"""How long a vote waits for its reason before it is posted without one."""

_VOTE_SECONDS: Final = 86400.0  # after which a vote that could not be posted is given up
# That a message is about a vote. SQLite gives the id of a deleted vote to a new one, those of answers to none.
_IS_ABOUT: Final = (feedback.c.id == staff_sources.c.feedback_id) & (feedback.c.answer_id == staff_sources.c.answer_id)


class NewMessage(NamedTuple):
    """A message that was sent: its place, its language, its layout, and whether it shows words of members."""

    guild_id: int
    channel_id: int
    message_id: int
    language: str
    plain: bool
    words: bool


class PendingVote(NamedTuple):
    """A vote that an answer did not help, to be posted: with the text of the question, if it is stored."""

    id: int
    guild_id: int
    channel_id: int
    message_id: int | None
    private: bool
    question: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class OutdatedMessage:
    """A sent message about something that was deleted; `head` is what remains of a digest, empty for a vote."""

    id: int
    guild_id: int
    channel_id: int
    message_id: int
    head: str
    language: str
    plain: bool


@one_transaction_each
class StaffMessages:
    """Messages in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def servers_with_channel(self) -> dict[int, int]:
        """Return the digest channel of each server that has set one; servers with damaged settings are left out."""
        stored = servers.c.settings
        channel = sa.case((is_json_object(stored), json_integer(stored, "digest_channel")))
        with self._engine.connect() as db:
            rows = db.execute(select(servers.c.guild_id, channel.label("channel"))).all()
        return {row.guild_id: row.channel for row in rows if row.channel is not None}

    def due_votes(
        self, here: Collection[int], wanted: Collection[int], limit: int, now: float | None = None
    ) -> list[PendingVote]:
        """Return the votes to post now, oldest first and at most `limit` of each server.

        `here` are the servers of this process, `wanted` those of them with a digest channel; the votes of the others
        of them are dropped, and so are votes that have waited for more than a day.
        """
        now = time.time() if now is None else now
        waiting = staff_messages.c.message_id.is_(None)
        pending = (
            select(staff_messages.c.id, staff_messages.c.guild_id, staff_messages.c.due_at)
            .add_columns(answers.c.channel_id, answers.c.message_id, answers.c.private, answers.c.question)
            .add_columns(feedback.c.reason)
            .join(staff_sources, staff_sources.c.staff_message_id == staff_messages.c.id)
            .join(answers, answers.c.id == staff_sources.c.answer_id)
            .join(feedback, _IS_ABOUT)
            .where(waiting, staff_messages.c.due_at <= now)
            .order_by(staff_messages.c.id)
        )
        lost = waiting & or_(
            staff_messages.c.due_at < now - _VOTE_SECONDS,
            staff_messages.c.due_at > now + 2 * REASON_SECONDS,  # stored by a wrong clock
            staff_messages.c.id.in_(_outdated()),
        )
        with write_transaction(self._engine) as db:
            db.execute(staff_messages.delete().where(lost))
            rows = db.execute(pending).all()
            unwanted = [row.id for row in rows if row.guild_id in here and row.guild_id not in wanted]
            for key in unwanted:
                db.execute(staff_messages.delete().where(staff_messages.c.id == key))
        found: dict[int, list[PendingVote]] = {}
        for row in rows:
            if row.guild_id in wanted:
                vote = PendingVote(row.id, row.guild_id, *row[3:])
                found.setdefault(row.guild_id, []).append(vote)
        return [vote for votes in found.values() for vote in votes[:limit]]

    def claim_vote(self, key: int) -> bool:
        """Mark a vote as being posted; return whether it was waiting. Of two callers, only the first gets True."""
        own = (staff_messages.c.id == key) & staff_messages.c.message_id.is_(None)
        with write_transaction(self._engine) as db:
            return db.execute(staff_messages.update().where(own).values(message_id=0)).rowcount > 0

    def vote_posted(self, key: int, sent: NewMessage) -> None:
        """Store where a vote was posted."""
        with write_transaction(self._engine) as db:
            db.execute(staff_messages.update().where(staff_messages.c.id == key).values(sent._asdict()))

    def vote_waits(self, key: int, until: float) -> None:
        """Let a claimed vote be posted later, at Unix time `until`."""
        own = (staff_messages.c.id == key) & (staff_messages.c.message_id == 0)
        with write_transaction(self._engine) as db:
            db.execute(staff_messages.update().where(own).values(message_id=None, due_at=until))

    def is_posted(self, message_id: int) -> bool:
        """Whether a message is one that was sent for staff."""
        query = select(staff_messages.c.id).where(staff_messages.c.message_id == message_id).limit(1)
        with self._engine.connect() as db:
            return db.execute(query).first() is not None

    def drop(self, key: int) -> None:
        """Forget a message."""
        with write_transaction(self._engine) as db:
            db.execute(staff_messages.delete().where(staff_messages.c.id == key))

    def digest_posted(self, sent: NewMessage, head: str, groups: Sequence[Sequence[int]]) -> None:
        """Store where a digest was posted; `groups` are the ids of the answers to the questions that it shows."""
        row = {**sent._asdict(), "due_at": time.time(), "head": head}
        with write_transaction(self._engine) as db:
            key = int(db.execute(staff_messages.insert().values(row).returning(staff_messages.c.id)).scalar_one())
            rows = [
                {"staff_message_id": key, "answer_id": answer, "place": place, "gone": False}
                for place, group in enumerate(groups)
                for answer in group
            ]
            if rows:
                db.execute(staff_sources.insert(), rows)

    def outdated(self, guild_ids: Collection[int], limit: int) -> list[OutdatedMessage]:
        """Return messages about something that was deleted, in these servers, at most `limit`."""
        names = ("id", "guild_id", "channel_id", "message_id", "head", "language", "plain")
        query = select(*(staff_messages.c[name] for name in names)).where(
            staff_messages.c.id.in_(_outdated()), staff_messages.c.message_id > 0
        )
        with self._engine.connect() as db:
            rows = db.execute(query.order_by(staff_messages.c.id)).all()
        return [OutdatedMessage(*row) for row in rows if row.guild_id in guild_ids][:limit]

    def questions_of(self, key: int) -> Sequence[Any]:
        """Return what is left of the questions of a digest, newest first: `id`, `question`, `asker_id` and `place`."""
        query = (
            select(answers.c.id, answers.c.question, answers.c.asker_id, staff_sources.c.place)
            .join(staff_sources, staff_sources.c.answer_id == answers.c.id)
            .where(staff_sources.c.staff_message_id == key, staff_sources.c.gone.is_(False), answers.c.question != "")
            .order_by(answers.c.id.desc())
        )
        with self._engine.connect() as db:
            return db.execute(query).all()

    def questions_left(self, key: int, answer_ids: Collection[int], *, words: bool) -> None:
        """Store that a digest was edited and shows only the questions of these answers."""
        own = staff_sources.c.staff_message_id == key
        with write_transaction(self._engine) as db:
            for row in db.execute(select(staff_sources.c.id, staff_sources.c.answer_id).where(own)).all():
                if row.answer_id not in answer_ids:
                    db.execute(staff_sources.delete().where(staff_sources.c.id == row.id))
            db.execute(staff_messages.update().where(staff_messages.c.id == key).values(words=words))

    def forget_channel(self, channel_id: int) -> None:
        """Forget the messages in a channel that was deleted."""
        with write_transaction(self._engine) as db:
            db.execute(staff_messages.delete().where(staff_messages.c.channel_id == channel_id))

    def forget_server(self, guild_id: int) -> None:
        """Delete what is stored about a server's messages."""
        with write_transaction(self._engine) as db:
            db.execute(staff_messages.delete().where(staff_messages.c.guild_id == guild_id))

    def expire_in_steps(self, before: float) -> Generator[None, None, None]:
        """Forget older messages that show no words of members, in steps; others are deleted with their questions."""
        old = (staff_messages.c.due_at < before) & staff_messages.c.words.is_(False)
        yield from delete_in_steps(self._engine, staff_messages, old)


def announce_vote(db: sa.Connection, answer_id: int, feedback_id: int, seconds: float) -> None:
    """Note that a vote is to be posted in the server of its answer, in some seconds or when its reason arrives."""
    row = db.execute(select(answers.c.guild_id, answers.c.language).where(answers.c.id == answer_id)).first()
    if row is None or row.guild_id is None:
        return
    values = {"guild_id": row.guild_id, "due_at": time.time() + seconds, "language": row.language}
    new = staff_messages.insert().values(head="", plain=False, words=False, **values)
    key = db.execute(new.returning(staff_messages.c.id)).scalar_one()
    source = {"answer_id": answer_id, "feedback_id": feedback_id, "place": 0, "gone": False}
    db.execute(staff_sources.insert().values(staff_message_id=key, **source))


def hasten_vote(db: sa.Connection, votes: sa.ColumnElement[bool]) -> None:
    """Let a vote be posted now: its reason has arrived."""
    own = select(staff_sources.c.staff_message_id).join(feedback, _IS_ABOUT).where(votes)
    waiting = staff_messages.c.message_id.is_(None) & staff_messages.c.id.in_(own)
    db.execute(staff_messages.update().where(waiting).values(due_at=time.time()))


def withdraw_votes(db: sa.Connection, votes: sa.ColumnElement[bool]) -> None:
    """Mark what is posted about votes that are deleted next."""
    own = select(staff_sources.c.id).join(feedback, _IS_ABOUT).where(votes)
    db.execute(staff_sources.update().where(staff_sources.c.id.in_(own)).values(gone=True))


def withdraw_member(db: sa.Connection, member_id: int) -> None:
    """Mark what is posted about a member's questions and votes, which are deleted next."""
    withdraw_votes(db, feedback.c.member_id == member_id)
    own = staff_sources.c.answer_id.in_(select(answers.c.id).where(answers.c.asker_id == member_id))
    db.execute(staff_sources.update().where(own).values(gone=True))


def _outdated() -> sa.Select[tuple[int]]:
    """Return the query for the ids of messages that show, or wait to show, what was deleted."""
    question = select(answers.c.id).where(answers.c.id == staff_sources.c.answer_id, answers.c.question != "")
    vote = select(feedback.c.id).where(_IS_ABOUT)
    without = ~question.exists() | (staff_sources.c.feedback_id.is_not(None) & ~vote.exists())
    shown = staff_messages.c.words & without
    waiting = staff_messages.c.message_id.is_(None) & staff_sources.c.feedback_id.is_not(None) & ~vote.exists()
    return (
        select(staff_sources.c.staff_message_id)
        .join(staff_messages, staff_messages.c.id == staff_sources.c.staff_message_id)
        .where(staff_sources.c.gone | shown | waiting)
    )

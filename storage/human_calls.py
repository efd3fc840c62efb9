"""Members' calls for a human: open, claimed by a helper, resolved or withdrawn."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.engine import write_transaction
from index.trusted_clock import CLOCK_ERROR
from storage.batches import change_in_steps, delete_in_steps
from storage.concurrency import one_transaction_each, serialised
from storage.schema import human_calls

if TYPE_CHECKING:
    from collections.abc import Collection, Generator

COOLDOWN_SECONDS: Final = 600.0
"""How long a member waits between two calls."""

_UNSENT_SECONDS: Final = 300.0  # after which a call whose message was never sent counts as not made


@dataclass(frozen=True, slots=True)
class HumanCall:
    """A call for a human. Ids are those of Discord, but for `id` and `answer_id`; times are Unix time.

    Attributes:
        asker_id: The member who needs help; 0 once they were forgotten.
        answer_id: The answer of the bot, None once it was deleted.
        channel_id: Where the question was asked.
        message_id: The message with the bot's answer.
        question_id: The message with the question, None for a command.
        post_channel_id: The helpers' channel.
        post_id: The message there, None until it is sent.
        thread_id: The thread on that message, if one could be made.
        withdrawn: Whether the question or its answer was deleted, or the member forgotten.
        outdated: Whether the message does not show the state of the call yet.
        replies: How many messages helpers had written when it was resolved.
        saved: Whether a message of them became an article.
        id: 0 until it is stored; ids are never reused.
    """

    guild_id: int
    asker_id: int
    answer_id: int | None
    channel_id: int
    message_id: int | None
    question_id: int | None
    post_channel_id: int
    opened_at: float
    post_id: int | None = None
    thread_id: int | None = None
    claimed_by: int | None = None
    resolved_at: float | None = None
    withdrawn: bool = False
    outdated: bool = False
    replies: int = 0
    saved: bool = False
    id: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to answer."""
        return self.resolved_at is None and not self.withdrawn

    @property
    def post_link(self) -> str:
        """The address of the message in the helpers' channel, or of the thread on it."""
        if self.thread_id is not None:
            return f"https://discord.com/channels/{self.guild_id}/{self.thread_id}"
        return f"https://discord.com/channels/{self.guild_id}/{self.post_channel_id}/{self.post_id or 0}"

    @property
    def question_link(self) -> str:
        """The address of the answer of the bot, or of the question."""
        return f"https://discord.com/channels/{self.guild_id}/{self.channel_id}/{self.message_id or self.question_id}"


@one_transaction_each
class HumanCalls:
    """Calls in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def open(self, call: HumanCall) -> HumanCall | float:
        """Store a call and return it with its id.

        A member has one open call in a server, and an answer one call: if there is one already, that is returned. If
        the member called less than COOLDOWN_SECONDS ago, the seconds left are returned.
        """
        now = time.time()
        own = (human_calls.c.asker_id == call.asker_id) & (human_calls.c.guild_id == call.guild_id)
        with write_transaction(self._engine) as db:
            serialised(db, "calls of server", call.guild_id)
            serialised(db, "calls of member", call.asker_id)  # who may call in several servers
            unsent = human_calls.c.post_id.is_(None) & (human_calls.c.opened_at < now - _UNSENT_SECONDS)
            db.execute(human_calls.delete().where(unsent))
            same = human_calls.c.answer_id == call.answer_id
            found = _first(db, same & human_calls.c.withdrawn.is_(False)) or _first(db, own & _OPEN)
            if found:
                return found
            newest = db.execute(
                select(func.max(human_calls.c.opened_at)).where(human_calls.c.asker_id == call.asker_id)
            ).scalar()
            # A time far in the future was stored by a clock that was wrong, a slightly later one by another process.
            if newest is not None and now - COOLDOWN_SECONDS < newest <= now + CLOCK_ERROR:
                return min(float(newest) - now, 0.0) + COOLDOWN_SECONDS
            values = {name: value for name, value in asdict(call).items() if name != "id"}
            key = db.execute(human_calls.insert().values(values).returning(human_calls.c.id)).scalar_one()
            return _get(db, int(key)) or call

    def get(self, call_id: int) -> HumanCall | None:
        """Return a call, or None."""
        with self._engine.connect() as db:
            return _get(db, call_id)

    def of_answer(self, answer_id: int) -> HumanCall | None:
        """Return the call about an answer that was not withdrawn, or None."""
        with self._engine.connect() as db:
            return _first(db, (human_calls.c.answer_id == answer_id) & human_calls.c.withdrawn.is_(False))

    def of_thread(self, thread_id: int) -> HumanCall | None:
        """Return the call that a thread is about, or None."""
        with self._engine.connect() as db:
            return _first(db, human_calls.c.thread_id == thread_id)

    def is_about_one(self, channel_id: int, message_id: int) -> bool:
        """Whether a channel is the thread of a call, or a message is that of a call."""
        either = (human_calls.c.thread_id == channel_id) | (human_calls.c.post_id == message_id)
        with self._engine.connect() as db:
            return _first(db, either) is not None

    def about(self, message_ids: Collection[int]) -> list[HumanCall]:
        """Return the calls whose question, answer or message is one of these messages, or whose thread has the id."""
        columns = (human_calls.c.question_id, human_calls.c.post_id, human_calls.c.message_id)
        either = sa.or_(*(column.in_(message_ids) for column in columns))
        with self._engine.connect() as db:
            return [_call(row) for row in db.execute(select(human_calls).where(either))]

    def outdated(self) -> list[HumanCall]:
        """Return the calls whose message does not show their state yet."""
        with self._engine.connect() as db:
            rows = db.execute(select(human_calls).where(human_calls.c.outdated.is_(True)).order_by(human_calls.c.id))
            return [_call(row) for row in rows]

    def set(self, call_id: int, **values: object) -> None:
        """Set columns of a call, such as its message."""
        with write_transaction(self._engine) as db:
            db.execute(human_calls.update().where(human_calls.c.id == call_id).values(**values))

    def claim(self, call_id: int, member_id: int) -> bool:
        """Store who answers an open call that nobody has claimed; return whether it was so."""
        return self._change(call_id, human_calls.c.claimed_by.is_(None), claimed_by=member_id)

    def unclaim(self, call_id: int, member_id: int) -> bool:
        """Let others answer an open call that `member_id` has claimed; return whether it was so."""
        return self._change(call_id, human_calls.c.claimed_by == member_id, claimed_by=None)

    def resolve(self, call_id: int, replies: int) -> bool:
        """Close an open call, for which helpers have written `replies` messages; return whether it was open."""
        return self._change(call_id, sa.true(), resolved_at=time.time(), replies=replies)

    def delete(self, call_id: int) -> None:
        """Delete a call."""
        with write_transaction(self._engine) as db:
            db.execute(human_calls.delete().where(human_calls.c.id == call_id))

    def human_answers_not_saved(self, guild_id: int, since: float, until: float | None = None) -> list[HumanCall]:
        """Return a server's calls that were resolved from `since` on (Unix time) and answered by helpers in writing.

        Only those resolved before `until`, if it is given, and of which no message became an article, oldest first.
        """
        query = select(human_calls).where(
            human_calls.c.guild_id == guild_id,
            human_calls.c.resolved_at >= since,
            sa.true() if until is None else human_calls.c.resolved_at < until,
            human_calls.c.withdrawn.is_(False),
            human_calls.c.replies > 0,
            human_calls.c.saved.is_(False),
        )
        with self._engine.connect() as db:
            return [_call(row) for row in db.execute(query.order_by(human_calls.c.resolved_at))]

    def count_of_member(self, member_id: int) -> int:
        """Return how many calls name a member as asker or as the one who answers."""
        named = (human_calls.c.asker_id == member_id) | (human_calls.c.claimed_by == member_id)
        with self._engine.connect() as db:
            return int(db.execute(select(func.count()).select_from(human_calls).where(named)).scalar_one())

    def forget_member_in_steps(self, member_id: int) -> Generator[None, None, None]:
        """Remove a member from all calls: their own are withdrawn, those that they had claimed are open again."""
        asked, claimed = human_calls.c.asker_id == member_id, human_calls.c.claimed_by == member_id
        withdrawn = human_calls.update().values(asker_id=0, withdrawn=True, outdated=True)
        yield from change_in_steps(self._engine, human_calls, asked, withdrawn)
        yield from change_in_steps(
            self._engine, human_calls, claimed, human_calls.update().values(claimed_by=None, outdated=True)
        )

    def expire_in_steps(self, before: float) -> Generator[None, None, int]:
        """Delete the calls opened before `before` (Unix time), in steps that are short; return their number."""
        return (yield from delete_in_steps(self._engine, human_calls, human_calls.c.opened_at < before))

    def forget_server_in_steps(self, guild_id: int) -> Generator[None, None, None]:
        """Delete the calls of a server, in steps that are short."""
        yield from delete_in_steps(self._engine, human_calls, human_calls.c.guild_id == guild_id)

    def _change(self, call_id: int, condition: sa.ColumnElement[bool], **values: object) -> bool:
        change = human_calls.update().where(human_calls.c.id == call_id, _OPEN, condition)
        with write_transaction(self._engine) as db:
            return db.execute(change.values(**values, outdated=True)).rowcount > 0


_OPEN: Final = human_calls.c.resolved_at.is_(None) & human_calls.c.withdrawn.is_(False)


def withdraw_calls_about(db: sa.Connection, answer_ids: Collection[int]) -> None:
    """Withdraw the calls about answers that are deleted with their question, in the caller's transaction."""
    about = human_calls.c.answer_id.in_(answer_ids)
    db.execute(human_calls.update().where(about).values(withdrawn=True, outdated=True))


def _first(db: sa.Connection, condition: sa.ColumnElement[bool]) -> HumanCall | None:
    row = db.execute(select(human_calls).where(condition).order_by(human_calls.c.id.desc()).limit(1)).first()
    return _call(row) if row else None


def _get(db: sa.Connection, call_id: int) -> HumanCall | None:
    return _first(db, human_calls.c.id == call_id)


def _call(row: sa.Row[tuple[object, ...]]) -> HumanCall:
    return HumanCall(**{one.name: getattr(row, one.name) for one in fields(HumanCall)})

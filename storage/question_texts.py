"""How long the texts of questions and the ids of those who asked are kept, by the settings of each server."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from index.trusted_clock import CLOCK_ERROR, ClockReading, system_clock
from storage.batches import change_in_steps
from storage.concurrency import one_transaction_each
from storage.expressions import has_json, is_json_object, json_integer, json_text
from storage.models import QuestionPolicy, QuestionText
from storage.schema import WITH_TEXT, answers, feedback, loads, servers

if TYPE_CHECKING:
    from collections.abc import Generator

MEMORY_SECONDS: Final = 1800.0
"""How long a text that is not stored stays in memory, for follow-up questions and edits."""

_DAY: Final = 86400.0
_NOBODY: Final = 0  # in place of the id of a member


class MemberData(NamedTuple):
    """What discord.db has about a member: questions, the Unix time of the oldest, votes and site imports."""

    questions: int
    oldest: float | None
    votes: int
    imports: int


@one_transaction_each
class QuestionTexts:
    """Deletes texts of questions from discord.db when their time is over. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def own_policies(self, default: QuestionPolicy) -> dict[int | None, QuestionPolicy]:
        """Return the policies of the servers that keep less than `default`, the operator's.

        No policy keeps texts longer than that. Damaged settings keep texts no longer than half an hour.
        """
        with self._engine.connect() as db:
            rows = db.execute(select(servers.c.guild_id, servers.c.settings).where(_may_keep_less(default.days)))
            return {row.guild_id: _policy(row.settings, default) for row in rows}

    def due_by_default(self, default: QuestionPolicy, clock: ClockReading | None = None) -> set[int | None]:
        """Return the servers with something to delete even by `default`; None stands for direct messages."""
        # Not DISTINCT: SQLite would go through all answers by server.
        late = select(answers.c.guild_id).where(_old(default, clock), sa.text(WITH_TEXT))
        with self._engine.connect() as db:
            return set(db.execute(late).scalars())

    def is_due(self, guild_id: int | None, policy: QuestionPolicy, clock: ClockReading | None = None) -> bool:
        """Whether a server has answers whose text, or which themselves, must be deleted by a policy.

        What is kept for days is judged by `clock`, by default the system's.
        """
        with self._engine.connect() as db:
            return db.execute(select(answers.c.id).where(_due(guild_id, policy, clock)).limit(1)).first() is not None

    def apply_in_steps(
        self, guild_id: int | None, policy: QuestionPolicy, clock: ClockReading | None = None
    ) -> Generator[None, None, None]:
        """Delete what a server's policy keeps no longer, in steps that are short; `clock` is as in `is_due`."""
        only_counted = answers.update().values(question="", asker_id=_NOBODY)
        change = answers.delete() if policy.kind is QuestionText.OFF else only_counted
        yield from change_in_steps(self._engine, answers, _due(guild_id, policy, clock), change)

    def of_member(self, member_id: int) -> MemberData:
        """Return what is stored about a member."""
        own = answers.c.asker_id == member_id
        with self._engine.connect() as db:
            questions, oldest = db.execute(select(func.count(), func.min(answers.c.asked_at)).where(own)).one()
            votes, imports = (
                db.execute(select(func.count()).select_from(table).where(table.c.member_id == member_id)).scalar_one()
                for table in (feedback, loads)
            )
        return MemberData(questions, oldest, votes, imports)


def _due(guild_id: int | None, policy: QuestionPolicy, clock: ClockReading | None) -> sa.ColumnElement[bool]:
    """Return the condition for the answers that a policy no longer keeps as they are."""
    of_server = answers.c.guild_id.is_(None) if guild_id is None else answers.c.guild_id == guild_id
    due = of_server & _old(policy, clock)
    if policy.kind is QuestionText.OFF:
        return due
    return due & ((answers.c.question != "") | (answers.c.asker_id != _NOBODY))


def _old(policy: QuestionPolicy, clock: ClockReading | None) -> sa.ColumnElement[bool]:
    """Return the condition for the answers that are older than a policy keeps their texts."""
    if policy.kind is QuestionText.KEPT:
        return answers.c.asked_at <= (clock or system_clock()).trusted - policy.days * _DAY
    now = time.time()  # by the system's clock, also if that is wrong: half an hour is a promise
    return (answers.c.asked_at <= now - MEMORY_SECONDS) | (answers.c.asked_at > now + CLOCK_ERROR)


def _may_keep_less(days: int) -> sa.ColumnElement[bool]:
    """Return the condition for the settings that keep texts for less than some days, or are damaged."""
    stored = servers.c.settings
    kept = json_integer(stored, "question_days")
    other_kind = json_text(stored, "questions").is_distinct_from(QuestionText.KEPT.value)
    less = (has_json(stored, "questions") & other_kind) | (
        has_json(stored, "question_days") & (func.coalesce(kept, -1) < days)
    )
    return sa.case((is_json_object(stored), less), else_=sa.true())


def _policy(settings: str, default: QuestionPolicy) -> QuestionPolicy:
    try:
        values = json.loads(settings)
        kind = QuestionText(values.get("questions", QuestionText.KEPT))
        chosen = QuestionPolicy(kind, int(values.get("question_days", default.days)))
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return QuestionPolicy(QuestionText.COUNTED, 0)
    return chosen.within(default)

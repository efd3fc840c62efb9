"""How long the texts of questions and the ids of those who asked are kept, by the settings of each server."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import func, select

from index.trusted_clock import CLOCK_ERROR, ClockReading, system_clock
from storage.batches import change_in_steps
from storage.models import QuestionPolicy, QuestionText
from storage.schema import answers, feedback, loads, servers

if TYPE_CHECKING:
    from collections.abc import Generator

    import sqlalchemy as sa

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


class QuestionTexts:
    """Deletes texts of questions from discord.db when their time is over. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def policies(self, default: QuestionPolicy) -> list[tuple[int | None, QuestionPolicy]]:
        """Return the policy of each server that has answers, `default` without one of its own; None: direct messages.

        No policy keeps texts longer than the default does. Damaged settings keep texts no longer than half an hour.
        """
        with self._engine.connect() as db:
            found = list(db.execute(select(answers.c.guild_id).distinct()).scalars())
            rows = db.execute(select(servers.c.guild_id, servers.c.settings))
            own = {row.guild_id: _policy(row.settings, default) for row in rows}
        return [(guild_id, default if guild_id is None else own.get(guild_id, default)) for guild_id in found]

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
    if policy.kind is QuestionText.KEPT:
        old = answers.c.asked_at <= (clock or system_clock()).trusted - policy.days * _DAY
    else:  # by the system's clock, also if that is wrong: half an hour is a promise
        now = time.time()
        old = (answers.c.asked_at <= now - MEMORY_SECONDS) | (answers.c.asked_at > now + CLOCK_ERROR)
    of_server = answers.c.guild_id.is_(None) if guild_id is None else answers.c.guild_id == guild_id
    due = of_server & old
    if policy.kind is QuestionText.OFF:
        return due
    return due & ((answers.c.question != "") | (answers.c.asker_id != _NOBODY))


def _policy(settings: str, default: QuestionPolicy) -> QuestionPolicy:
    try:
        values = json.loads(settings)
        kind = QuestionText(values.get("questions", QuestionText.KEPT))
        chosen = QuestionPolicy(kind, int(values.get("question_days", default.days)))
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return QuestionPolicy(QuestionText.COUNTED, 0)
    return chosen.within(default)

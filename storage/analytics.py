"""Statistics of a server, and the export of votes."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select, true

from qa.outcome import Answer, Closest, NotCovered
from storage.answer_rows import quotes_from_json
from storage.expressions import json_integer, json_text, utc_day
from storage.schema import answers, feedback, meant
from storage.votes import WANTED

if TYPE_CHECKING:
    import sqlalchemy as sa

    from storage.stored_answers import StoredQuote

_TOP_QUOTED = 5
_FIRST_DAY = date(1970, 1, 1)  # the number of which is 0


class Day(NamedTuple):
    """Questions of one UTC day, counted by outcome."""

    date: date
    answered: int
    closest: int
    not_covered: int

    @property
    def questions(self) -> int:
        """How many questions were asked."""
        return self.answered + self.closest + self.not_covered


class Slowest(NamedTuple):
    """The message with the slowest public answer."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Statistics of a server.

    Times are in milliseconds, 0 if nothing was asked. `most_quoted` counts first quotes. `days` are all days of the
    period, oldest first. `slowest` is the message that took `slowest_ms`, None if that answer was private.
    """

    answered: int
    closest: int
    not_covered: int
    helpful: int
    unhelpful: int
    median_ms: float
    slowest_ms: float
    most_quoted: tuple[tuple[tuple[str, int], int], ...]  # ((library, article id), count), highest count first
    days: tuple[Day, ...] = ()
    slowest: Slowest | None = None

    @property
    def questions(self) -> int:
        """How many questions were asked."""
        return self.answered + self.closest + self.not_covered


class Vote(NamedTuple):
    """An anonymous vote on an answer. The message showed the first `shown` quotes.

    `quote_numbers`, from 1, are the quotes the vote is about; empty if it is about the whole answer.
    """

    question: str
    outcome: str
    helpful: bool
    reason: str | None
    quotes: tuple[StoredQuote, ...]
    shown: int
    quote_numbers: tuple[int, ...] = ()


def stats(db: sa.Connection, guild_id: int, since: float, until: float | None = None) -> Stats:
    """Return the statistics of a server since `since` (Unix time) and before `until`, if given, with each `Day`.

    The database counts, without the interpreter's lock, so that other threads go on meanwhile.
    """
    where = (answers.c.guild_id == guild_id) & (answers.c.asked_at >= since)
    where &= true() if until is None else answers.c.asked_at < until
    day = utc_day(answers.c.asked_at)
    rows = db.execute(select(day, answers.c.outcome, func.count()).where(where).group_by(day, answers.c.outcome))
    counts = Counter({(_FIRST_DAY + timedelta(days=at), str(outcome)): int(count) for at, outcome, count in rows})
    outcomes: Counter[str] = Counter()
    for (_, outcome), count in counts.items():
        outcomes[outcome] += count
    judging = where & feedback.c.reason.is_distinct_from(WANTED)  # which judges the articles, not the answer
    query = select(feedback.c.helpful, func.count().label("votes")).join_from(feedback, answers).where(judging)
    votes = {row.helpful: int(row.votes) for row in db.execute(query.group_by(feedback.c.helpful))}
    slowest = db.execute(select(answers).where(where).order_by(answers.c.elapsed_ms.desc()).limit(1)).first()
    return Stats(
        answered=outcomes[Answer.name],
        closest=outcomes[Closest.name],
        not_covered=outcomes[NotCovered.name],
        helpful=votes.get(True, 0),
        unhelpful=votes.get(False, 0),
        median_ms=_median_time(db, where, outcomes.total()),
        slowest_ms=slowest.elapsed_ms if slowest else 0.0,
        most_quoted=_most_quoted(db, where),
        days=_days(counts, since, time.time() if until is None else until),
        slowest=_slowest(slowest),
    )


def _median_time(db: sa.Connection, where: sa.ColumnElement[bool], count: int) -> float:
    """Return the median time of `count` answers, 0 if there are none."""
    middle = select(answers.c.elapsed_ms).where(where).order_by(answers.c.elapsed_ms)
    values = list(db.execute(middle.limit(2 - count % 2).offset(max(0, (count - 1) // 2))).scalars())
    return float(median(values or [0.0]))


def _most_quoted(db: sa.Connection, where: sa.ColumnElement[bool]) -> tuple[tuple[tuple[str, int], int], ...]:
    """Return the articles that were quoted first most often: ((library, article id), count), highest count first."""
    library, article = json_text(answers.c.quotes, 0, 0), json_integer(answers.c.quotes, 0, 1)
    query = select(library, article, func.count()).where(where, library.is_not(None)).group_by(library, article)
    ordered = query.order_by(func.count().desc(), func.min(answers.c.id)).limit(_TOP_QUOTED)
    return tuple(((str(name), int(key or 0)), count) for name, key, count in db.execute(ordered))


def _days(counts: Counter[tuple[date, str]], since: float, until: float) -> tuple[Day, ...]:
    """Return all days with their outcomes, from the day of `since` to that of `until`, days without questions too."""
    first = min([_date(since), *(day for day, _ in counts)]) if since else min((day for day, _ in counts), default=None)
    if first is None:
        return ()
    last = max([_date(until), *(day for day, _ in counts)])
    dates = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    names = Answer.name, Closest.name, NotCovered.name
    return tuple(Day(day, *(counts[day, name] for name in names)) for day in dates)


def _date(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _slowest(row: sa.Row[Any] | None) -> Slowest | None:
    return Slowest(row.channel_id, row.message_id) if row and not row.private and row.message_id else None


def votes(db: sa.Connection) -> list[Vote]:
    """Return every vote of every server on an answer whose question is stored, oldest first."""
    columns = answers.c.question, answers.c.outcome, feedback.c.helpful, feedback.c.reason
    rest = feedback.c.id, answers.c.quotes, answers.c.shown
    query = select(*columns, *rest).join_from(feedback, answers).order_by(feedback.c.id)
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    for key, number in db.execute(select(meant.c.feedback_id, meant.c.quotation).order_by(meant.c.quotation)):
        numbers[key].append(number)
    rows = db.execute(query.where(answers.c.question != ""))
    return [Vote(*row[:4], quotes_from_json(row.quotes), row.shown, tuple(numbers[row.id])) for row in rows]

"""What those who run a server want to know: how it goes, and what is asked that the articles do not cover."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from index.text.analyzer import key_terms
from qa.outcome import Answer, Closest, NotCovered
from storage.database import kept_quotes
from storage.schema import answers, feedback, meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from storage.models import StoredQuote

_MOST_QUOTED = 5
_ALIKE = 0.5  # share of key words (of both together) from which two questions are about one thing
_MOST_READ = 2000  # questions, the newest, that are put into groups


class Day(NamedTuple):
    """What came of the questions of one day, in UTC."""

    date: date
    answered: int
    closest: int
    not_covered: int

    @property
    def questions(self) -> int:
        """How many questions were asked."""
        return self.answered + self.closest + self.not_covered


class Slowest(NamedTuple):
    """Where the answer stands that took longest; None for what the others do not see."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures of a server. Times are in milliseconds, 0 where nothing was asked; `most_quoted` counts first quotes.

    `days` are all days of the time that is looked at, oldest first; `slowest` is the public answer that took
    `slowest_ms`, None where a private one did.
    """

    answered: int
    closest: int
    not_covered: int
    helpful: int
    unhelpful: int
    median_ms: float
    slowest_ms: float
    most_quoted: tuple[tuple[tuple[str, int], int], ...]  # ((library, article id), times), most first
    days: tuple[Day, ...] = ()
    slowest: Slowest | None = None

    @property
    def questions(self) -> int:
        """How many questions were asked."""
        return self.answered + self.closest + self.not_covered


class Gap(NamedTuple):
    """Questions about one thing that were not answered: one wording, by how many members, how often."""

    question: str
    members: int
    times: int


class Vote(NamedTuple):
    """What somebody thought of an answer; who it was is not told. The first `shown` quotes stood in the message.

    `meant` are the numbers, from 1, of those that it is about; none where it is about all of them.
    """

    question: str
    outcome: str
    helpful: bool
    reason: str | None
    quotes: tuple[StoredQuote, ...]
    shown: int
    meant: tuple[int, ...] = ()


@dataclass(slots=True)
class _Group:
    words: frozenset[str]
    question: str
    members: set[int] = field(default_factory=set)
    times: int = 0


def stats(db: sa.Connection, guild_id: int, since: float, until: float | None = None) -> Stats:
    """Return the figures of a server from `since` on, in seconds since 1970, with the days until now or `until`."""
    where = (answers.c.guild_id == guild_id) & (answers.c.asked_at >= since)
    columns = ("outcome", "elapsed_ms", "quotes", "asked_at", "private", "channel_id", "message_id")
    rows = db.execute(select(*(answers.c[name] for name in columns)).where(where)).all()
    outcomes = Counter(row.outcome for row in rows)
    times = [row.elapsed_ms for row in rows] or [0.0]
    first = Counter((quotes[0][0], quotes[0][1]) for row in rows if (quotes := json.loads(row.quotes)))
    query = select(feedback.c.helpful, func.count().label("votes")).join_from(feedback, answers).where(where)
    votes = {row.helpful: int(row.votes) for row in db.execute(query.group_by(feedback.c.helpful))}
    return Stats(
        answered=outcomes[Answer.name],
        closest=outcomes[Closest.name],
        not_covered=outcomes[NotCovered.name],
        helpful=votes.get(True, 0),
        unhelpful=votes.get(False, 0),
        median_ms=median(times),
        slowest_ms=max(times),
        most_quoted=tuple(first.most_common(_MOST_QUOTED)),
        days=_days([(row.asked_at, row.outcome) for row in rows], since, time.time() if until is None else until),
        slowest=_slowest(max(rows, key=lambda row: row.elapsed_ms, default=None)),
    )


def _days(asked: Sequence[tuple[float, str]], since: float, until: float) -> tuple[Day, ...]:
    """Count outcomes day by day, from the day of `since` to that of `until`, those without a question included."""
    counts: Counter[tuple[date, str]] = Counter((_date(at), outcome) for at, outcome in asked)
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


def gaps(db: sa.Connection, guild_id: int, since: float, *, members: int) -> list[Gap]:
    """Return what at least `members` different people asked without getting an answer, the most asked first.

    A question counts as unanswered also where someone said that its answer did not help. Who asked is counted
    and not returned; what fewer people asked is nobody's business.
    """
    unhelpful = select(feedback.c.answer_id).where(feedback.c.helpful.is_(False))
    query = (
        select(answers.c.question, answers.c.asker_id)
        .where(answers.c.guild_id == guild_id, answers.c.asked_at >= since)
        .where((answers.c.outcome != Answer.name) | answers.c.id.in_(unhelpful))
        .order_by(answers.c.id.desc())
        .limit(_MOST_READ)
    )
    groups = _grouped([(row.question, row.asker_id) for row in db.execute(query)])
    told = [Gap(one.question, len(one.members), one.times) for one in groups if len(one.members) >= members]
    return sorted(told, key=lambda gap: (-gap.members, -gap.times, gap.question))


def votes(db: sa.Connection) -> list[Vote]:
    """Return every vote of every server, oldest first."""
    columns = answers.c.question, answers.c.outcome, feedback.c.helpful, feedback.c.reason
    rest = feedback.c.id, answers.c.quotes, answers.c.shown
    query = select(*columns, *rest).join_from(feedback, answers).order_by(feedback.c.id)
    about: defaultdict[int, list[int]] = defaultdict(list)
    for key, number in db.execute(select(meant.c.feedback_id, meant.c.quotation).order_by(meant.c.quotation)):
        about[key].append(number)
    rows = db.execute(query)
    return [Vote(*row[:4], kept_quotes(row.quotes), row.shown, tuple(about[row.id])) for row in rows]


def _grouped(asked: Sequence[tuple[str, int]]) -> list[_Group]:
    """Put questions with about the same key words together; each joins the group that it is most like."""
    groups: list[_Group] = []
    naming: defaultdict[str, list[_Group]] = defaultdict(list)  # word -> groups that have it
    for question, member in asked:
        words = frozenset(key_terms(question))
        if not words:
            continue
        near = [group for word in words for group in naming[word]]
        best = max(near, key=lambda group: _alike(words, group.words), default=None)
        if best is None or _alike(words, best.words) < _ALIKE:
            best = _Group(words, question)
            groups.append(best)
            for word in words:
                naming[word].append(best)
        best.members.add(member)
        best.times += 1
    return groups


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)

"""Statistics of a server, the questions its articles do not cover, and the export of votes."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from index.text.analyzer import key_terms
from qa.outcome import Answer, Closest, NotCovered
from storage.database import quotes_from_json
from storage.schema import answers, covered_questions, feedback, meant

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import sqlalchemy as sa

    from storage.models import StoredQuote

_TOP_QUOTED = 5
_MIN_SIMILARITY = 0.5  # Jaccard similarity of key words from which two questions are grouped
_MAX_QUESTIONS = 2000  # the newest are grouped
_QUESTIONS_AT_ONCE = 10  # grouped without a pause, which takes about a millisecond
_PAUSE = 0.0005  # seconds


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


class Gap(NamedTuple):
    """Similar questions without an answer: the newest wording, how many members asked and how often."""

    question: str
    members: int
    times: int


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


@dataclass(slots=True)
class _Group:
    words: frozenset[str]
    question: str
    members: set[int] = field(default_factory=set)
    times: int = 0


def stats(db: sa.Connection, guild_id: int, since: float, until: float | None = None) -> Stats:
    """Return the statistics of a server since `since` (Unix time), with one `Day` up to now or `until`.

    SQLite counts, without the interpreter's lock, so that other threads go on meanwhile.
    """
    where = (answers.c.guild_id == guild_id) & (answers.c.asked_at >= since)
    day = func.date(answers.c.asked_at, "unixepoch")
    rows = db.execute(select(day, answers.c.outcome, func.count()).where(where).group_by(day, answers.c.outcome))
    counts = Counter({(date.fromisoformat(at), str(outcome)): int(count) for at, outcome, count in rows})
    outcomes: Counter[str] = Counter()
    for (_, outcome), count in counts.items():
        outcomes[outcome] += count
    query = select(feedback.c.helpful, func.count().label("votes")).join_from(feedback, answers).where(where)
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
    library, article = (func.json_extract(answers.c.quotes, f"$[0][{at}]") for at in range(2))
    query = select(library, article, func.count()).where(where, library.is_not(None)).group_by(library, article)
    ordered = query.order_by(func.count().desc(), func.min(answers.c.id)).limit(_TOP_QUOTED)
    return tuple(((name, key), count) for name, key, count in db.execute(ordered))


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


def gaps(
    db: sa.Connection, guild_id: int, since: float, *, members: int, channels: Collection[int] | None = None
) -> list[Gap]:
    """Return groups of unanswered questions that at least `members` members asked, the most frequent first.

    A question with an answer voted not helpful counts as unanswered, one that a helper's saved words cover does not.
    Members are counted but not returned. To protect their privacy, questions of fewer members are left out, and so are
    those that were answered privately, and, if `channels` are given, those asked in others.
    """
    rows = [row for row in _unanswered(db, guild_id, since) if channels is None or row.channel_id in channels]
    groups = _group_questions([(row.question, row.asker_id) for row in rows])
    found = [Gap(one.question, len(one.members), one.times) for one in groups if len(one.members) >= members]
    return sorted(found, key=lambda gap: (-gap.members, -gap.times, gap.question))


def channels_of_gaps(db: sa.Connection, guild_id: int, since: float) -> set[int]:
    """Return the ids of the channels in which the questions that `gaps` groups were asked."""
    return {row.channel_id for row in _unanswered(db, guild_id, since)}


def unanswered_questions(db: sa.Connection, guild_id: int, since: float) -> list[tuple[int, str, int]]:
    """Return (answer id, question, channel id) of the questions that `gaps` groups, newest first."""
    return [(row.id, row.question, row.channel_id) for row in _unanswered(db, guild_id, since)]


def _unanswered(db: sa.Connection, guild_id: int, since: float) -> Sequence[sa.Row[Any, Any, Any, Any]]:
    """Return the id, question, member and channel of the newest public questions without a helpful answer.

    Questions that words of a person cover by now are left out.
    """
    unhelpful = select(feedback.c.answer_id).where(feedback.c.helpful.is_(False))
    query = (
        select(answers.c.id, answers.c.question, answers.c.asker_id, answers.c.channel_id)
        .where(answers.c.guild_id == guild_id, answers.c.asked_at >= since, answers.c.private.is_(False))
        .where(answers.c.question != "", (answers.c.outcome != Answer.name) | answers.c.id.in_(unhelpful))
        .where(answers.c.id.not_in(select(covered_questions.c.answer_id)))
        .order_by(answers.c.id.desc())
        .limit(_MAX_QUESTIONS)
    )
    return db.execute(query).all()


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


def _group_questions(asked: Sequence[tuple[str, int]]) -> list[_Group]:
    """Group (question, member id) pairs by key words; each joins the most similar group or starts one."""
    groups: list[_Group] = []
    by_word: defaultdict[str, list[_Group]] = defaultdict(list)
    for number, (question, member) in enumerate(asked, 1):
        if number % _QUESTIONS_AT_ONCE == 0:
            time.sleep(_PAUSE)  # gives the interpreter's lock to threads that answer
        words = frozenset(key_terms(question))
        if not words:
            continue
        near = [group for word in words for group in by_word[word]]
        best = max(near, key=lambda group: _similarity(words, group.words), default=None)
        if best is None or _similarity(words, best.words) < _MIN_SIMILARITY:
            best = _Group(words, question)
            groups.append(best)
            for word in words:
                by_word[word].append(best)
        best.members.add(member)
        best.times += 1
    return groups


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)

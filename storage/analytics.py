"""Statistics of a server, the questions its articles do not cover, and the export of votes."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, or_, select, true

from index.text.analyzer import key_terms
from qa.outcome import Answer, Closest, NotCovered
from storage.answer_rows import quotes_from_json
from storage.batches import BATCH
from storage.expressions import json_integer, json_text, utc_day
from storage.schema import answers, covered_questions, feedback, meant
from storage.votes import WANTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import sqlalchemy as sa

    from storage.stored_answers import StoredQuote

_TOP_QUOTED = 5
_MIN_SIMILARITY = 0.5  # Jaccard similarity of key words from which two questions are grouped
_MAX_QUESTIONS = 2000  # the newest are grouped
_QUESTIONS_AT_ONCE = 10  # grouped without a pause, which takes about a millisecond
_PAUSE = 0.0005  # seconds
_FIRST_DAY = date(1970, 1, 1)  # the number of which is 0
# "missing" is the reason that the form for "not helpful" offers; details may follow it.
_SAYS_MISSING = or_(
    feedback.c.reason.in_((WANTED, "missing")), func.substr(feedback.c.reason, 1, len("missing:")) == "missing:"
)


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
    """Similar questions without an answer: the newest wording, how many members asked and how often.

    `wanted` is the number of members who voted that the articles should cover it; they count among `members`.
    """

    question: str
    members: int
    times: int
    wanted: int = 0


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
    answers: list[int] = field(default_factory=list)


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


def gaps(
    db: sa.Connection, guild_id: int, since: float, *, members: int, channels: Collection[int] | None = None
) -> list[Gap]:
    """Return groups of unanswered questions that at least `members` members asked, the most frequent first.

    A question with an answer voted not helpful counts as unanswered, one that a helper's saved words cover does not.
    Who votes that the articles should cover a question counts like a member who asks it. Members are counted but not
    returned. To protect their privacy, questions of fewer members are left out, and so are, if `channels` are given,
    those asked in others, and those that were answered privately, unless the member who asked voted that the articles
    should cover them.
    """
    return [gap for gap, _ in gaps_with_answers(db, guild_id, since, members=members, channels=channels)]


def gaps_with_answers(
    db: sa.Connection,
    guild_id: int,
    since: float,
    until: float | None = None,
    *,
    members: int,
    channels: Collection[int] | None = None,
) -> list[tuple[Gap, tuple[int, ...]]]:
    """Return what `gaps` does, of questions asked before `until`, each with the ids of its answers, newest first."""
    rows = _unanswered(db, guild_id, since, until)
    shown = [row for row in rows if channels is None or row.channel_id in channels]
    return group_gaps(shown, members, wanting_members(db, guild_id, since))


def group_gaps(
    asked: Sequence[Any], members: int, wanting: Mapping[int, Collection[int]] | None = None
) -> list[tuple[Gap, tuple[int, ...]]]:
    """Group rows with `id`, `question` and `asker_id`, newest first, as `gaps_with_answers` does.

    `wanting` are the members who voted that the articles should cover a question, by the id of its answer.
    """
    groups = _group_questions([(row.question, row.asker_id, row.id) for row in asked])
    found = []
    for one in groups:
        wanted = {member for answer in one.answers for member in (wanting or {}).get(answer, ())}
        if len(one.members | wanted) >= members:
            gap = Gap(one.question, len(one.members | wanted), len(one.answers), len(wanted))
            found.append((gap, tuple(one.answers)))
    return sorted(found, key=lambda pair: (-pair[0].members, -pair[0].times, pair[0].question))


def wanting_members(db: sa.Connection, guild_id: int, since: float) -> dict[int, set[int]]:
    """Return the members who voted that the articles should cover a question, by the id of its answer."""
    query = select(feedback.c.answer_id, feedback.c.member_id).join_from(feedback, answers)
    query = query.where(answers.c.guild_id == guild_id, answers.c.asked_at >= since)
    found: defaultdict[int, set[int]] = defaultdict(set)
    for answer_id, member_id in db.execute(query.where(_SAYS_MISSING)):
        found[answer_id].add(member_id)
    return found


def channels_of_gaps(db: sa.Connection, guild_id: int, since: float, until: float | None = None) -> set[int]:
    """Return the ids of the channels in which the questions that `gaps` groups were asked."""
    return {row.channel_id for row in _unanswered(db, guild_id, since, until)}


def unanswered_questions(db: sa.Connection, guild_id: int, since: float) -> list[tuple[int, str, int]]:
    """Return (answer id, question, channel id) of the questions that `gaps` groups, newest first."""
    return [(row.id, row.question, row.channel_id) for row in _unanswered(db, guild_id, since)]


def channels_of_answers(db: sa.Connection, answer_ids: Iterable[int]) -> dict[int, int]:
    """Return the channel of each of these answers, by id, without those that were deleted."""
    found, wanted = dict[int, int](), list(answer_ids)
    for start in range(0, len(wanted), BATCH):
        ids = answers.c.id.in_(wanted[start : start + BATCH])
        rows = db.execute(select(answers.c.id, answers.c.channel_id).where(ids))
        found.update((row.id, row.channel_id) for row in rows)
    return found


def _unanswered(db: sa.Connection, guild_id: int, since: float, until: float | None = None) -> Sequence[Any]:
    """Return the question, member, channel and id of the newest questions without a helpful answer.

    Of private ones, those that the member who asked wants to be covered. Those that words of a person cover by now are
    left out.
    """
    unhelpful = select(feedback.c.answer_id).where(feedback.c.helpful.is_(False))
    own = (feedback.c.answer_id == answers.c.id) & (feedback.c.member_id == answers.c.asker_id)
    told = answers.c.private.is_(False) | select(feedback.c.id).where(own, feedback.c.reason == WANTED).exists()
    query = (
        select(answers.c.question, answers.c.asker_id, answers.c.channel_id, answers.c.id)
        .where(true() if until is None else answers.c.asked_at < until)
        .where(answers.c.guild_id == guild_id, answers.c.asked_at >= since, told)
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


def _group_questions(asked: Sequence[tuple[str, int, int]]) -> list[_Group]:
    """Group (question, member id, answer id) by key words; each joins the most similar group or starts one."""
    groups: list[_Group] = []
    by_word: defaultdict[str, list[_Group]] = defaultdict(list)
    for number, (question, member, answer) in enumerate(asked, 1):
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
        best.answers.append(answer)
    return groups


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)

"""The questions that a server's articles do not cover: found, grouped by what they ask, and counted."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, or_, select, true

from index.text.analyzer import key_terms
from qa.outcome import Answer
from storage.batches import BATCH
from storage.schema import answers, covered_questions, feedback
from storage.votes import WANTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import sqlalchemy as sa

_MIN_SIMILARITY = 0.5  # Jaccard similarity of key words from which two questions are grouped
_MAX_QUESTIONS = 2000  # the newest are grouped
_QUESTIONS_AT_ONCE = 10  # grouped without a pause, which takes about a millisecond
_PAUSE = 0.0005  # seconds
# "missing" is the reason that the form for "not helpful" offers; details may follow it.
_SAYS_MISSING = or_(
    feedback.c.reason.in_((WANTED, "missing")), func.substr(feedback.c.reason, 1, len("missing:")) == "missing:"
)


class Gap(NamedTuple):
    """Similar questions without an answer: the newest wording, how many members asked and how often.

    `wanted` is the number of members who voted that the articles should cover it; they count among `members`.
    """

    question: str
    members: int
    times: int
    wanted: int = 0


@dataclass(slots=True)
class _Group:
    words: frozenset[str]
    question: str
    members: set[int] = field(default_factory=set)
    answers: list[int] = field(default_factory=list)


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

"""Cards for a server's staff: the weekly digest, and votes that an answer did not help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cogs.admin.reports import day_mark, gap_line
from cogs.ui.answer_card import Card, notice_card
from cogs.ui.escape import escape, link, utf16_length
from cogs.ui.limits import join_fitting
from cogs.ui.truncate import escaped_name, shorten
from i18n import texts
from i18n.sentences import say
from index.text.display_names import display_line
from storage.analytics import Stats
from storage.gaps import Gap
from storage.staff_messages import PendingVote
from storage.votes import WANTED

MAX_GAPS: Final = 10
"""Unanswered questions in a digest."""

MEMBERS: Final = 2
"""The least number of members who must have asked a question that a digest shows, as in `/insights gaps`."""

_MAX_UNITS: Final = 3000  # UTF-16 units of a digest; Discord takes 4,000
_MAX_FAILURES: Final = 3  # named in a digest
_MAX_NAME: Final = 80
_MAX_REASON: Final = 150
_MAX_QUESTION: Final = 200
_MAX_DETAILS: Final = 500


@dataclass(frozen=True, slots=True)
class SourceTrouble:
    """What is wrong with a server's sources: those that could not be read, and those whose check is overdue.

    `named` are the name and the reason of failed sources that everybody who sees the digest may know.
    """

    failed: int = 0
    overdue: int = 0
    named: tuple[tuple[str, str], ...] = ()


def digest_head(
    stats: Stats | None, first: date, last: date, trouble: SourceTrouble, answered_by_humans: int = 0
) -> str:
    """Return the part of a digest that is about nobody: figures of the days from `first` to `last`, and sources.

    `stats` is None where nothing is stored of questions; `answered_by_humans` counts what people answered in that week
    and is in no article yet.
    """
    lines = [texts.DIGEST_HEADING.format(first=day_mark(first, "D"), last=day_mark(last, "D"))]
    lines += [texts.DIGEST_NOT_COUNTED] if stats is None else _figures(stats)
    lines += [texts.DIGEST_HUMANS.format(count=answered_by_humans)] if answered_by_humans else []
    return "\n".join([*lines, *_source_lines(trouble)])


def _figures(stats: Stats) -> list[str]:
    votes = stats.helpful + stats.unhelpful
    return [
        texts.DIGEST_ASKED.format(count=stats.questions),
        texts.DIGEST_OUTCOMES.format(answered=stats.answered, closest=stats.closest, not_covered=stats.not_covered),
        texts.STATS_HELPFUL.format(share=stats.helpful / votes, votes=votes) if votes else texts.DIGEST_NO_VOTES,
    ]


def _source_lines(trouble: SourceTrouble) -> list[str]:
    lines = [texts.DIGEST_FAILED.format(count=trouble.failed)] if trouble.failed else []
    lines += [
        f"-# {escaped_name(name, _MAX_NAME)}: {escaped_name(say(reason), _MAX_REASON)}"
        for name, reason in trouble.named[:_MAX_FAILURES]
    ]
    lines += [texts.DIGEST_STALE.format(count=trouble.overdue)] if trouble.overdue else []
    return lines or [texts.DIGEST_SOURCES_FINE]


def digest_card(head: str, gaps: Sequence[Gap]) -> Card:
    """Return a digest: its head, then the questions without an answer, as many as fit."""
    lines = [gap_line(gap) for gap in gaps]
    below = f"\n{texts.DIGEST_MORE}"
    available = _MAX_UNITS - utf16_length(head) - utf16_length(below) - 2
    asked = f"\n\n{join_fitting([texts.DIGEST_GAPS, *lines], available)}" if lines else ""
    return notice_card(f"{head}{asked}{below}")


def vote_card(vote: PendingVote, *, with_words: bool) -> Card:
    """Return the message about a vote; the texts that members wrote are left out unless `with_words`."""
    answer = texts.VOTE_PRIVATE
    if not vote.private and vote.message_id:
        address = f"https://discord.com/channels/{vote.guild_id}/{vote.channel_id}/{vote.message_id}"
        answer = link(texts.VOTE_ANSWER, address) or texts.VOTE_ANSWER
    chosen, _, details = (vote.reason or "").partition(": ")
    if chosen not in {*texts.REASONS, WANTED}:  # details without a choice
        chosen, details = "", vote.reason or ""
    lines = [_vote_line(chosen, answer)]
    if with_words:
        lines += [f"> {_line(vote.question)}"] if vote.question else []
        lines += [f"-# {escape(shorten(display_line(details), _MAX_DETAILS))}"] if details else []
    return notice_card("\n".join(lines))


def _vote_line(chosen: str, answer: str) -> str:
    if chosen == WANTED:
        return texts.VOTE_WANTED.format(answer=answer)
    if not chosen:
        return texts.VOTE_POSTED.format(answer=answer)
    return texts.VOTE_REASON.format(reason=texts.REASONS[chosen], answer=answer)


def _line(text: str) -> str:
    return escape(shorten(display_line(text), _MAX_QUESTION))

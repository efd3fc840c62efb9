"""Texts of `/config` and `/insights`: settings, figures, unanswered questions, and why an answer was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import accumulate
from typing import Final

from cogs.articles.collection_choice import listed
from cogs.core.pauses import pause_state
from cogs.ui.escape import escape, link, utf16_length
from cogs.ui.limits import join_fitting
from cogs.ui.truncate import beginning, shorten
from i18n import texts
from i18n.languages import LANGUAGES
from i18n.phrases import min_confidence_in_words, min_confidences
from index.text.display_names import display_line
from qa.outcome import Quote
from storage.analytics import Day, Stats
from storage.gaps import Gap
from storage.models import QuestionPolicy, ServerSettings
from storage.stored_answers import StoredAnswer

MIN_CONFIDENCES: Final = min_confidences()
"""Choices for the lowest confidence at which the bot answers without being asked."""

_MEMBERS_OWN: Final = "each"
_MAX_LINE: Final = 150
_MAX_DAY_LINES: Final = 8  # days of which each has a line among the figures
_MAX_PLACES: Final = 3  # channels of an unanswered question
_MAX_NAMED: Final = 3  # collections of each of them
_MAX_TEXT: Final = 3900  # UTF-16 units of one message, with room for a heading


def languages_to_choose() -> dict[str, str]:
    """Return the languages that can be set for a server, by the value of the choice.

    Discord allows no empty value, so that "each member's own" has one of its own.
    """
    return {_MEMBERS_OWN: texts.LANGUAGE_OF_EACH, **{code: language.name for code, language in LANGUAGES.items()}}


def chosen_language(value: str) -> str:
    """Return the setting for the value of a choice; an empty string means each member's own language."""
    return value if value in LANGUAGES else ""


def settings_text(settings: ServerSettings, max_units: int = _MAX_TEXT) -> str:
    """Return a server's settings, one per line, followed by those of its channels, as many as fit."""
    channel, role = settings.helpers_channel, settings.helpers_role
    unprompted = texts.CHANNEL_UNASKED.format(
        floor=min_confidence_text(settings.floor), way=reply_mode_text(thread=settings.threads)
    )
    general = texts.SETTINGS.format(
        state=pause_state(settings),
        language=languages_to_choose().get(settings.language, texts.LANGUAGE_OF_EACH),
        layout=texts.LAYOUTS["plain" if settings.plain else "rich"],
        channel=f"<#{channel}>" if channel else texts.NOT_SET,
        role=f"<@&{role}>" if role else texts.NOT_SET,
        editor=f"<@&{settings.editor_role}>" if settings.editor_role else texts.NOT_SET,
        member=settings.member_limit or texts.NO_LIMIT,
        each=settings.channel_limit or texts.NO_LIMIT,
        server=settings.server_limit or texts.NO_LIMIT,
    )
    return _with_channels(
        f"{general}\n{conversation_settings_text(settings)}\n{unprompted}", _channel_lines(settings), max_units
    )


def channels_text(settings: ServerSettings) -> str:
    """Return a table of what is set for single channels, one per line, as many as fit into a message."""
    if not settings.places:
        return texts.CHANNELS_NONE
    general = " · ".join(
        (
            texts.MODES[settings.mode_of()],
            min_confidence_text(settings.floor),
            reply_mode_text(thread=settings.threads),
        )
    )
    footer = texts.CHANNELS_FOOTER.format(default=general)
    heading = texts.CHANNELS_HEADING.format(count=len(settings.places))
    return f"{_with_channels(heading, _channel_lines(settings), _MAX_TEXT - utf16_length(footer) - 1)}\n{footer}"


def _channel_lines(settings: ServerSettings) -> list[str]:
    return [channel_settings_text(settings, channel_id) for channel_id in settings.places]


def _with_channels(heading: str, channels: Sequence[str], max_units: int) -> str:
    """Return the lines of the channels below a heading, as many as fit, and how many are left out."""
    whole = "\n".join([heading, *channels])
    if utf16_length(whole) <= max_units:
        return whole
    available = max_units - utf16_length(heading) - utf16_length(texts.CHANNELS_MORE.format(count=len(channels))) - 1
    lengths = accumulate(utf16_length(line) + 1 for line in channels)
    shown = sum(length <= available for length in lengths)
    return "\n".join([heading, *channels[:shown], texts.CHANNELS_MORE.format(count=len(channels) - shown)])


def staff_settings_text(settings: ServerSettings) -> str:
    """Return whether helpers are pinged, where staff reads digest and votes, and whether posts are tagged as solved."""
    channel = f"<#{settings.digest_channel}>" if settings.digest_channel else texts.NOT_SET
    lines = [texts.DIGEST_CHANNEL.format(channel=channel)]
    lines = [texts.HELPERS_PING, *lines] if settings.helpers_ping else lines
    return "\n".join([*lines, *([texts.SOLVED_ON] if settings.solved_tag else [])])


def conversation_settings_text(settings: ServerSettings) -> str:
    """Return how the bot meets small talk, and what it does about questions from while it was away."""
    minutes = settings.missed_minutes
    missed = texts.MISSED_ANSWERED.format(minutes=minutes) if minutes else texts.MISSED_LEFT
    return texts.CONVERSATION_SETTINGS.format(
        reactions=texts.REACTIONS_ON if settings.reactions else texts.REACTIONS_OFF, missed=missed
    )


def question_policy_text(policy: QuestionPolicy) -> str:
    """Return what is stored of questions, and what stops working because of it."""
    return texts.QUESTION_POLICIES[policy.kind].format(days=policy.days)


def channel_settings_text(settings: ServerSettings, channel_id: int) -> str:
    """Return the settings of a channel or category in one line."""
    key = str(channel_id)
    parts = [texts.MODES[settings.modes[key]]] if key in settings.modes else []
    parts += [min_confidence_text(settings.floors[key])] if key in settings.floors else []
    parts += [reply_mode_text(thread=settings.in_threads[key])] if key in settings.in_threads else []
    if key in settings.collections:
        parts.append(texts.CHANNEL_COLLECTIONS.format(names=listed(settings.collections[key])))
    return f"<#{channel_id}>: {' · '.join(parts) or texts.NOT_SET}"


def min_confidence_text(min_confidence: float) -> str:
    """Return in words the lowest confidence at which the bot answers without being asked."""
    return texts.FLOOR.format(word=min_confidence_in_words(min_confidence)) if min_confidence else texts.FLOOR_NONE


def reply_mode_text(*, thread: bool) -> str:
    """Return in words whether unprompted answers go to a new thread or are replies."""
    return texts.IN_THREADS if thread else texts.IN_REPLIES


def stats_text(stats: Stats, titles: Sequence[str | None], days: int, guild_id: int) -> str:
    """Return a server's figures; `titles` belong to `stats.most_quoted`, None for an article that was removed."""
    if not stats.questions:
        return texts.STATS_NOTHING.format(days=days)
    votes = stats.helpful + stats.unhelpful
    lines = [
        texts.STATS_HEADING.format(days=days, count=stats.questions),
        texts.STATS_OUTCOMES.format(
            answered=_share(stats.answered, stats.questions),
            closest=_share(stats.closest, stats.questions),
            not_covered=_share(stats.not_covered, stats.questions),
        ),
        texts.STATS_HELPFUL.format(share=_share(stats.helpful, votes), votes=votes) if votes else texts.STATS_NO_VOTES,
        texts.STATS_TIMES.format(median=stats.median_ms / 1000, slowest=stats.slowest_ms / 1000)
        + _slowest(stats, guild_id),
    ]
    quoted = [
        f"{count} × {_line(title) if title else texts.ARTICLE_GONE}"
        for title, (_, count) in zip(titles, stats.most_quoted, strict=True)
    ]
    return "\n".join([*lines, *_figures(stats.days), *([texts.STATS_QUOTED, *quoted] if quoted else [])])


def _figures(days: Sequence[Day]) -> list[str]:
    """Return the figures of the chart in small text: a line for each day or, if there are many, for seven days each."""
    if not days:
        return []
    step = 1 if len(days) <= _MAX_DAY_LINES else 7
    rows = [days[max(0, end - step) : end] for end in range(len(days), 0, -step)]
    return [texts.STATS_TABLE, *(f"-# {_figures_line(row)}" for row in reversed(rows))]


def day_mark(day: date, style: str = "d") -> str:
    """Return Discord's mark for a day, which each member reads in their own language; noon is that day nearly anywhere.

    `style` is "d" for numbers, "D" for a written month.
    """
    return f"<t:{int(datetime.combine(day, time(12), UTC).timestamp())}:{style}>"


def _figures_line(days: Sequence[Day]) -> str:
    counts = {name: sum(getattr(day, name) for day in days) for name in ("answered", "closest", "not_covered")}
    values = {**counts, "count": sum(counts.values())}
    if len(days) == 1:
        return texts.STATS_TABLE_DAY.format(date=day_mark(days[0].date), **values)
    return texts.STATS_TABLE_DAYS.format(first=day_mark(days[0].date), last=day_mark(days[-1].date), **values)


def _slowest(stats: Stats, guild_id: int) -> str:
    """Return a link to the slowest answer in brackets, or an empty string if it is unknown."""
    if stats.slowest is None:
        return ""
    address = f"https://discord.com/channels/{guild_id}/{stats.slowest.channel_id}/{stats.slowest.message_id}"
    return f" ({link(texts.STATS_SLOWEST, address)})"


def gaps_text(gaps: Sequence[Gap], days: int, members: int, places: Sequence[str]) -> str:
    """Return the unanswered questions, as many as fit into a message, each with what `gap_places_text` returned."""
    if not gaps:
        return texts.GAPS_NOTHING.format(days=days, members=members)
    lines = [
        texts.GAP_PLACES.format(gap=gap_line(gap), places=where) if where else gap_line(gap)
        for gap, where in zip(gaps, places, strict=True)
    ]
    return join_fitting([texts.GAPS_HEADING.format(days=days, members=members), *lines], _MAX_TEXT)


def gap_places_text(channels: Sequence[int], limits: Mapping[int, Sequence[str]]) -> str:
    """Return the first channels that a question was asked in, with the collections they are limited to by channel."""
    places = []
    for channel_id in channels[:_MAX_PLACES]:
        names, channel = limits.get(channel_id, ()), f"<#{channel_id}>"
        limited = texts.GAP_PLACE.format(channel=channel, names=listed(names, _MAX_NAMED))
        places.append(limited if names else channel)
    return ", ".join(places)


def gap_line(gap: Gap) -> str:
    """Return a question without an answer, with how many members asked it, how often, and who wants it covered."""
    line = texts.GAP.format(members=gap.members, times=gap.times, question=_line(gap.question))
    return f"{line} · {texts.GAP_WANTED.format(count=gap.wanted)}" if gap.wanted else line


def why_text(
    answer: StoredAnswer, quotes: Sequence[Quote | None], answer_confidence: float, closest_confidence: float
) -> str:
    """Return the explanation of an answer: its outcome, the thresholds, and every quote that was considered.

    `quotes` are those of the stored answer, None where the article has changed. The confidences are the thresholds of
    the outcomes `Answer` and `Closest`.
    """
    lines = [
        texts.WHY_QUESTION.format(question=_line(answer.question)),
        texts.WHY_OUTCOME.format(outcome=texts.OUTCOMES[answer.outcome], confidence=answer.confidence),
        texts.WHY_THRESHOLDS.format(answer=answer_confidence, closest=closest_confidence),
        texts.WHY_TIME.format(seconds=answer.elapsed_ms / 1000),
    ]
    for rank, (stored, quote) in enumerate(zip(answer.quotes, quotes, strict=True)):
        words = escape(beginning(display_line(quote.text), _MAX_LINE)) if quote else texts.SOURCE_CHANGED
        title = f"**{_line(quote.title) or texts.UNTITLED}**: " if quote else ""
        shown = texts.WHY_SHOWN if rank < answer.shown else ""
        score = texts.CHOSEN if stored.chosen else f"{stored.confidence:.3f}"
        lines.append(f"{rank + 1}. {score}{shown} {title}{words}")
    return join_fitting(lines, _MAX_TEXT)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _line(text: str) -> str:
    return escape(shorten(display_line(text), _MAX_LINE))

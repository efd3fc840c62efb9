"""What `/verbatim` tells those who run a server, as texts: settings, figures, gaps, and why an answer came about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.ui.escape import escape, link, one_line, units
from cogs.ui.truncate import shortened
from i18n import texts
from i18n.languages import LANGUAGES
from i18n.phrases import confidence_in_words
from qa.outcome import Quote
from storage.analytics import Gap, Stats
from storage.models import ServerSettings, StoredAnswer

FLOORS: Final = (0.0, *(least for least, _ in reversed(texts.CONFIDENCE) if least))  # to choose from
_OF_EACH: Final = "each"
_MAX_LINE: Final = 150
_MAX_TEXT: Final = 3900  # UTF-16 units of one message, with room for a heading


def languages_to_choose() -> dict[str, str]:
    """Return the languages that can be set for a server by what a choice carries, which Discord wants not empty."""
    return {_OF_EACH: texts.LANGUAGE_OF_EACH, **{code: language.name for code, language in LANGUAGES.items()}}


def chosen_language(value: str) -> str:
    """Return the setting that a choice stands for; empty means each member's own."""
    return value if value in LANGUAGES else ""


def settings_text(settings: ServerSettings) -> str:
    """Return a server's settings, a line each."""
    channel, role = settings.helpers_channel, settings.helpers_role
    unasked = texts.CHANNEL_UNASKED.format(floor=floor_text(settings.floor), way=way_text(thread=settings.threads))
    general = texts.SETTINGS.format(
        state=texts.STATE_PAUSED if settings.paused else texts.STATE_ANSWERING,
        language=languages_to_choose().get(settings.language, texts.LANGUAGE_OF_EACH),
        layout=texts.LAYOUT_PLAIN if settings.plain else texts.LAYOUT_RICH,
        channel=f"<#{channel}>" if channel else texts.NOT_SET,
        role=f"<@&{role}>" if role else texts.NOT_SET,
        member=settings.member_limit or texts.NO_LIMIT,
        each=settings.channel_limit or texts.NO_LIMIT,
        server=settings.server_limit or texts.NO_LIMIT,
    )
    return _fitting([general, unasked, *(place_text(settings, place) for place in settings.places)])


def place_text(settings: ServerSettings, place: int) -> str:
    """Return what is set for a channel or category, in one line."""
    key = str(place)
    parts = [texts.MODES[settings.modes[key]]] if key in settings.modes else []
    parts += [floor_text(settings.floors[key])] if key in settings.floors else []
    parts += [way_text(thread=settings.in_threads[key])] if key in settings.in_threads else []
    return f"<#{place}>: {' · '.join(parts) or texts.NOT_SET}"


def floor_text(floor: float) -> str:
    """Return in words from which confidence on the bot speaks unasked."""
    return texts.FLOOR.format(word=confidence_in_words(floor)) if floor else texts.FLOOR_NONE


def way_text(*, thread: bool) -> str:
    """Return in words where the bot answers unasked."""
    return texts.IN_THREADS if thread else texts.IN_REPLIES


def stats_text(stats: Stats, titles: Sequence[str | None], days: int, guild_id: int) -> str:
    """Return a server's figures; `titles` are those of `stats.most_quoted`, None for an article that is gone."""
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
    return "\n".join([*lines, *([texts.STATS_QUOTED, *quoted] if quoted else [])])


def _slowest(stats: Stats, guild_id: int) -> str:
    """Return a link to the slowest answer, where others may see it."""
    if stats.slowest is None:
        return ""
    place = f"https://discord.com/channels/{guild_id}/{stats.slowest.channel_id}/{stats.slowest.message_id}"
    return f" ({link(texts.STATS_SLOWEST, place)})"


def gaps_text(gaps: Sequence[Gap], days: int, members: int) -> str:
    """Return what was asked and not answered, as many lines as fit."""
    if not gaps:
        return texts.GAPS_NOTHING.format(days=days, members=members)
    lines = [texts.GAP.format(members=gap.members, times=gap.times, question=_line(gap.question)) for gap in gaps]
    return _fitting([texts.GAPS_HEADING.format(days=days, members=members), *lines])


def why_text(given: StoredAnswer, quotes: Sequence[Quote | None], answer: float, closest: float) -> str:
    """Return what an answer was weighed from; `answer` and `closest` are the thresholds of the outcomes."""
    lines = [
        texts.WHY_QUESTION.format(question=_line(given.question)),
        texts.WHY_OUTCOME.format(outcome=texts.OUTCOMES[given.outcome], confidence=given.confidence),
        texts.WHY_THRESHOLDS.format(answer=answer, closest=closest),
        texts.WHY_TIME.format(seconds=given.elapsed_ms / 1000),
    ]
    for rank, (kept, quote) in enumerate(zip(given.quotes, quotes, strict=True)):
        words = _line(quote.text) if quote else texts.SOURCE_CHANGED
        title = f"**{_line(quote.title) or texts.UNTITLED}**: " if quote else ""
        shown = texts.WHY_SHOWN if rank < given.shown else ""
        score = texts.WHY_CHOSEN if kept.chosen else f"{kept.confidence:.3f}"
        lines.append(f"{rank + 1}. {score}{shown} {title}{words}")
    return _fitting(lines)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _line(text: str) -> str:
    return escape(shortened(one_line(text), _MAX_LINE))


def _fitting(lines: Sequence[str]) -> str:
    """Return as many lines as fit into a message."""
    kept: list[str] = []
    room = _MAX_TEXT
    for line in lines:
        room -= units(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept)

"""The message of a call for a human in the helpers' channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.ui.answer_card import Card, Colour, render_quotes
from cogs.ui.escape import link, utf16_length
from cogs.ui.limits import MAX_TEXT
from cogs.ui.truncate import escaped_name
from i18n import texts
from qa.outcome import Quote
from storage.human_calls import HumanCall

_MAX_QUESTION: Final = 250
_FOOTER: Final = 200  # UTF-16 units for the state of the call, whatever it becomes


def call_card(call: HumanCall, question: str, quotes: Sequence[Quote], *, asker_reads: bool) -> Card:
    """Return the card of a new call: the question, who asks and where, and the nearest quotes, letter for letter.

    `question` is empty if it may not be shown to the helpers. `asker_reads` says whether the member who asks can read
    the helpers' channel.
    """
    member = f"<@{call.asker_id}>"
    wanted = [texts.CALL_WANTED.format(member=member), link(texts.CALL_OPEN_QUESTION, call.question_link) or ""]
    lines = [
        " ".join(filter(None, wanted)),
        "" if asker_reads else texts.CALL_ELSEWHERE.format(member=member),
        f"-# {texts.CALL_QUOTES if quotes else texts.CALL_NO_QUOTES}",
    ]
    heading = f"**{escaped_name(question, _MAX_QUESTION)}**" if question else ""
    statement = "\n".join(filter(None, lines))
    available = MAX_TEXT - utf16_length(heading) - utf16_length(statement) - _FOOTER
    footer = call_state(call)
    return Card(_colour(call), heading, statement, render_quotes(quotes, available), footer)


def updated_card(call: HumanCall, sent: Sequence[str]) -> Card:
    """Return the card of a sent call in its present state; `sent` are the texts of its message."""
    if call.withdrawn:
        return Card(_colour(call), "", texts.CALL_WITHDRAWN, (), "")
    *above, _ = sent or [""]
    quotes = tuple(text for text in above if _is_quote(text))
    statement = "\n\n".join(text for text in above if text not in quotes)
    return Card(_colour(call), "", statement, quotes, call_state(call))


def call_state(call: HumanCall) -> str:
    """Return who answers a call, in small type."""
    if call.resolved_at is not None:
        return f"-# {texts.CALL_RESOLVED}"
    if call.claimed_by is not None:
        return f"-# {texts.CALL_CLAIMED.format(member=f'<@{call.claimed_by}>')}"
    return f"-# {texts.CALL_OPEN}"


def _colour(call: HumanCall) -> Colour:
    if call.withdrawn:
        return Colour.NOT_COVERED
    if call.resolved_at is not None:
        return Colour.ANSWER
    return Colour.CLOSEST if call.claimed_by is None else Colour.READING


def _is_quote(text: str) -> bool:
    return any(line.startswith("> ") for line in text.splitlines())

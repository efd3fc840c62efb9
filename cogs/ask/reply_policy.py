"""When the bot keeps silent: the one place that decides it, as a table of plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.models import Mode


class SilenceReason(StrEnum):
    """Why a message is not answered; the words are for the log."""

    MACHINE = "a machine wrote it"
    OFF = "the channel is switched off"
    NOT_ADDRESSED = "it does not speak to the bot"
    CLOSED = "the post is solved or locked"
    LEFT = "a moderator has spoken in the thread"
    FOLLOW_UP = "a forum post is answered once"
    CONVERSATION = "it replies to somebody else"
    TOO_SHORT = "it is too short"
    NO_QUESTION = "it asks nothing"


@dataclass(frozen=True, slots=True)
class HeardMessage:
    """A message as the rules see it, or several of one author in quick succession.

    `text` is without mentions. `addressed` means a mention, a reply to the bot that pings it, or a direct
    message. `closed` posts are solved, locked or archived; a thread is `left` to people once a moderator has
    spoken there. In a forum, `opening` is a post's first message (its title stands before the text).
    """

    text: str
    mode: Mode
    addressed: bool = False
    machine: bool = False
    closed: bool = False
    left: bool = False
    in_forum: bool = False
    opening: bool = False
    replies_to_other: bool = False


_LEAST_CHARACTERS: Final = 6  # letters and digits; less than this asks nothing that could be looked up
# A character of Chinese, Japanese or Korean says as much as three others.
_DENSE: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_ADDRESS: Final = re.compile(r"\w+://\S+")
_MARK: Final = re.compile(r"[?？؟;⁇⁈]+[\"'”’»)*_~]*(?:\s|$)|[?？؟]")
_OPENINGS: Final = (
    "who|whom|whose|what|whats|what's|when|where|wheres|where's|why|how|hows|how's|which|"
    "is there|are there|is it|is this|is that|can|could|does|do|did|will|would|should|may|has|have|"
    "anyone know|anybody know|does anyone|does anybody|do you|i wonder|i was wondering|"
    "i need help|help with|tell me|explain"
)
_ASKS: Final = re.compile(
    rf"(?:^|[.!,:\n]\s*)(?:(?:hi|hello|hey|ok|so|and|but|also|please)\b[ ,!.]*)*(?:{_OPENINGS})\b", re.IGNORECASE
)


def why_silent(heard: HeardMessage) -> SilenceReason | None:
    """Return why a message is not answered, None where it is. The first rule that fits decides."""
    rules = (
        (heard.machine, SilenceReason.MACHINE),
        (heard.mode is Mode.OFF, SilenceReason.OFF),
        (heard.addressed, None),
        (not heard.mode.listens, SilenceReason.NOT_ADDRESSED),
        (heard.closed, SilenceReason.CLOSED),
        (heard.in_forum and not heard.opening, SilenceReason.FOLLOW_UP),
        (heard.left, SilenceReason.LEFT),
        (heard.replies_to_other, SilenceReason.CONVERSATION),
        (_says(heard.text) < _LEAST_CHARACTERS, SilenceReason.TOO_SHORT),
        (heard.mode is Mode.QUESTIONS and not heard.opening and not asks(heard.text), SilenceReason.NO_QUESTION),
    )
    return next((silence for applies, silence in rules if applies), None)


def _says(text: str) -> int:
    """Return how much a message says, in letters and digits."""
    return sum(map(str.isalnum, text)) + 2 * len(_DENSE.findall(text))


def asks(text: str) -> bool:
    """Tell whether a message looks like a question: by its mark in any language, or by its first words in English."""
    plain = _ADDRESS.sub(" ", text)
    return bool(_MARK.search(plain) or _ASKS.search(plain))

"""Decides whether a message is answered, as a table of rules over plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.models import Mode


class SilenceReason(StrEnum):
    """Why a message is not answered; the values appear in the log."""

    AUTOMATIC = "a bot, a webhook or Discord wrote it"
    OFF = "the channel is switched off"
    NOT_ADDRESSED = "it does not address the bot"
    CLOSED = "the post is solved or locked"
    MODERATOR = "the thread is left to people"
    FOLLOW_UP = "a forum post is answered once"
    REPLY_TO_OTHER = "it replies to somebody else"
    TOO_SHORT = "it is too short"
    NO_QUESTION = "it contains no question"


@dataclass(frozen=True, slots=True)
class ReplyCandidate:
    """A message, or a burst of messages of one author, as the rules see it.

    Attributes:
        text: The text without mentions; for the opening message of a forum post with the title before it.
        mode: The mode of the channel.
        addressed: Whether it mentions the bot, replies to it with a ping, or is a direct message.
        automatic: Whether a bot, a webhook or Discord itself wrote it.
        closed: Whether its thread is solved, locked or archived.
        moderated: Whether the thread is left to people, for instance because a moderator has written in it.
        in_forum: Whether it is in a forum post.
        opening: Whether it opens a forum post.
        replies_to_other: Whether it is a reply to another message.
    """

    text: str
    mode: Mode
    addressed: bool = False
    automatic: bool = False
    closed: bool = False
    moderated: bool = False
    in_forum: bool = False
    opening: bool = False
    replies_to_other: bool = False


_LEAST_CHARACTERS: Final = 6  # letters and digits; shorter messages contain no question that can be searched
# One Chinese, Japanese or Korean character counts as three others.
_DENSE: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_URL: Final = re.compile(r"(?<!\w)\w++://\S++")
_QUESTION_MARK: Final = re.compile(r"(?<![?？؟;⁇⁈])[?？؟;⁇⁈]++[\"'”’»)*_~]*+(?:\s|$)|[?？؟]")
_FIRST_WORDS: Final = (
    "who|whom|whose|what|whats|what's|when|where|wheres|where's|why|how|hows|how's|which|"
    "is there|are there|is it|is this|is that|can|could|does|do|did|will|would|should|may|has|have|"
    "anyone know|anybody know|does anyone|does anybody|do you|i wonder|i was wondering|"
    "i need help|help with|tell me|explain"
)
_QUESTION_START: Final = re.compile(
    rf"(?:^|[.!,:\n][^\S\n]*+)(?:(?:hi|hello|hey|ok|so|and|but|also|please)\b *+)*+(?:{_FIRST_WORDS})\b", re.IGNORECASE
)


def silence_reason(candidate: ReplyCandidate) -> SilenceReason | None:
    """Return why a message is not answered; None if it is. The first rule that applies decides."""
    rules = (
        (candidate.automatic, SilenceReason.AUTOMATIC),
        (candidate.mode is Mode.OFF, SilenceReason.OFF),
        (candidate.addressed, None),
        (not candidate.mode.listens, SilenceReason.NOT_ADDRESSED),
        (candidate.closed, SilenceReason.CLOSED),
        (candidate.in_forum and not candidate.opening, SilenceReason.FOLLOW_UP),
        (candidate.moderated, SilenceReason.MODERATOR),
        (candidate.replies_to_other, SilenceReason.REPLY_TO_OTHER),
        (_length(candidate.text) < _LEAST_CHARACTERS, SilenceReason.TOO_SHORT),
        (
            candidate.mode is Mode.QUESTIONS and not candidate.opening and not looks_like_question(candidate.text),
            SilenceReason.NO_QUESTION,
        ),
    )
    return next((reason for applies, reason in rules if applies), None)


def _length(text: str) -> int:
    """Return the number of letters and digits; a Chinese, Japanese or Korean character counts three."""
    return sum(map(str.isalnum, text)) + 2 * len(_DENSE.findall(text))


def looks_like_question(text: str) -> bool:
    """Whether a text contains a question mark of any script, or a sentence that starts like an English question."""
    plain = _URL.sub(" ", text)
    return bool(_QUESTION_MARK.search(plain) or _QUESTION_START.search(plain))

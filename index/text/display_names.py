"""Titles, paths and questions as they are displayed: on one line, without what cannot be seen. Not for quotes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Controls and lone surrogates, and the blank of Braille, which is as wide as a space.
_BLANK: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2800\ud800-\udfff]+")
# Fillers, marks of text direction, and other characters without a width of their own (Unicode's Default_Ignorable).
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Joiners join only what is beside them: letters of Persian and Indic scripts, and parts of an emoji.
_JOINERS: Final = re.compile("(?<=[\u200c\u200d])[\u200c\u200d]+|(?<!\\S)[\u200c\u200d]+|[\u200c\u200d]+(?!\\S)")
_MAX_MARKS: Final = 5  # on one letter; Hebrew with accents, Thai and Tibetan need no more


def display_line(text: str) -> str:
    """Return a title, path or question on one line, with what its reader sees of it.

    White space and control characters are collapsed to single spaces. Characters that are invisible or change the
    direction of text are removed, and so are the combining marks of a letter after the fifth, which would cover the
    lines around it.
    """
    if not text.isascii():
        text = _without_towers(_JOINERS.sub("", _UNSEEN.sub("", text)))
    return " ".join(_BLANK.sub(" ", text).split())


def _without_towers(text: str) -> str:
    """Return a text with at most five combining marks on a letter, and none without a letter."""
    kept: list[str] = []
    marks = _MAX_MARKS
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else _MAX_MARKS if char.isspace() else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)

"""Tells slips of the pen from other words: by the letters of a word as typed and as written, not by their stems.

Damerau 1964: a dropped, added, exchanged or transposed letter explains most misspellings. In a short name an exchanged
letter, or a different ending, may as well be another name, such as Kagami and Kagame.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Final, Literal

from rapidfuzz.distance import OSA

MIN_LETTERS: Final = 5  # of a word that may be misspelt
_MIN_MISSING: Final = 6  # letters of a word in which one more is surely missing
_LONG: Final = 8  # letters of a word in which any other edit is surely a slip, and which may have two
_ENDING: Final = 2  # letters that often differ between two names

Slip = Literal["sure", "doubtful"]


def slip_between(typed: str, written: str) -> Slip | None:
    """Return whether a typed word is a misspelling of a written one, both folded, or None if it is not.

    "sure" is a transposed or doubled letter, or one edit before the ending of a word that is long enough; "doubtful"
    are other single edits, and two edits in a word of at least eight letters.
    """
    allowed = 0 if len(typed) < MIN_LETTERS else 1 if len(typed) < _LONG else 2
    if typed[:1] != written[:1] or typed == written:  # the first letter is hardly ever mistyped
        return None
    edits = OSA.distance(typed, written, score_cutoff=allowed)
    if edits > allowed:
        return None
    return "sure" if edits == 1 and _is_sure(typed, written) else "doubtful"


def _is_sure(typed: str, written: str) -> bool:
    """Whether one edit is most likely a slip."""
    shorter, longer = sorted((typed, written), key=len)
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(shorter, longer, strict=False))))
    inside = same < len(longer) - _ENDING
    if len(shorter) < len(longer):
        return longer[same] == longer[same - 1] or (
            inside and len(typed) >= (_LONG if typed == longer else _MIN_MISSING)
        )
    return typed[same + 1 :] != written[same + 1 :] or (inside and len(typed) >= _LONG)

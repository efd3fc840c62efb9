"""Join two lines of a paragraph: a hyphen that only breaks a word goes, the hyphen of a compound stays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from index.parsers.pdf.pieces import HYPHENS

_WORD: Final = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_BROKEN: Final = re.compile(rf"(?<![^\W\d_])(?<![^\W\d_][-‐])([^\W\d_]++(?:[-‐][^\W\d_]++)*+)[-‐{HYPHENS}]$")
_REST: Final = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_UNSPACED: Final = re.compile(r"[\w/\ufffd][-‐–/@_]$")  # 2019-|2020, 737–|9, and/|or, https://|www
_MIN_PART: Final = 4  # letters of each part that the text must also have as a word

# English compounds that are written with a hyphen, by their first and last words.
_FIRST: Final = frozenset(
    """well self non ex cross half quasi all mixed single multi double
    twenty thirty forty fifty sixty seventy eighty ninety""".split()
)
_LAST: Final = frozenset(
    """known based effective free friendly oriented specific year day week month term time scale level ended handed
    sized shaped minded fledged lived made built born bound driven led related reviewed defined dependent efficient
    intensive consuming saving proof rich poor wide long high deep speed quality purpose hand step way fold ready
    aware facing looking going running standing depth page line side sided hour minute metre meter mile foot inch
    masted storey story like out up down off in law mode point""".split()
)
_NEVER_FIRST: Final = frozenset(
    """in un re de dis en ex im inter mis out over under pre pro sub super trans be fore counter con com per ac ad al an
    ap as at ob op po so to tor tri bi mo mu ma no na""".split()
)
_SUFFIXES: Final = frozenset(
    "ness less able ment ments ward wards wise ship hood ence ance tion sion ings ence".split()
)


def words_of(texts: Iterable[str]) -> Counter[str]:
    """Return how often each word occurs within a line, in lower case; a hyphenated compound is one word.

    The parts of words that are broken at the end of a line are not counted.
    """
    words = Counter[str]()
    is_broken = False
    for text in texts:
        found = [word.lower().replace("‐", "-") for word in _WORD.findall(text)]
        was_broken, is_broken = is_broken, _BROKEN.search(text) is not None
        words.update(found[was_broken : len(found) - is_broken])
    return words


def join_lines(above: str, below: str, words: Counter[str]) -> tuple[str, int]:
    """Return two lines joined, and the offset at which the second begins in the result.

    A word broken at a hyphen is spelled as in the rest of the text, whose words `words` counts; if it occurs nowhere
    else, its parts decide.
    """
    broken, rest = _BROKEN.search(above), _REST.match(below)
    if broken is None or rest is None:
        if above and above[-1] in HYPHENS:
            above = f"{above[:-1]}-"
            return above + below, len(above)
        if _UNSPACED.search(above) and below[:1].isalnum():
            return above + below, len(above)
        return f"{above} {below}", len(above) + 1
    if not below[0].islower():
        start = f"{above[:-1]}-"
        return start + below, len(start)
    start = f"{above[:-1]}-" if _keeps_hyphen(broken[1].lower(), rest[0].lower(), words) else above[:-1]
    return start + below, len(start)


def _keeps_hyphen(first: str, rest: str, words: Counter[str]) -> bool:
    whole, hyphened = words[first + rest], words[f"{first}-{rest}"]
    if whole or hyphened:
        return hyphened > whole
    if "-" in first or rest in _SUFFIXES:
        return False
    one, other = first.rpartition("-")[2], rest.partition("-")[0]
    if one in _FIRST and len(other) >= _MIN_PART - 1:
        return True
    if other in _LAST and len(one) >= _MIN_PART - 1 and one not in _NEVER_FIRST:
        return True
    return min(len(one), len(other)) >= _MIN_PART and bool(words[one] and words[other])

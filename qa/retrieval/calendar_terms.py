"""Finds weekdays, months and years in English texts, also those that a range covers: "Mon-Fri", "1970 to 1980"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)  # fmt: skip
_SHORT: Final = {"tuesday": "tues", "thursday": "thurs|thur", "september": "sept"}  # beside the first three letters
_AMBIGUOUS: Final = frozenset("mon wed sat sun march mar may".split())  # also other words, if in lower case
_LEAD: Final = re.compile(
    r"\b(?:on|in|of|by|until|till|to|through|since|during|from|before|after|next|last|this|every|each|early|late|mid|"
    r"and|or|\d{1,2})[ -]\Z",
    re.IGNORECASE,
)
_RANGE: Final = r"\.?\s*(?:[-\u2010-\u2015]|to|through|thru|until|till)\s*"
_YEAR: Final = re.compile(r"(?<![\d.,$\u20ac\u00a3:/-])(1\d{3}|20\d\d)(?![\w%]|[.,:]\d|['\u2019]s)")
_YEARS: Final = re.compile(
    r"(?<!\d)(1\d{3}|20\d\d)\s*(?:[-\u2010-\u2015/]|to|until|till|through|and)\s*(\d{4}|\d\d)(?!\d)"
)
_DECADE: Final = re.compile(r"(?<!\d)(1\d{2}0|20\d0)['\u2019]?s\b")
_SINCE: Final = re.compile(r"\b(?:since|from|after)\s+(1\d{3}|20\d\d)\b(?!\s*(?:[-\u2010-\u2015]|to|until|till)\b)")
_DAYS_OF: Final = (  # what covers several weekdays, with the first and the last of them
    (re.compile(r"\b(?:weekdays?|(?:working|business|week)[ -]days?)\b", re.IGNORECASE), 0, 4),
    (re.compile(r"\bweek-?ends?\b", re.IGNORECASE), 5, 6),
    (re.compile(r"\b(?:daily|(?:every|each|any) day|(?:7|seven) days|all week|24/7)\b", re.IGNORECASE), 0, 6),
)

CalendarKind = Literal["weekday", "month", "year"]


def _pattern(words: Sequence[str]) -> str:
    return "|".join(rf"{word}s?|{_SHORT.get(word, word[:3])}|{word[:3]}" for word in words)


def _patterns(words: Sequence[str]) -> tuple[Sequence[str], re.Pattern[str], re.Pattern[str]]:
    """Return the words of one kind, the pattern of one of them, and that of a range."""
    one = _pattern(words)
    return (
        words,
        re.compile(rf"(?<![\w'-])(?:{one})(?![\w'])", re.IGNORECASE),
        re.compile(rf"(?<!\w)({one}){_RANGE}({one})(?!\w)", re.IGNORECASE),
    )


_NAMES: Final[dict[CalendarKind, tuple[Sequence[str], re.Pattern[str], re.Pattern[str]]]] = {
    "weekday": _patterns(WEEKDAYS),
    "month": _patterns(MONTHS),
}


def calendar_terms(text: str) -> Iterator[tuple[CalendarKind, str, int, int]]:
    """Yield kind, key, start and end of each weekday, month and year; a key is a full name or four digits."""
    for kind, (words, single, _) in _NAMES.items():
        for match in single.finditer(text):
            if _is_meant(text, match):
                yield kind, _full(match[0], words), match.start(), match.end()
    for match in _YEAR.finditer(text):
        yield "year", match[1], match.start(), match.end()


def covers(text: str, kind: CalendarKind, key: str) -> bool:
    """Whether a range, a decade or a word such as "weekdays" or "daily" in a text covers a term of this kind."""
    if kind == "year":
        return _covers_year(text, int(key))
    words, _, pair = _NAMES[kind]
    at = words.index(key)
    ends = [(words.index(_full(m[1], words)), words.index(_full(m[2], words))) for m in pair.finditer(text)]
    if kind == "weekday":
        ends += [(first, last) for pattern, first, last in _DAYS_OF if pattern.search(text)]
    return any(first <= at <= last or (last < first and not last < at < first) for first, last in ends)


def _covers_year(text: str, year: int) -> bool:
    for match in _YEARS.finditer(text):
        last = match[2] if len(match[2]) == 4 else match[1][:2] + match[2]
        if int(match[1]) <= year <= int(last):
            return True
    decade = any(int(match[1]) <= year <= int(match[1]) + 9 for match in _DECADE.finditer(text))
    return decade or any(int(match[1]) <= year for match in _SINCE.finditer(text))


def _full(written: str, words: Sequence[str]) -> str:
    return next(word for word in words if word.startswith(written[:3].lower()))


def _is_meant(text: str, match: re.Match[str]) -> bool:
    """Whether a word is the name of a day or month, not "sat", "may" or "march" in another meaning."""
    word = match[0]
    if word.lower() not in _AMBIGUOUS:
        return len(word) > 3 or word[0].isupper() or word.lower() not in {"fri", "dec", "jun"} or _is_led(text, match)
    first = not text[: match.start()].rstrip() or text[: match.start()].rstrip()[-1] in ".!?:>"
    if word[0].isupper() and (not first or not re.match(r" (?:[a-z]|I\b)", text[match.end() :])):
        return True
    return _is_led(text, match) or bool(re.match(r"\.? ?\d", text[match.end() :]))


def _is_led(text: str, match: re.Match[str]) -> bool:
    return bool(_LEAD.search(text, max(0, match.start() - 9), match.start()))

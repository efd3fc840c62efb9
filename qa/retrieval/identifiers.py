"""Recognises what must match letter for letter: codes, versions, model names, ordinals, years, weekdays and months.

Each has a canonical key, the same for all its spellings: E-114, e114 and "E 114", or 2.0, v2.0 and "version 2.0".
A decimal number is a version only where it is written like one, so that "2.5 kg" and "3.5 million" are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from index.text.analyzer import content_terms
from qa.retrieval.calendar_terms import CalendarKind, calendar_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["hexadecimal", "code", "error number", "version", "numbered name", "ordinal"] | CalendarKind

_HEX: Final = re.compile(r"(?<!\w)0x[0-9a-f]{2,}(?!\w)", re.IGNORECASE)
_ERROR: Final = re.compile(
    r"\b(?:error|err|code|errno|status|fault)s?(?: (?:code|number|no\.|status))?[ :#]+(\d{1,6})(?![\w.,:]*\d|%)",
    re.IGNORECASE,
)
VERSION_WORD: Final = r"(?:versions?|releases?|ver\.?|v\.?)"
_VERSION: Final = re.compile(
    rf"(?<![\w.,:/$\u20ac\u00a3-])(?P<word>{VERSION_WORD} ?)?(?P<number>\d+(?:\.\d+){{1,3}})(?![%\d]|[.,:/]\d)",
    re.IGNORECASE,
)
_MAJOR_VERSION: Final = re.compile(
    r"(?<!\w)(?:versions? |ver\.? |v\.? ?)(?P<number>\d{1,3})(?!\w|[.,]\d)", re.IGNORECASE
)
_CODE: Final = re.compile(
    r"(?<![\w.'\u2019/-])(?P<letters>[A-Za-z]{1,8})(?P<gap>[-_ ]?)(?P<digits>\d{1,8}(?:[-_]\d+)*[A-Za-z]?)"
    r"(?!\w|[.,:]\d|%)"
)
_NUMBERED: Final = re.compile(r"(?<![\w'\u2019-])(?P<word>[A-Za-z]{3,}) (?P<number>\d{1,3})(?!\w|[.,:/]\d|%|-\d)")
_ORDINAL: Final = re.compile(r"(?<![\w.])(\d{1,3})(?:st|nd|rd|th)\b", re.IGNORECASE)
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
# Not an ordinal that counts something: a day of a month, a century, a fraction.
_NOT_COUNTED: Final = re.compile(rf"[ -](?:(?:day )?(?:of )?{_MONTH}\b|centur|anniversar|percentile)", re.IGNORECASE)
_AFTER_MONTH: Final = re.compile(rf"\b{_MONTH}\.? (?:the )?\Z|\b(?:one|two|three|four|\d|a)[ -]\Z", re.IGNORECASE)
_TEENS: Final = (
    "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth"
)
ORDINAL_WORDS: Final = {  # not "first" to "third": they seldom tell two things apart
    word: number for number, word in enumerate(f"{_TEENS} seventeenth eighteenth nineteenth twentieth".split(), 4)
} | {
    f"{ten}{gap}{one}": number + place
    for number, ten in ((20, "twenty"), (30, "thirty"), (40, "forty"), (50, "fifty"))
    for place, one in enumerate("first second third fourth fifth sixth seventh eighth ninth".split(), 1)
    for gap in "- "
}
_ORDINAL_WORD: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(ORDINAL_WORDS, key=len, reverse=True))})(?!\w)", re.IGNORECASE
)
_UNITS: Final = (
    r"percent per times million billion trillion thousand [kmgt]?i?b [mkg]?hz [kmc]?m mm [mk]?g m?l [km]?[vw] ms s h "
    r"hours? minutes? seconds? days? weeks? months? years? inch(?:es)? feet foot ft miles? (?:kilo)?met(?:er|re)s? "
    r"acres? hectares? tons? tonnes? degrees? points? stars? people persons? children dollars? euros? usd eur square "
    r"cubic am pm a\.m p\.m"
)
_QUANTITY: Final = re.compile(rf" ?(?:[$\u20ac\u00a3\u00b0]|(?:{'|'.join(_UNITS.split())})\b)", re.IGNORECASE)
_LEADS_TO_VERSION: Final = frozenset("in since to from before after until using".split())
_NO_PREFIX: Final = frozenset(  # letters before a number that do not make it a code
    "ad bc ce bce am pm us uk eu un usd eur gbp chf no nr pp vol ch ca vs mr mrs dr st rd nd th km mm cm kg ft hr hrs "
    "lb lbs ms mb gb tb kb".split()
)
_PREFIX_WORDS: Final = frozenset("pre post mid non top under over sub multi re un all age aged sept".split())


@dataclass(frozen=True, slots=True)
class Identifier:
    """A code, version and the like: `key` is equal for all spellings of one, and differs between two of a kind."""

    kind: Kind
    key: str

    def is_rival_of(self, other: Identifier) -> bool:
        """Whether both are of one series but different, so that a statement about one is none about the other.

        Codes are of one series if they have the same letters, or as many letters and digits. A version is no rival of
        those that it includes: 2.1 and 2.1.3.
        """
        if self.kind != other.kind or self.key == other.key:
            return False
        if self.kind == "version":
            shorter, longer = sorted((self.key.split("."), other.key.split(".")), key=len)
            return longer[: len(shorter)] != shorter
        if self.kind == "numbered name":
            return self.key.split()[0] == other.key.split()[0]
        return self.kind != "code" or bool(
            {_letters(self.key), _shape(self.key)} & {_letters(other.key), _shape(other.key)}
        )


class Found(NamedTuple):
    """An identifier and its place in the text, in code points."""

    identifier: Identifier
    start: int
    end: int


@lru_cache(maxsize=1024)
def identifiers(text: str, *, question: bool = False) -> frozenset[Identifier]:
    """Return the identifiers in a text; see `locate`."""
    return frozenset(found.identifier for found in locate(text, question=question))


def locate(text: str, *, question: bool = False) -> list[Found]:
    """Return the identifiers in a text with their places, in order; none overlaps another.

    In a question, lower case is no sign against a name, and a decimal number is a version unless a unit follows it.
    """
    found: list[Found] = []
    for one in _all(text, question=question):
        if not any(one.start < other.end and other.start < one.end for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def _all(text: str, *, question: bool) -> Iterator[Found]:
    """Yield what may be identifiers, which may overlap; the surest kinds first."""
    for match in _HEX.finditer(text):
        yield _found("hexadecimal", match[0].lower(), match)
    yield from _versions(text, question=question)
    for match in _ERROR.finditer(text):
        yield Found(Identifier("error number", match[1]), match.start(1), match.end())
    for kind, key, start, end in calendar_terms(text):
        yield Found(Identifier(kind, key), start, end)
    for match in _CODE.finditer(text):
        if _is_code(match, question=question):
            yield _found("code", re.sub(r"[\W_]", "", match[0]).lower(), match)
    yield from _ordinals(text)
    for match in _NUMBERED.finditer(text):
        if _is_numbered_name(text, match, question=question):
            yield _found("numbered name", match[0].lower(), match)


def _found(kind: Kind, key: str, match: re.Match[str]) -> Found:
    return Found(Identifier(kind, key), match.start(), match.end())


def _versions(text: str, *, question: bool) -> Iterator[Found]:
    for match in _VERSION.finditer(text):
        if match["word"] or _is_version(text, match, question=question):
            yield _found("version", _version_key(match["number"]), match)
    for match in _MAJOR_VERSION.finditer(text):
        yield _found("version", match["number"], match)


def _ordinals(text: str) -> Iterator[Found]:
    found = [(match, int(match[1])) for match in _ORDINAL.finditer(text)]
    found += [(match, ORDINAL_WORDS[match[0].lower()]) for match in _ORDINAL_WORD.finditer(text)]
    for match, number in found:
        if not _NOT_COUNTED.match(text, match.end()) and not _AFTER_MONTH.search(text, 0, match.start()):
            yield _found("ordinal", str(number), match)


def _is_version(text: str, match: re.Match[str], *, question: bool) -> bool:
    if match["number"].count(".") == 3 or _QUANTITY.match(text, match.end()):  # four parts are an address
        return False
    before = text[: match.start()].rstrip(" \t*_`\"'([")
    word = re.search(r"(?<![^\W\d_])[^\W\d_]++\Z", before)
    if word and word[0].lower() == "at":  # a time
        return False
    if match["number"].count(".") == 2 or question or not before or before[-1] in "\n#>|":
        return True
    return word is not None and (word[0][0].isupper() or word[0] in _LEADS_TO_VERSION)


def _is_code(match: re.Match[str], *, question: bool) -> bool:
    letters, gap, digits = match["letters"], match["gap"], match["digits"]
    plain = letters.lower()
    if plain in _PREFIX_WORDS or re.fullmatch(_MONTH, plain) or plain in {"v", "ver", "version"}:
        return False
    if not gap:
        return len(letters) < 4 or not letters.islower() or digits[-1].isdigit()
    if gap == " " and plain in _NO_PREFIX:
        return False
    unspoken = not re.search("[aeiouy]", plain) or (len(plain) == 1 and plain not in "ai")
    if gap in "-_":
        return letters.isupper() or unspoken or (letters[0].isupper() and not _is_year(digits))
    is_long_enough = len(re.findall(r"\d", digits)) >= 2 and not _is_year(digits)
    return is_long_enough and (unspoken if question and not letters.isupper() else _is_capital_code(letters, unspoken))


def _is_capital_code(letters: str, unspoken: bool) -> bool:
    return letters.isupper() and len(letters) <= 5 and (unspoken or len(letters) > 1) and bool(content_terms(letters))


def _is_numbered_name(text: str, match: re.Match[str], *, question: bool) -> bool:
    word = match["word"]
    named = question or any(char.isupper() for char in word)
    return (
        named
        and bool(content_terms(word))
        and not re.fullmatch(_MONTH, word.lower())
        and not _QUANTITY.match(text, match.end())
    )


def _is_year(digits: str) -> bool:
    return re.fullmatch(r"(?:1[5-9]|20)\d\d", digits) is not None


def _version_key(number: str) -> str:
    parts = [str(int(part)) for part in number.split(".")]
    while len(parts) > 2 and parts[-1] == "0":
        del parts[-1]
    return ".".join(parts)


def _letters(code: str) -> str:
    return re.sub(r"\d.*", "", code)


def _shape(code: str) -> str:
    return re.sub(r"\d", "9", re.sub("[a-z]", "A", code))

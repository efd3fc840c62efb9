"""Find where sentences of prose end, by the marks between them and by what a language writes full stops after.

Every pattern reads a character at most once or within a bounded window, so the time grows with the length of the text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Final, NamedTuple

from index.models import Span
from index.text.sentence_rules import Rules, rules_of

_WIDE: Final = frozenset("。！？｡．")
# A pattern that begins with a set of characters is searched for at the speed of C.
_MARK: Final = re.compile(
    r"(?P<mark>[.!?…؟۔।॥։።‽;。！？｡．][.!?…؟۔।॥։።‽。！？｡．]*)"
    r"(?P<close>(?:[”’›)\]}*_~`」』】）〕》〉]|[\"'“‘»«‹](?!\w)|\]\([^()\s]*\)|\[[^\[\]\n]{1,40}\](?!\()|:\d{1,4}(?![\w:])"
    r"|[ \u00a0\u202f](?:»|''|\))(?!\w))*)"
)
_NEXT: Final = re.compile(r"\s*(?P<open>(?:[^\w\s]\s?){0,10})(?P<word>[^\W_][\w’'-]*)?")
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uff5f「『（《]")
_OPENING: Final = re.compile('[“„«»「『"]')
_QUOTATION: Final = re.compile(
    "“[^“”]{1,100}”|„[^„“”]{1,100}[“”]|«[^«»]{1,100}»|»(?=\\w)[^«»]{1,100}«|「[^「」]{1,100}」|『[^『』]{1,100}』"
    '|(?<![\\w.,!?])"(?=\\w)[^"]{1,100}"'
)
# What follows the quotation of a speaker who is named after it, in Japanese and Chinese.
_SPEAKER: Final = re.compile(
    "[と\u3041-\u3096]|[^，。！？；：“”「」『』\\s]{1,10}?(?:[说說道问問答喊叫称稱写寫]|表示|认为|認為|指出|解释|解釋|补充|補充|强调|強調)"
    "(?:[道着著过過了])?[，。：；！？]"
)
_GOES_ON: Final = frozenset("/%&=+,;:)")
_HIRAGANA: Final = re.compile("[\u3041-\u3096]")
_QUOTES: Final = frozenset('«“„"¿¡')
_AFTER_QUOTATION: Final = frozenset(",;，、")
_NOWHERE: Final = Span(sys.maxsize, sys.maxsize)
_ROMAN: Final = re.compile(r"[IVXLC]+\b")
_DAY: Final = re.compile(r"\d{1,2}(?:st|nd|rd|th)")
_ACRONYM: Final = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+[^\W\d_]{1,2}")
_MEASURE: Final = re.compile(r"\d[ \u00a0]?[mglhs]$")
_LOWER_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_LIST: Final = 300  # code points before a number in which the one before is looked for
_WINDOW: Final = 40  # code points before a full stop in which its word is looked for


class _Place(NamedTuple):
    """A mark and what surrounds it."""

    text: str
    begin: int  # where the current sentence begins
    mark: re.Match[str]

    @property
    def before(self) -> str:
        """The end of the sentence before the mark."""
        return self.text[max(self.begin, self.mark.start() - _WINDOW) : self.mark.start()]

    @property
    def word(self) -> str:
        """The word before the mark, without quotation marks and brackets before it."""
        before = self.before
        return "" if not before or before[-1].isspace() else before.split()[-1].lstrip("\"'“„«‹»([{*_`¿¡–—-")


def sentence_ends(text: str, language: str | None) -> Iterator[int]:
    """Yield the offsets at which sentences of a run of prose end, the end of `text` excluded."""
    rules = rules_of(language)
    begin = 0
    unbroken = _unbroken(text)
    whole = next(unbroken, _NOWHERE)
    for mark in _MARK.finditer(text):
        end = mark.end()
        if end == len(text):
            return
        while whole.end < end:
            whole = next(unbroken, _NOWHERE)
        if whole.start < end < whole.end:
            continue
        is_wide = mark["mark"][-1] in _WIDE
        if not is_wide and not text[end].isspace() and mark["mark"][-1] not in "!?":
            continue
        place = _Place(text, begin, mark)
        if _ends_wide(place) if is_wide else _ends(place, rules):
            yield end
            begin = end


def _unbroken(text: str) -> Iterator[Span]:
    """Yield the shorter quotations after which their sentence goes on ("It is. I know," he wrote), in order."""
    end = 0
    for opening in _OPENING.finditer(text):
        quotation = _QUOTATION.match(text, opening.start()) if opening.start() >= end else None
        if quotation is None:
            continue
        end = quotation.end()
        following = text[end : end + _WINDOW].lstrip()
        goes_on = following[:1] in _AFTER_QUOTATION or following[:1].islower() or _SPEAKER.match(following)
        if text[end - 2] in ",，" or goes_on:
            yield Span(quotation.start(), end)


def _ends(place: _Place, rules: Rules) -> bool:
    """Return whether a sentence ends with a mark of the Latin, Cyrillic or another script that separates words."""
    text, end = place.text, place.mark.end()
    if not text[end].isspace():
        return place.mark["mark"][-1] in "!?" and _CJK.match(text, place.mark.start() - 1) is not None
    following = _NEXT.match(text, end)
    if following is None or (following["open"][:1] in _GOES_ON and following["open"][:2] != ",,"):
        return False
    word = following["word"]
    if word is None:
        return place.mark["mark"] != ";"
    if place.mark["mark"] == ";":
        return word in rules.starters and not following["open"]
    opened = following["open"].strip()
    if word[0].islower() and not opened.strip("—–-•*_"):
        return not opened.strip("*_") and _ends_before_lower(place, rules)
    return place.mark["mark"] != "." or not _is_inside(place, following, rules)


def _ends_before_lower(place: _Place, rules: Rules) -> bool:
    """Return whether a sentence ends before a lower-case word: in texts without capitals, and after a whole word."""
    word = place.word
    if word in rules.inside or word in rules.numbered or word in rules.either:
        return False
    if place.mark["mark"] == "." and word.islower() and _LOWER_WORD.fullmatch(word):
        return True
    first = next((char for char in place.text[place.begin : place.begin + _WINDOW] if char.isalpha()), "")
    return first.islower() and len(word) > 1 and "." not in word


def _is_inside(place: _Place, following: re.Match[str], rules: Rules) -> bool:
    """Return whether a full stop belongs to an abbreviation, initial or ordinal number inside a sentence."""
    word, after = place.word, following["word"]
    if not word or (rules.endings is not None and rules.endings.search(place.before)):
        return False
    if word[0].isdecimal():
        return _is_ordinal(place, word, after, rules)
    if word in {"a.m", "p.m"}:
        return after in rules.dates or (after.isupper() and len(after) > 1)
    is_number = after[0].isdecimal()
    is_initial = len(after) == 1 and place.text[following.end() : following.end() + 1] == "."
    quotes = word[0].islower() and not _QUOTES.isdisjoint(following["open"])
    starts = quotes or (after in rules.starters and not is_initial)
    plain = word.replace(".", "").casefold()
    names = {plain, re.split("[-'’]", plain)[-1], "str" if plain.endswith("str") else ""}
    if (len(word) == 1 and word.isalpha() and not _MEASURE.search(place.before)) or not names.isdisjoint(rules.either):
        return not starts
    if not names.isdisjoint(rules.numbered):
        return any(map(str.isdigit, after)) or _ROMAN.match(after) is not None
    is_acronym = _ACRONYM.fullmatch(word) is not None and not starts and not is_number
    return is_acronym or not names.isdisjoint(rules.inside)


def _is_ordinal(place: _Place, word: str, after: str, rules: Rules) -> bool:
    """Return whether a number with a full stop is an ordinal, or numbers what follows it ("1. Open the lid.")."""
    if not word.isdecimal():
        return _DAY.fullmatch(word) is not None and after in rules.dates
    end = place.mark.start() - len(word)
    while end > place.begin and place.text[end - 1].isspace():
        end -= 1
    before = place.text[max(place.begin, end - _LIST) : end]
    if len(word) <= 4 and (not before or before[-1] in ":;" or _numbers_on(before, int(word))):
        return True
    return rules.ordinals and len(word) < 4 and after not in rules.starters


def _numbers_on(before: str, number: int) -> bool:
    """Return whether the number before is in the same sentence ("Rooms: 1. Kitchen 2. Bath")."""
    return number > 1 and f" {number - 1}. " in f" {before} "


def _ends_wide(place: _Place) -> bool:
    """Return whether a sentence ends with a mark of Chinese or Japanese."""
    text, end = place.text, place.mark.end()
    if text[end] in "。！？｡，、；" or (place.mark["mark"] == "．" and text[end].isdecimal()):
        return False
    if not place.mark["close"]:
        return True
    opened = text[place.begin] in '“「『‘"'
    return not (_HIRAGANA.match(text, end) or (opened and _SPEAKER.match(text, end)))

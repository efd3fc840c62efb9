"""Find where sentences of prose end, by the marks between them and by what a language writes full stops after.

Every pattern reads a character at most once or within a bounded window, so the time grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from index.text.sentence_rules import Rules, rules_of

_CLOSERS: Final = "\"'”’“‘»«›‹)\\]}*_~`"
_WIDE_CLOSERS: Final = "”’」』】）〕》〉\"'"
_MARK: Final = re.compile(
    rf"(?P<mark>[.!?…؟۔।॥։።‽]+)(?P<close>(?:[{_CLOSERS}]|\]\([^()\s]*\)|\[\d{{1,3}}\]|[ \u00a0\u202f]»(?!\w))*)"
    rf"|(?P<wide>[。！？｡．]+)(?P<shut>[{_WIDE_CLOSERS}]*)"
)
_NEXT: Final = re.compile(r"\s*(?P<open>[\"'“”„‚‘«»‹›(\[{¿¡*_~`#—–•…-]*[\s]?)(?P<word>[^\W_][\w’'-]*)?")
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uff5f「『（《]")
_ROMAN: Final = re.compile(r"[IVXLC]+\b")
_WINDOW: Final = 40  # code points before a full stop in which its word is looked for


class _Place(NamedTuple):
    """A mark and what surrounds it."""

    text: str
    begin: int  # where the current sentence begins
    mark: re.Match[str]

    @property
    def word(self) -> str:
        """The word before the mark, without quotation marks and brackets before it."""
        before = self.text[max(self.begin, self.mark.start() - _WINDOW) : self.mark.start()]
        return "" if not before or before[-1].isspace() else before.split()[-1].lstrip("\"'“„«‹»([{*_`¿¡–—-")


def sentence_ends(text: str, language: str | None) -> Iterator[int]:
    """Yield the offsets at which sentences of a run of prose end, the end of `text` excluded."""
    rules = rules_of(language)
    begin = 0
    for mark in _MARK.finditer(text):
        end = mark.end()
        if end == len(text):
            return
        place = _Place(text, begin, mark)
        if _ends_wide(place) if mark["wide"] else _ends(place, rules):
            yield end
            begin = end


def _ends(place: _Place, rules: Rules) -> bool:
    """Return whether a sentence ends with a mark of the Latin, Cyrillic or another script that separates words."""
    text, end = place.text, place.mark.end()
    if not text[end].isspace():
        return place.mark["mark"][-1] in "!?" and _CJK.match(text, end) is not None
    following = _NEXT.match(text, end)
    if following is None or following["word"] is None:
        return True
    word = following["word"]
    if word[0].islower() and not following["open"].strip("—–-•*_ "):
        first = next((char for char in text[place.begin : place.begin + _WINDOW] if char.isalpha()), "")
        if first.isupper() or place.mark["mark"] != ".":
            return False
    if place.mark["mark"] != ".":
        return True
    return not _is_inside(place, following, rules)


def _is_inside(place: _Place, following: re.Match[str], rules: Rules) -> bool:
    """Return whether a full stop belongs to an abbreviation, initial or ordinal number inside a sentence."""
    word, after = place.word, following["word"]
    if not word:
        return False
    starts = after in rules.starters
    if word.isdecimal():
        return _is_ordinal(place, word, after, rules)
    plain = word.replace(".", "").casefold()
    last = plain.rpartition("-")[2]
    if plain in rules.either or last in rules.either:
        return not starts
    if plain in rules.inside or last in rules.inside:
        return True
    if plain in rules.numbered:
        return after[0].isdecimal() or _ROMAN.match(after) is not None
    if len(word) == 1 or "." in word or "-" in word[-2:]:  # initials; U.S.
        return word[0].isalpha() and not starts and not after[0].isdecimal()
    return False


def _is_ordinal(place: _Place, word: str, after: str, rules: Rules) -> bool:
    """Return whether a number with a full stop is an ordinal, or numbers what follows it ("1. Open the lid.")."""
    if len(word) > 3:
        return False
    before = place.text[place.begin : place.mark.start() - len(word)].rstrip()
    if not before or before[-1] == ":":
        return True
    return rules.ordinals and after not in rules.starters


def _ends_wide(place: _Place) -> bool:
    """Return whether a sentence ends with a mark of Chinese or Japanese."""
    text, end = place.text, place.mark.end()
    if place.mark["wide"] == "．" and text[end].isdecimal():
        return False
    return True

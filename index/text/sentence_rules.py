"""How each language uses full stops inside sentences: after abbreviations and ordinal numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from index.text.abbreviations import LISTS
from index.text.language import language_code


@dataclass(frozen=True, slots=True)
class Rules:
    """How one language uses full stops. Abbreviations are in lower case, without any full stop.

    Attributes:
        inside: Abbreviations that a sentence does not end with: titles, "approx.", "z. B.".
        numbered: Abbreviations before a number, such as "No. 5" and "Jan. 3"; elsewhere they end a sentence.
        either: Abbreviations that end a sentence only if the next word is one of `starters`: "Inc.", "St.".
        starters: Words that begin sentences but hardly ever names.
        ordinals: Whether a full stop makes an ordinal of a number: "3. Oktober".
        dates: The names of months and days, before which "23rd." and "9 a.m." do not end a sentence.
        endings: Abbreviations that end a sentence before a capital letter, with what stands before them.
    """

    inside: frozenset[str]
    numbered: frozenset[str]
    either: frozenset[str]
    starters: frozenset[str]
    ordinals: bool = False
    dates: frozenset[str] = frozenset()
    endings: re.Pattern[str] | None = None


# In most languages of Europe.
_INSIDE: Final = (
    "dr prof mr mrs ms mme mlle st ste jr sr rev hon gen col capt lt sgt maj vs cf approx ca max incl tel eg ie"
)
_NUMBERED: Final = "no nr vol fig art p pp ch cap par para tab pag pág"
_EITHER: Final = "inc ltd co corp bros al"

_DATES: Final = (
    "January February March April May June July August September October November December "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
)
_ENDINGS: Final = {  # "т. п."; "1990 г." unless the sentence has just begun with it ("В 1990 г. Пушкин")
    "ru": re.compile(r"\bт\. ?[пд]$|\bи (?:др|пр)$|.{20}\d ?(?:гг?|вв?|мин|руб|тыс|млн|км|мл|кг)$"),
}
_ORDINALS: Final = frozenset("de da no fi et cs sk pl hu sl hr sr bs lv is tr".split())


@cache
def rules_of(language: str | None) -> Rules:
    """Return the rules of a language, given as a BCP 47 tag; those of English for none."""
    code = language_code(language or "en")
    inside, numbered, either, starters = LISTS.get(code, ("", "", "", ""))
    numbers = frozenset(f"{numbered} {_NUMBERED}".split())
    may_end = frozenset(f"{either} {_EITHER}".split())
    return Rules(
        frozenset(f"{inside} {_INSIDE}".replace(".", "").split()) - numbers - may_end,
        numbers,
        may_end,
        frozenset(starters.split()),
        code in _ORDINALS,
        frozenset(_DATES.split()) if code == "en" else frozenset(),
        _ENDINGS.get(code),
    )

"""Recognises quotes that cannot answer "how many": those that count nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from qa.quoting.subject import with_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.quoting.quotes import Proposal

_ASKS: Final = re.compile(  # how long something lasts can also be told by two dates
    r"\bhow many\b(?! (?:more |full |whole )?(?:years|months|weeks|days|hours|minutes|seasons|times)\b)", re.IGNORECASE
)
_MONTH: Final = r"jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*"
_YEAR: Final = r"(?:1[1-9]|20)\d\d(?![\d%]|[.,]\d|-\d\d-)"
_NOT_A_COUNT: Final = re.compile(  # ordinals, dates and years
    rf"(?<!\d)\d++(?:st|nd|rd|th)\b|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{4}}-\d\d-\d\d"
    rf"|\b\d{{1,2}}\.? (?:{_MONTH})\b(?:,? {_YEAR})?|\b(?:{_MONTH})\.? (?:\d{{1,2}}\b(?:,? {_YEAR})?|{_YEAR})"
    rf"|\b(?:in|of|since|until|till|by|from|before|after|during|early|mid|late|and|the|\d to)[ -]{_YEAR}"
    rf"|(?<=[-\u2013\u2014(/,])\s?{_YEAR}",
    re.IGNORECASE,
)
_COUNT: Final = re.compile(
    r"\b(?:none|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,5}teen|twenty|(?:thir|for|fif|six|seven|"
    r"eigh|nine)ty|(?:hundred|thousand|million|billion|trillion)s?|dozens?|half|halves|third|quarter|couple|pair|twins?|"
    r"triplets?|several|many|few|numerous|all|both|either|neither|any|every|each|unlimited|infinite|no \w+s|nobody|"
    r"no (?:limit|maximum|more|fewer|one)|number of|(?:at|as) \w+ as|single|only|once|twice|thrice|double|triple|"
    r"a second|majority|minority|most|more)\b|[\u00bd\u00bc\u00be\u2153\u2154]",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(r"\w, [^,.;]{1,60}(?:,|,? (?:and|or)) \w")  # what is enumerated can be counted
_ITEMS: Final = re.compile(r"^[ \t]*+(?:[-*+\u2022]|\d{1,3}[.)])\s", re.MULTILINE)


def counts_nothing(question: str, text: str) -> bool:
    """Whether a question asks how many, and a text has neither a number nor a list that could tell.

    Ordinals, dates, years and the numbers of the question do not count.
    """
    if not _ASKS.search(question):
        return False
    numbers = set(re.findall(r"\d+", _NOT_A_COUNT.sub(" ", text))).difference(re.findall(r"\d+", question))
    return not (numbers or _COUNT.search(text) or _LISTED.search(text) or _ITEMS.search(text))


def below_counts(
    question: str, scores: Sequence[float], proposals: Sequence[Proposal], threshold: float
) -> list[float]:
    """Return the confidences of proposals, those that count nothing below `threshold`, the least of an answer."""
    if not _ASKS.search(question):
        return list(scores)  # so that no context is put together in vain
    limit = threshold * 0.99
    return [
        min(score, limit) if counts_nothing(question, with_context(proposal)) else score
        for score, proposal in zip(scores, proposals, strict=True)
    ]

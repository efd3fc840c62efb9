"""What kind of answer a question asks for, and whether a text has one: a number, a time, a person, a yes or no.

A coarse form of answer typing (Li and Roth 2002, "Learning Question Classifiers"), by the question's words alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

AnswerType = Literal["number", "time", "person", "place", "permission", "manner", "reason", "other"]

_BY_QUESTION: Final[tuple[tuple[AnswerType, re.Pattern[str]], ...]] = (
    (
        "number",
        re.compile(r"\bhow (many|much|old|long|far|big|large|tall|high|heavy|often|fast)\b|\b(price|cost|fee)s?\b"),
    ),
    ("time", re.compile(r"\bwhen\b|\bwhat (time|date|day|year|month)\b|\bwhich (day|year|month|date)\b|\bhow soon\b")),
    ("person", re.compile(r"\b(who|whose|whom)\b")),
    ("place", re.compile(r"\bwhere\b|\bwhich (city|country|place|room)\b")),
    ("manner", re.compile(r"\bhow (do|can|to|should|does|did|would|is|are|could|will)\b|^how\b")),
    ("reason", re.compile(r"\bwhy\b|\bhow come\b|\bwhat for\b")),
    (
        "permission",
        re.compile(
            r"^(and |so |but |then )?(can|could|may|must|should|do|does|did|is|are|was|were|will|would|has|have)\b"
        ),
    ),
)
_MONTH: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAY: Final = "mon|tues?|wed|wednes|thu|thurs|fri|sat|satur|sun"
_NUMBER_WORD: Final = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|hundred|thousand|million|"
    "half|dozen|once|twice|free|none|unlimited"
)
_IN_TEXT: Final[dict[AnswerType, re.Pattern[str]]] = {
    "number": re.compile(rf"\d|\b({_NUMBER_WORD})\b", re.IGNORECASE),
    "time": re.compile(
        rf"\d|\b({_MONTH})[a-z]*\b|\b({_DAY})(day)?s?\b|\b(year|month|week|day|hour|minute|daily|weekly|monthly|noon|"
        r"midnight|morning|evening|after|before|until|soon|immediately|spring|summer|autumn|winter)s?\b",
        re.IGNORECASE,
    ),
    "person": re.compile(r"(?<!^)(?<![.!?:] )\b[A-Z][a-z]|\b(team|staff|admin|members?|anyone|everyone|moderators?)\b"),
    "place": re.compile(r"\b(in|at|on|under|from|near|to|inside|page|tab|menu|folder)\b|https?://"),
    "permission": re.compile(
        r"\b(yes|no|not|can|cannot|can't|may|must|allowed|possible|permitted|forbidden|need|required|only|don't|doesn't|"
        r"supports?|should|able|always|never|unless)\b",
        re.IGNORECASE,
    ),
    "manner": re.compile(
        r"\b(use|using|by|run|click|set|open|select|go to|type|add|install|first|then|you can|via|with|create|press|"
        r"enter|choose|please|make sure)\b|`",
        re.IGNORECASE,
    ),
    "reason": re.compile(
        r"\b(because|since|due|so that|therefore|reason|cause[sd]?|as a result|in order to|this is|means?)\b",
        re.IGNORECASE,
    ),
}
_YES_OR_NO: Final = re.compile(
    r"\W*(yes|no|yep|nope|sure|absolutely|unfortunately|not (yet|really|currently))\b", re.IGNORECASE
)


@lru_cache(maxsize=1024)
def answer_type(question: str) -> AnswerType:
    """Return the kind of answer that a question asks for; `permission` is that of a yes-or-no question."""
    plain = " ".join(question.casefold().replace("\u2019", "'").split())
    return next((kind for kind, pattern in _BY_QUESTION if pattern.search(plain)), "other")


def has_type(text: str, kind: AnswerType) -> bool:
    """Whether a text has something of the kind asked for; always true for `other`."""
    pattern = _IN_TEXT.get(kind)
    return pattern is None or bool(pattern.search(text))


def says_yes_or_no(text: str) -> bool:
    """Whether a text begins with a yes or a no."""
    return bool(_YES_OR_NO.match(text))

"""Pronouns of a question that refer to something outside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.conversation.entities import PRONOUNS
from qa.conversation.noun_phrases import LIGHT, Token

_OWNERS = frozenset("his her its their".split())
_VERBS_FOLLOW = frozenset("do does did has have had can could will would should may might must".split())
_THINKING = frozenset("think thinks thought say says said believe believes know knows hope hopes feel claim".split())
_CLAUSES = frozenset("and or but if when while whether because who which after before since".split())
_NOT_BACK = frozenset("year month week morning evening day days time way".split())  # "this year", "that way"
EXPLETIVE = re.compile(
    r"\bit (?:true|possible|necessary|worth|ok|okay|safe|legal|allowed|raining|takes?|matters?)\b|\btime is it\b|"
    r"\b(?:does|will|would|did) it (?:take|cost|mean|matter)\b|"
    r"\bit (?:is|was) (?:true|possible|necessary)\b|"
    r"\b(?:it (?:is|was)|(?:is|was) it) (?:\w+ed|said|known|thought) that\b",
    re.IGNORECASE,
)
"""Matches phrases whose "it" refers to nothing, such as "is it true"."""


def content_tokens(words: Sequence[Token]) -> list[Token]:
    """Return the tokens that carry meaning, without light words."""
    return [word for word in words if word.is_content and word.lower not in LIGHT]


def find_pronoun(question: str, words: Sequence[Token]) -> Token | None:
    """Return the first pronoun of the last sentence whose antecedent is outside the question."""
    first = max((place for place, word in enumerate(words) if word.first), default=0)
    done = named = known = owner = False  # seen so far: an auxiliary; a noun; one in an earlier clause; a subject
    for place, word in enumerate(words):
        known = known or (named and (word.broken or word.lower in _CLAUSES))
        thinks = named and place > 0 and words[place - 1].lower in _THINKING
        if place >= first and word.lower in PRONOUNS and _points_back(question, words, place):
            if not (known or thinks or (owner and word.lower in _OWNERS)):
                return word
        elif word.is_content and word.lower not in LIGHT and not word.text.isdigit():
            named, owner = True, owner or done
        done = done or word.lower in _VERBS_FOLLOW
    return None


def _points_back(question: str, words: Sequence[Token], place: int) -> bool:
    """Whether a pronoun refers to something: "it" in "is it true that" does not, nor "that" in "animals that fly"."""
    word = words[place]
    if word.text.isupper():  # an abbreviation, as IT
        return False
    after = words[place + 1] if place + 1 < len(words) else None
    if word.lower == "it":
        return not EXPLETIVE.search(question)
    if word.lower in {"this", "that", "these", "those"}:
        if after and after.lower in _NOT_BACK:
            return False
        return word.lower != "that" or not (place and words[place - 1].is_content) or after is None
    return True


def is_possessive(pointer: Token, words: Sequence[Token]) -> bool:
    """Whether a pronoun is possessive, such as "her" before a noun."""
    after = next((word for word in words if word.start > pointer.end), None)
    return pointer.lower in _OWNERS and after is not None and not after.broken and after.is_content

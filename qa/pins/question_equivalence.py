"""Decides by rules on words whether two questions ask the same, so that a pin answers no other question.

The similarity of embeddings cannot decide this: "When was it built?" and "Who built it?" are often more similar than
two ways to ask one question (`python -m benchmarks.question_equivalence`). So every word that can change the meaning
counts.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rapidfuzz.distance import OSA

from index.text.analyzer import folded_words, stem

if TYPE_CHECKING:
    from collections.abc import Callable

_QUESTION_WORDS: Final = {"who": "who", "whom": "who", "whose": "whose", "what": "what", "which": "what"} | {
    word: word for word in ("when", "where", "why", "how")
}
_VERBS: Final = frozenset(
    "am is are was were be been do does did done has have had can could shall should will would".split()
)
# Words that do not change what a question asks.
_IGNORED: Final = frozenset(
    (
        "a an the this that these those there here i me my mine you your yours he him his she her hers it its we us "
        "our ours they them their theirs myself yourself itself being having in on at of for about as too just so such "
        "if and then please tell s d ll m re ve hi hello hey thanks thank"
    ).split()
)
# Function words that change the meaning: "from A to B", "not", "defeated by".
_SENSE_WORDS: Final = frozenset(
    (
        "not no nor cannot never without with before after from to by into than or but because while until again all "
        "any each every both only more most less least much many few other another same very"
    ).split()
)
_FUNCTION_WORDS: Final = _VERBS | _IGNORED | _SENSE_WORDS | frozenset(_QUESTION_WORDS)
_NEGATIONS: Final = {"cannot": "not", "no": "not", "never": "not"}
_NOT: Final = re.compile(r"(?:\b(?:ca|wo))?n['’]t\b", re.IGNORECASE)
_MIN_TYPO_LENGTH: Final = 5  # letters of a word that may be mistyped; shorter ones are taken for other words


@dataclass(frozen=True, slots=True)
class _ParsedQuestion:
    """A parsed question. `bare` is true for mere key words, without a question word or verb."""

    content: tuple[str, ...]
    stems: tuple[str, ...]
    asking: frozenset[str]
    turning: tuple[str, ...]
    bare: bool


def asks_the_same(question: str, other: str, *, is_known: Callable[[str], bool] = lambda _: False) -> bool:
    """Whether two questions ask the same: they may differ in word endings, small words, and one typo.

    `is_known` returns whether a word of the question occurs in the articles, and so is not a typo.
    """
    one, two = _parse(question), _parse(other)
    if not one.content or not two.content:
        return False
    if not _have_same_sense(one, two):
        return False
    same_letters = "".join(one.stems) == "".join(two.stems) or "".join(one.content) == "".join(two.content)
    return same_letters or _differ_by_typo(one.content, two.content, is_known)


def has_content_words(question: str) -> bool:
    """Whether a question has content words, which distinguish it from others."""
    return bool(_parse(question).content)


@lru_cache(maxsize=4096)
def _parse(question: str) -> _ParsedQuestion:
    words = folded_words(_NOT.sub(" not", question))
    content = tuple(word for word in words if word not in _FUNCTION_WORDS)
    return _ParsedQuestion(
        content,
        tuple(map(stem, content)),
        frozenset(_QUESTION_WORDS[word] for word in words if word in _QUESTION_WORDS),
        tuple(sorted(_NEGATIONS.get(word, word) for word in words if word in _SENSE_WORDS)),
        bare=not any(word in _QUESTION_WORDS or word in _VERBS for word in words),
    )


def _have_same_sense(one: _ParsedQuestion, two: _ParsedQuestion) -> bool:
    """Whether the function words of two questions agree; bare key words may lack some."""
    if one.bare == two.bare:
        return (one.asking, one.turning) == (two.asking, two.turning)
    bare, whole = (one, two) if one.bare else (two, one)
    return not Counter(bare.turning) - Counter(whole.turning)


def _differ_by_typo(one: tuple[str, ...], two: tuple[str, ...], is_known: Callable[[str], bool]) -> bool:
    """Whether exactly one word differs, by one edit in a long word that the articles do not contain."""
    if len(one) != len(two):
        return False
    differing = [pair for pair in zip(one, two, strict=True) if pair[0] != pair[1] and stem(pair[0]) != stem(pair[1])]
    if len(differing) != 1:
        return False
    typed, meant = differing[0]
    long = min(len(typed), len(meant)) >= _MIN_TYPO_LENGTH and typed.isalpha() and meant.isalpha()
    return long and OSA.distance(typed, meant) == 1 and not is_known(typed)

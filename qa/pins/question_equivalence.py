"""Whether two questions ask the same, told by their words: what a moderator has answered is given to no other question.

The likeness of embeddings cannot tell this: "When was it built?" and "Who built it?" are nearer to each other than two
ways of typing one question often are (`python -m benchmarks.question_equivalence`). So every word that can turn the
meaning counts.
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

_ASKING: Final = {"who": "who", "whom": "who", "whose": "whose", "what": "what", "which": "what"} | {
    word: word for word in ("when", "where", "why", "how")
}
_VERBS: Final = frozenset(
    "am is are was were be been do does did done has have had can could shall should will would".split()
)
# Words that a question may have or lack without asking anything else.
_DULL: Final = frozenset(
    (
        "a an the this that these those there here i me my mine you your yours he him his she her hers it its we us "
        "our ours they them their theirs myself yourself itself being having in on at of for about as too just so such "
        "if and then please tell s d ll m re ve hi hello hey thanks thank"
    ).split()
)
# Words that say little and yet turn the meaning: "from A to B", "not", "defeated by".
_TURNING: Final = frozenset(
    (
        "not no nor cannot never without with before after from to by into than or but because while until again all "
        "any each every both only more most less least much many few other another same very"
    ).split()
)
_SMALL: Final = _VERBS | _DULL | _TURNING | frozenset(_ASKING)
_NEGATIONS: Final = {"cannot": "not", "no": "not", "never": "not"}
_NOT: Final = re.compile(r"(?:\b(?:ca|wo))?n['’]t\b", re.IGNORECASE)
_LEAST_FOR_SLIP: Final = 5  # letters of a word that may be mistyped, else it is another word


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question taken apart. `bare` ones are mere keywords: nothing in them asks."""

    content: tuple[str, ...]
    stems: tuple[str, ...]
    asking: frozenset[str]
    turning: tuple[str, ...]
    bare: bool


def asks_the_same(question: str, other: str, *, is_known: Callable[[str], bool] = lambda _: False) -> bool:
    """Whether two questions ask the same in words that differ at most in spelling, small words, or one slip.

    `is_known` tells of a folded word whether the articles have it: then it is no slip of another one.
    """
    one, two = _read(question), _read(other)
    if not one.content or not two.content:
        return False
    if not _turned_alike(one, two):
        return False
    together = "".join(one.stems) == "".join(two.stems) or "".join(one.content) == "".join(two.content)
    return together or _one_slip(one.content, two.content, is_known)


def says_something(question: str) -> bool:
    """Whether a question has words by which it can be told from others."""
    return bool(_read(question).content)


@lru_cache(maxsize=4096)
def _read(question: str) -> _Asked:
    said = folded_words(_NOT.sub(" not", question))
    content = tuple(word for word in said if word not in _SMALL)
    return _Asked(
        content,
        tuple(map(stem, content)),
        frozenset(_ASKING[word] for word in said if word in _ASKING),
        tuple(sorted(_NEGATIONS.get(word, word) for word in said if word in _TURNING)),
        bare=not any(word in _ASKING or word in _VERBS for word in said),
    )


def _turned_alike(one: _Asked, two: _Asked) -> bool:
    """Whether the small words leave the meaning as it is; keywords may lack some."""
    if one.bare == two.bare:
        return (one.asking, one.turning) == (two.asking, two.turning)
    bare, whole = (one, two) if one.bare else (two, one)
    return not Counter(bare.turning) - Counter(whole.turning)


def _one_slip(one: tuple[str, ...], two: tuple[str, ...], is_known: Callable[[str], bool]) -> bool:
    """Whether one long word differs by one letter, and the article knows not both spellings."""
    if len(one) != len(two):
        return False
    differing = [pair for pair in zip(one, two, strict=True) if pair[0] != pair[1] and stem(pair[0]) != stem(pair[1])]
    if len(differing) != 1:
        return False
    typed, meant = differing[0]
    long = min(len(typed), len(meant)) >= _LEAST_FOR_SLIP and typed.isalpha() and meant.isalpha()
    return long and OSA.distance(typed, meant) == 1 and not is_known(typed)

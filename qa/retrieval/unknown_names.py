"""Finds names in a question that stand nowhere in the searched libraries, in no spelling.

A word is a name if it is typed with a capital inside a sentence, or if it is no ordinary English word, nor derived from
ordinary words ("antialiasing", "paywall"), nor misspelt from one. `words/common.txt` holds the stems of ordinary words;
those with a capital are more often part of a name, such as Python.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.text.analyzer import content_terms, folded_words, index_terms, stem
from qa.conversation.noun_phrases import tokenize
from qa.retrieval.slips import MIN_LETTERS, slip_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qa.conversation.noun_phrases import Token

_MIN_NAME: Final = 5  # letters of a name typed in lower case
_MIN_CAPITAL_NAME: Final = 3
_LONG: Final = 8  # letters of a stem that may have two slips
_MIN_HALF: Final = 3  # letters of each of two words that make a compound
_PREFIXES: Final = (
    "re un in im non pre post anti dis mis over under out up down multi auto sub inter super self co de en mega micro "
    "mini ultra hyper semi pseudo cyber bio eco geo tele photo video audio"
).split()
_SUFFIXES: Final = (
    "s es ed d ing er ers or ors able ible ly y ness ation ations ition ion ize izer ment ments less ful ist ists ism "
    "ship hood like ware wise proof free ish ity ic ical al ally ive age ance ence ant ent"
).split()
_FOREIGN: Final = 3  # one of so many words may be no English one
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]*")


class Vocabulary(Protocol):
    """The terms of the searched libraries."""

    def has(self, term: str) -> bool:
        """Whether a passage contains a term, or several that are adjacent, joined by a space."""
        ...

    def similar(self, term: str) -> Iterable[str]:
        """Return terms that a misspelt one may stand for."""
        ...


def unknown_names(question: str, vocabulary: Vocabulary) -> list[str]:
    """Return the names in the English sentences that ask, in order, that are not in a vocabulary, in no spelling.

    A name of several words is known if one of them is, unless that is an ordinary word: "Trier" is unknown in "Trier
    branch", but not "Elon" in "Elon Musk" if the articles write of Musk.
    """
    found = []
    for sentence in _asking(question):
        tokens = tokenize(sentence)
        if not _is_english(tokens):
            continue
        capitals = not all(token.text[:1].isupper() for token in tokens[1:] if token.is_content)
        kinds = [_kind(sentence, token, capitals=capitals) for token in tokens]
        for kind, group in groupby(zip(tokens, kinds, strict=True), key=lambda pair: pair[1]):
            name = [token for token, _ in group] if kind else []
            if name and not any(_is_known(one, after, vocabulary) for one, after in pairwise([*name, None]) if one):
                found += [token.text for token in name]
    return found


def may_be_misspelling(typed: str, other: str) -> bool:
    """Whether a typed term may be a misspelling of another; if that is an ordinary word, only if it surely is."""
    slip = slip_between(typed, other)
    return slip == "sure" or (slip == "doubtful" and not _common().get(other))


def _asking(question: str) -> Iterator[str]:
    """Yield the sentences that end with a question mark; all sentences if none does."""
    sentences = _SENTENCE.findall(question)
    asking = [sentence for sentence in sentences if sentence.rstrip().endswith("?")]
    yield from asking or sentences


def _is_english(tokens: Sequence[Token]) -> bool:
    """Whether two of three words, those with capitals inside the sentence excluded, are ordinary English ones."""
    words = [_bare(token) for token in tokens if token.first or not token.is_capital]
    foreign = [word for word in words if word.isalpha() and content_terms(word) and not is_ordinary(word)]
    return _FOREIGN * len(foreign) <= len(words)


def _kind(sentence: str, token: Token, *, capitals: bool) -> str:
    """Return "capital" or "rare" for a word that is a name, else an empty text; `capitals` says that they mean one."""
    word = _bare(token)
    if not word.isalpha() or not word.isascii() or not content_terms(word):
        return ""
    if sentence[: token.start].endswith("("):  # usually a short form of what precedes it
        return ""
    if capitals and not token.first and token.is_capital:
        return "capital" if len(word) >= _MIN_CAPITAL_NAME and not is_ordinary(word, as_name=True) else ""
    return "rare" if len(word) >= _MIN_NAME and not is_ordinary(word) and not _is_misspelt(word) else ""


def _is_known(token: Token, after: Token | None, vocabulary: Vocabulary) -> bool:
    """Whether a word is in a vocabulary: alone, as one word with the next, or in a similar spelling."""
    word = _bare(token)
    joined = index_terms(word + _bare(after)) if after else []
    terms = index_terms(word)
    if any(map(vocabulary.has, terms)) or (len(joined) == 1 and vocabulary.has(joined[0])):
        return True
    folded = "".join(folded_words(word))
    places = range(_MIN_HALF, len(folded) - _MIN_HALF + 1)
    halves = [(stem(folded[:at]), stem(folded[at:])) for at in places]
    # Adjacent: a large library has each half of many a name somewhere.
    if any(all(map(vocabulary.has, pair)) and vocabulary.has(" ".join(pair)) for pair in halves):
        return True
    return any(may_be_misspelling(term, other) for term in terms for other in vocabulary.similar(term))


def _bare(token: Token) -> str:
    return re.sub(r"['\u2019]s?$", "", token.text)


@lru_cache(maxsize=1024)
def is_ordinary(word: str, *, as_name: bool = False) -> bool:
    """Whether a word, or what it is derived or made from, is an ordinary English one.

    With `as_name` not if it is more often part of a name.
    """
    (folded, *_) = folded_words(word)
    if as_name:
        return _listed(folded) == "ordinary"
    return bool(_listed(folded)) or _is_derived(folded) or _is_compound(folded)


def _listed(folded: str) -> str:
    (term, *_) = index_terms(folded)
    return _common().get(term, "")


def _is_derived(folded: str) -> bool:
    roots = [folded] + [folded[len(p) :] for p in _PREFIXES if folded.startswith(p) and len(folded) - len(p) >= 4]
    for root in roots:
        if root != folded and _listed(root):
            return True
        for suffix in _SUFFIXES:
            bare = root.removesuffix(suffix)
            if bare != root and len(bare) >= 4 and any(_listed(form) for form in (bare, f"{bare}e", bare[:-1])):
                return True
    return False


def _is_compound(folded: str) -> bool:
    places = range(_MIN_HALF, len(folded) - _MIN_HALF + 1)
    return any(_listed(folded[:at]) and _listed(folded[at:]) for at in places)


def _is_misspelt(word: str) -> bool:
    """Whether a word is one or two edits from an ordinary one with the same first letter."""
    (folded, *_) = folded_words(word)
    if len(folded) <= MIN_LETTERS:
        return False
    (term, *_) = index_terms(folded)
    edits = 1 if len(term) < _LONG else 2
    return process.extractOne(term, _beginning_with(term[0]), scorer=OSA.distance, score_cutoff=edits) is not None


@lru_cache(maxsize=64)
def _beginning_with(letter: str) -> list[str]:
    return [term for term in _common() if term.startswith(letter)]


@lru_cache(maxsize=1)
def _common() -> dict[str, str]:
    lines = files("qa.retrieval").joinpath("words/common.txt").read_text("utf-8").split()
    return {line.lower(): "name" if line[0].isupper() else "ordinary" for line in lines}

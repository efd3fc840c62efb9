"""Phrases with alternatives, and which of them a short message consists of, even if it is misspelt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from index.text.analyzer import index_terms

_CHAT_SPELLINGS: Final = {
    "u": "you",
    "r": "are",
    "ur": "your",
    "wat": "what",
    "wut": "what",
    "wot": "what",
    "da": "the",
}
_MOST_RUNS: Final = 5  # of repeated letters in a word that are tried with one and with two
_SHORTEST_TYPO: Final = 4  # letters; in shorter words nearly every slip is another word
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_RUNS: Final = re.compile(r"(.)\1*")
_LAUGHTER: Final = re.compile(
    r"[ah]{4,}|(?:ha|he|hi|ho|hu|ja|je|ji|ah|eh|rs|hue|hua){2,}[haejirs]?|j[aj]{3,}|k{3,}|l+o+l+(?:ol)*|lma+o+|x+d+|mdr+|ptdr+"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase with alternatives: each place has the word sequences that may stand there, () if it may be missing."""

    kind: str
    places: tuple[tuple[tuple[str, ...], ...], ...]
    alone: bool

    @property
    def first_words(self) -> set[str]:
        """The words with which the phrase may begin."""
        required = next(at for at, place in enumerate(self.places) if () not in place)
        return {choice[0] for place in self.places[: required + 1] for choice in place if choice}

    def ends(self, words: Sequence[frozenset[str]], start: int) -> set[int]:
        """Return where the phrase may end if it begins at a word; `words` holds what each word may stand for."""
        reached = {start}
        for place in self.places:
            reached = {
                at + len(choice)
                for at in reached
                for choice in place
                if at + len(choice) <= len(words) and all(word in words[at + i] for i, word in enumerate(choice))
            }
        return reached - {start}


_Way = tuple[int, frozenset[str]]
"""How some words can be read: the number of phrases and words of address, and the kinds of the phrases."""


class PhraseTable:
    """Phrases, and the words in them.

    `address` are words that may stand around phrases, `doubt` those that are small talk even if they ask.
    """

    def __init__(
        self,
        phrases: Iterable[Phrase],
        *,
        address: frozenset[str],
        doubt: frozenset[str],
        common: frozenset[str],
    ) -> None:
        self.address, self.doubt = address, doubt
        self._common = common
        self._beginning: defaultdict[str, list[Phrase]] = defaultdict(list)
        vocabulary = set(address)
        for phrase in phrases:
            vocabulary.update(word for place in phrase.places for choice in place for word in choice)
            for word in phrase.first_words:
                self._beginning[word].append(phrase)
        self._vocabulary = frozenset(vocabulary)

    def beginning(self, words: frozenset[str]) -> Iterator[Phrase]:
        """Yield the phrases that may begin with one of these words."""
        for word in words:
            yield from self._beginning.get(word, ())

    def exact(self, word: str) -> frozenset[str]:
        """Return the known words that a word may be, apart from repeated letters; "lol" for any laughter."""
        if _LAUGHTER.fullmatch(word):
            return frozenset({"lol"})
        forms = _shortened(word)
        return self._vocabulary & (forms | {_CHAT_SPELLINGS[form] for form in forms & _CHAT_SPELLINGS.keys()})

    def corrected(self, word: str) -> frozenset[str]:
        """Return the known words that a word may be with one typo; none for a word that is common itself."""
        if len(word) < _SHORTEST_TYPO or not (word.isascii() and word.isalpha()):
            return frozenset()
        if self._common.intersection(index_terms(word)):
            return frozenset()
        return frozenset(
            known for known in self._vocabulary & _slips(word) if known[0] == word[0] and len(known) >= _SHORTEST_TYPO
        )


def kinds_of(table: PhraseTable, words: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the kinds of phrases that the words consist of, with as few phrases as possible; none if they do not."""
    if not all(words):
        return frozenset()
    ways: list[_Way | None] = [(0, frozenset()), *[None] * len(words)]
    for at, word in enumerate(words):
        way = ways[at]
        if way is None:
            continue
        if word & table.address:
            _keep(ways, at + 1, (way[0] + 1, way[1]))
        for phrase in table.beginning(word):
            for end in phrase.ends(words, at):
                if not phrase.alone or (at == 0 and end == len(words)):
                    _keep(ways, end, (way[0] + 1, way[1] | {phrase.kind}))
    last = ways[-1]
    return last[1] if last else frozenset()


def _keep(ways: list[_Way | None], at: int, way: _Way) -> None:
    """Keep a way to a position unless a known one is better: says something, then has fewer parts; join equal ones."""
    known = ways[at]
    if known is None or (not way[1], way[0]) < (not known[1], known[0]):
        ways[at] = way
    elif way[0] == known[0] and way[1]:
        ways[at] = way[0], way[1] | known[1]


def _shortened(word: str) -> set[str]:
    """Return a word and its forms in which a run of three or more letters, or a run at its end, is shorter."""
    runs = [match[0] for match in _RUNS.finditer(word)]
    if sum(len(run) > 1 for run in runs) > _MOST_RUNS:
        return {word}
    last = len(runs) - 1
    forms = [
        {run} if len(run) == 1 or (len(run) == 2 and at != last) else {run[0], run[0] * 2}
        for at, run in enumerate(runs)
    ]
    return {"".join(form) for form in product(*forms)} | {word}


def _slips(word: str) -> set[str]:
    """Return the words that become `word` by swapping two letters, or by leaving out or adding one."""
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    shorter = {word[:at] + word[at + 1 :] for at in range(len(word))}
    longer = {word[:at] + letter + word[at:] for at in range(1, len(word) + 1) for letter in _LETTERS}
    return swapped | shorter | longer


def parse_phrase(kind: str, line: str) -> Phrase:
    """Return the phrase of a line: its places with a space between, in each the alternatives.

    "|" separates alternatives, "_" the words of one; a place in brackets may be missing. A phrase after "=" is a whole
    message.
    """
    places = []
    for place in line.removeprefix("=").split():
        choices = [tuple(choice.split("_")) for choice in place.strip("[]").split("|")]
        places.append((*choices, ()) if place.startswith("[") else tuple(choices))
    return Phrase(kind, tuple(places), line.startswith("="))

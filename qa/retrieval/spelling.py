"""Names as the articles spell them: a question's slips mended before it is embedded and read.

Lexical search forgives a slip by itself, but the vector and the reader see pieces of words that mean nothing. Only a
word that no passage has is touched, and only where the articles have one like it: another spelling ("Mandlea"), two
words that stand side by side ("nelsonmandela"), or one word for two that were typed ("Man dela"). Ordinary words,
which the embedding model knows as one token, stay: they may be what another article would be about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.analyzer import content_terms, index_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.indexes.open_indexes import OpenIndexes
    from index.libraries.library import Library
    from index.passages.embedder import Embedder

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4  # letters of a word that is looked at
_HALF = 3  # letters of the shorter of two words that were typed as one
_SPELLINGS = 5  # that are weighed for a word
_MOST = 8  # unknown words of a question that are looked at


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A library with its indexes."""

    library: Library
    indexes: OpenIndexes

    def has(self, *terms: str) -> bool:
        """Whether some passage has these folded words, side by side where there are several."""
        if not all(self.indexes.lexical.frequencies(terms).values()):
            return False
        return len(terms) == 1 or bool(len(self.indexes.lexical.search([" ".join(terms)], 1)[0]))

    def as_written(self, term: str) -> str:
        """Return a folded word as some passage writes it."""
        ids, _ = self.indexes.lexical.search([term], 1)
        for stored in self.library.passages(ids.tolist()):
            for match in _WORD.finditer(f"{stored.text} {stored.title} {stored.passage.heading}"):
                if index_terms(match.group()) == [term]:
                    return match.group()
        return term


def respelt(question: str, libraries: Sequence[Library], embedder: Embedder) -> str:
    """Return the question with names spelt as these libraries spell them; as it is where nothing is amiss."""
    shelves = [_Shelf(library, indexes) for library in libraries if (indexes := library.indexes())]
    typed = [match for match in _WORD.finditer(question) if content_terms(match.group())]
    unknown = {match.start() for match in typed if not _known(match.group(), shelves)}
    if not shelves or not unknown or len(unknown) > _MOST:
        return question
    place, made = 0, []
    for at, match in enumerate(typed):
        if match.start() < place:
            continue  # joined with the word before
        after = typed[at + 1] if at + 1 < len(typed) else None
        if after and {match.start(), after.start()} & unknown and question[match.end() : after.start()].isspace():
            joined = match.group() + after.group()
            if _known(joined, shelves):
                made += [question[place : match.start()], joined]
                place = after.end()
                continue
        if match.start() in unknown:
            made += [question[place : match.start()], _mended(match.group(), shelves, embedder)]
            place = match.end()
    return "".join([*made, question[place:]])


def _known(word: str, shelves: Sequence[_Shelf]) -> bool:
    return any(shelf.has(term) for shelf in shelves for term in index_terms(word))


def _mended(word: str, shelves: Sequence[_Shelf], embedder: Embedder) -> str:
    """Return an unknown word as two, or in the likest spelling; as it is where there is none."""
    if len(word) < _SHORTEST or embedder.count_tokens([word]) == [1]:
        return word
    for middle in range(_HALF, len(word) - _HALF + 1):
        halves = [word[:middle], word[middle:]]
        terms = [term for half in halves for term in index_terms(half)]
        if len(terms) == 2 and any(shelf.has(*terms) for shelf in shelves):
            return " ".join(halves)
    (term,) = index_terms(word)[:1] or [""]
    found = [
        (nearness, shelf.indexes.lexical.frequencies([near])[near], near, shelf)
        for shelf in shelves
        for near, nearness in shelf.indexes.lexical.near(term, _SPELLINGS).items()
        if near[:1] == term[:1]  # a slip hardly ever hits the first letter
    ]
    best = max(found, key=lambda one: one[:2], default=None)
    return best[3].as_written(best[2]) if best else word

"""Spelling correction: misspelt names of a question are replaced by those in the articles before it is embedded.

Lexical search tolerates a typo on its own, but embedder and reader see meaningless word pieces. Only a word that
occurs in no passage is corrected, and only if the articles have a similar one: another spelling ("Mandlea"), two
adjacent words ("nelsonmandela"), or one word that was typed as two ("Man dela"). Words that the embedding model knows
as a single token are kept, because they may be correct and simply not in the articles.
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
_MIN_LETTERS = 4  # letters; shorter words are not corrected
_MIN_HALF = 3  # letters of each of two words that were typed as one
_SPELLINGS = 5  # compared for a word
_MAX_UNKNOWN = 8  # unknown words; a question with more is left as typed


@dataclass(frozen=True, slots=True)
class _SearchedLibrary:
    """A library with its indexes."""

    library: Library
    indexes: OpenIndexes

    def has(self, *terms: str) -> bool:
        """Whether a passage contains these terms; several terms have to be adjacent."""
        if not all(self.indexes.lexical.document_frequencies(terms).values()):
            return False
        return len(terms) == 1 or bool(len(self.indexes.lexical.search([" ".join(terms)], 1)[0]))

    def as_written(self, term: str) -> str:
        """Return a term as it is written in a passage."""
        ids, _ = self.indexes.lexical.search([term], 1)
        for stored in self.library.passages(ids.tolist()):
            for match in _WORD.finditer(f"{stored.text} {stored.title} {stored.passage.heading}"):
                if index_terms(match.group()) == [term]:
                    return match.group()
        return term


def correct_spelling(question: str, libraries: Sequence[Library], embedder: Embedder) -> str:
    """Return the question with unknown words spelt as in these libraries; unchanged if there are none."""
    searched = [_SearchedLibrary(library, indexes) for library in libraries if (indexes := library.indexes())]
    typed = [match for match in _WORD.finditer(question) if content_terms(match.group())]
    unknown = {match.start() for match in typed if not _is_known(match.group(), searched)}
    if not searched or not unknown or len(unknown) > _MAX_UNKNOWN:
        return question
    place, made = 0, []
    for at, match in enumerate(typed):
        if match.start() < place:
            continue  # already joined with the word before
        after = typed[at + 1] if at + 1 < len(typed) else None
        if after and {match.start(), after.start()} & unknown and question[match.end() : after.start()].isspace():
            joined = match.group() + after.group()
            if _is_known(joined, searched):
                made += [question[place : match.start()], joined]
                place = after.end()
                continue
        if match.start() in unknown:
            made += [question[place : match.start()], _correct_word(match.group(), searched, embedder)]
            place = match.end()
    return "".join([*made, question[place:]])


def _is_known(word: str, searched: Sequence[_SearchedLibrary]) -> bool:
    return any(one.has(term) for one in searched for term in index_terms(word))


def _correct_word(word: str, searched: Sequence[_SearchedLibrary], embedder: Embedder) -> str:
    """Return an unknown word split in two, or in the most similar spelling; unchanged if there is neither."""
    if len(word) < _MIN_LETTERS or embedder.count_tokens([word]) == [1]:
        return word
    for middle in range(_MIN_HALF, len(word) - _MIN_HALF + 1):
        halves = [word[:middle], word[middle:]]
        terms = [term for half in halves for term in index_terms(half)]
        if len(terms) == 2 and any(one.has(*terms) for one in searched):
            return " ".join(halves)
    (term,) = index_terms(word)[:1] or [""]
    found = [
        (nearness, one.indexes.lexical.document_frequencies([near])[near], near, one)
        for one in searched
        for near, nearness in one.indexes.lexical.similar_terms(term, _SPELLINGS).items()
        if near[:1] == term[:1]  # the first letter is hardly ever mistyped
    ]
    best = max(found, key=lambda one: one[:2], default=None)
    return best[3].as_written(best[2]) if best else word

"""The words of a question that its answer must name: identifiers, and names that stand nowhere in the libraries.

A quote about another code or version than the one asked for is no answer, however similar its sentence is. Other names,
numbers and years of the question often do not stand in its answer, so they are not looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from index.text.analyzer import content_terms, folded_words
from qa.conversation.noun_phrases import tokenize
from qa.retrieval.identifier_spellings import names, names_another, spellings, written
from qa.retrieval.identifiers import Identifier, locate
from qa.retrieval.unknown_names import unknown_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.indexes.lexical import LexicalIndex
    from index.libraries.visible_part import SearchedLibrary

_SIMILAR: Final = 20  # terms that a misspelt one is compared with
_EXAMINED: Final = 40  # passages that may contain an identifier
MUST_STAND: Final = frozenset({"hexadecimal", "code", "error number", "version", "ordinal"})
_IN_YEAR: Final = re.compile(r"\b(?:in|during|for|of) (?:the year )?\Z", re.IGNORECASE)
_RESPELT: Final = frozenset({"hexadecimal", "code", "error number", "version", "weekday", "month"})


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a quote must name to answer a question.

    `asked` are the question's identifiers, `absent` those identifiers and names that no searched library contains.
    """

    asked: frozenset[Identifier] = frozenset()
    absent: tuple[str, ...] = ()

    def names_another(self, text: str) -> bool:
        """Whether a quote with its context and title names another of a kind, and not the one asked for."""
        return any(names_another(text, one, self.asked) for one in self.asked)

    def names_all(self, text: str) -> bool:
        """Whether a quote with its context and title names every identifier of the question; false without any."""
        return bool(self.asked) and all(names(text, one) for one in self.asked)

    def restrict(self, texts: Sequence[str], confidences: Sequence[float], threshold: float) -> list[float]:
        """Return the confidences of quotes, those that cannot answer lowered under the threshold of an answer.

        `texts` are the quotes with their context and title. One that names another identifier also comes after those
        that name the one asked for.
        """
        limit = threshold * 0.99
        absent = [any(not _abbreviates(name, text) for name in self.absent) for text in texts]
        wrong = [self.names_another(text) for text in texts]
        right = [value for text, value in zip(texts, confidences, strict=True) if self.names_all(text)]
        behind = min(right, default=1.0)
        return [
            value * (limit if bad or lacks else 1.0) * (behind if bad else 1.0)
            for bad, lacks, value in zip(wrong, absent, confidences, strict=True)
        ]


def requirements(question: str, libraries: Sequence[SearchedLibrary]) -> Requirements:
    """Return what a quote from these libraries must name to answer a question."""
    asked = required_identifiers(question)
    absent = [one.key for one in asked if one.kind in MUST_STAND and not any(_stands(one, lib) for lib in libraries)]
    vocabulary = _Vocabulary([indexes.lexical for library in libraries if (indexes := library.indexes())])
    return Requirements(asked, (*absent, *unknown_names(question, vocabulary)) if vocabulary.indexes else ())


def required_identifiers(question: str) -> frozenset[Identifier]:
    """Return the identifiers of a question that a quote must not replace by another; years only as in "in 2019"."""
    return frozenset(
        one.identifier
        for one in locate(question, question=True)
        if one.identifier.kind != "year" or _IN_YEAR.search(question, 0, one.start)
    )


class _Vocabulary:
    """The terms of several lexical indexes."""

    def __init__(self, indexes: Sequence[LexicalIndex]) -> None:
        self.indexes = indexes

    def has(self, term: str) -> bool:
        return any(index.document_frequencies([term])[term] for index in self.indexes)

    def similar(self, term: str) -> Iterator[str]:
        for index in self.indexes:
            yield from index.similar_terms(term, _SIMILAR)


def with_library_spelling(question: str, libraries: Sequence[SearchedLibrary]) -> str:
    """Return the question with codes, versions, weekdays and months as the passage nearest to the question writes them.

    The models read "v2.0" and "2.0", or "Tue" and "Tuesday", as different words. A version without a name before it
    gets the one in the passage, as in "Pebblecast 2.0".
    """
    made, place = "", 0
    for one in locate(question, question=True):
        spelled = None
        if one.identifier.kind in _RESPELT:
            before = tokenize(question[: one.start])[-1:]
            lacks_name = one.identifier.kind == "version" and not any(word.is_content for word in before)
            texts = (text for library in libraries for text in _texts(one.identifier, library, question))
            spelled = next(filter(None, (written(text, one.identifier, with_name=lacks_name) for text in texts)), None)
        made += question[place : one.start] + (spelled or question[one.start : one.end])
        place = one.end
    return made + question[place:]


def _abbreviates(name: str, text: str) -> bool:
    """Whether a name in capitals is made of the first letters of adjacent words of a text; Roman numerals are whole."""
    initials = (word if re.fullmatch("[ivx]+", word) else word[0] for word in folded_words(text))
    return name.isupper() and name.lower() in "".join(initials)


def _stands(identifier: Identifier, library: SearchedLibrary) -> bool:
    """Whether a passage of a library, its title or heading names an identifier."""
    return any(names(text, identifier) for text in _texts(identifier, library))


def _texts(identifier: Identifier, library: SearchedLibrary, question: str = "") -> Iterator[str]:
    """Yield passages that may name an identifier, those most like the question first, each with its context."""
    indexes = library.indexes()
    if indexes is None:
        return
    terms = spellings(identifier)
    near = indexes.lexical.search([*terms, *content_terms(question)], _EXAMINED)[0].tolist() if question else []
    own = indexes.lexical.search(terms, _EXAMINED)[0].tolist()
    for stored in library.passages(dict.fromkeys([*near, *own])):
        yield f"{stored.text}\n{stored.title}\n{stored.passage.heading}\n{stored.introduction}"

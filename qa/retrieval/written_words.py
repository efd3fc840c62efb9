"""How the articles of a library write a word: its forms, and whether they are names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from index.text.analyzer import folded_words, index_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.indexes.open_indexes import OpenIndexes
    from index.libraries.visible_part import SearchedLibrary

WORD = re.compile(r"[^\W\d_]+")
_INSIDE_SENTENCE = re.compile(r"[\w,;)\u2019'-] *\Z")  # what comes before a word that does not begin a sentence
_EXAMINED: Final = 10  # passages with a term
_MAX_GAP: Final = 2  # characters between two adjacent words


@dataclass(slots=True)
class Forms:
    """How often a word is written so, and how often in lower case, with a capital inside a sentence, or elsewhere."""

    written: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def has_capital(self) -> bool:
        """Whether the word is ever written as a name: with a capital inside a sentence, or with nothing else."""
        return self.counts["inside"] > 0 or not self.counts["lower"]

    def spelling(self, like: str = "") -> str:
        """Return the most frequent spelling, in lower case if that occurs and `like` is in lower case."""
        usual = max(self.written, key=lambda word: (not word.isupper(), self.written[word]))
        return usual.lower() if like.islower() and self.counts["lower"] else usual

    def is_name(self, *, is_common: bool) -> bool:
        """Whether the word is a name; `is_common` says that it is one of the embedding model's whole words."""
        inside, lower = self.counts["inside"], self.counts["lower"]
        return inside > 0 and lower == 0 if is_common else inside + self.counts["start"] > lower


@dataclass(frozen=True, slots=True)
class WrittenWords:
    """The words of a library with its indexes."""

    library: SearchedLibrary
    indexes: OpenIndexes

    def has(self, term: str) -> bool:
        """Whether a passage contains a term."""
        return bool(self.indexes.lexical.document_frequencies([term])[term])

    def forms(self, term: str) -> dict[str, Forms]:
        """Return the forms of a term, by their folded spelling; those of a few passages that contain it."""
        found: dict[str, Forms] = {}
        for text in self._texts(term):
            for match in WORD.finditer(text):
                written = match.group()
                if index_terms(written) != [term]:
                    continue
                forms = found.setdefault(folded_words(written)[0], Forms())
                inside = bool(_INSIDE_SENTENCE.search(text, max(0, match.start() - 9), match.start()))
                capital = "start" if written.isupper() or not inside else "inside"
                forms.counts[capital if written[0].isupper() else "lower"] += 1
                forms.written[written] += 1
        return found

    def pair(self, first: str, second: str) -> str | None:
        """Return two adjacent words as a passage writes them, or None if none does."""
        terms = [*index_terms(first), *index_terms(second)]
        if len(terms) != 2 or not all(map(self.has, terms)):
            return None
        wanted = folded_words(first) + folded_words(second)
        for text in self._texts(" ".join(terms)):
            for one, other in pairwise(WORD.finditer(text)):
                if other.start() - one.end() <= _MAX_GAP and folded_words(one.group() + " " + other.group()) == wanted:
                    return text[one.start() : other.end()]
        return None

    def _texts(self, term: str) -> Iterator[str]:
        ids, _ = self.indexes.lexical.search([term], _EXAMINED)
        for stored in self.library.passages(ids.tolist()):
            yield f"{stored.text}\n{stored.title}\n{stored.passage.heading}\n{stored.introduction}"

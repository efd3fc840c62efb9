"""Spelling correction: misspelt names of a question are replaced by those in the articles before it is embedded.

Embedder and reader see meaningless word pieces in a misspelt name. Only a word that occurs in no passage is corrected,
and only if the articles have a similar one: another spelling ("Mandlea"), two adjacent words ("nelsonmandela"), or one
word that was typed as two ("Man dela"). Words that the embedding model knows as a single token are kept, because they
may be correct and simply not in the articles. A name is never replaced by a word that the articles write in lower case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from index.text.analyzer import content_terms, folded_words, index_terms
from qa.retrieval.slips import MIN_LETTERS, slip_between
from qa.retrieval.written_words import WORD, WrittenWords

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from index.libraries.visible_part import SearchedLibrary
    from index.passages.embedder import Embedder
    from qa.retrieval.slips import Slip
    from qa.retrieval.written_words import Forms

_MIN_HALF: Final = 3  # letters of each of two words that were typed as one
_SPELLINGS: Final = 20  # compared for a word
_MAX_UNKNOWN: Final = 8  # unknown words; a question with more is left as typed


@dataclass(frozen=True, slots=True)
class Corrected:
    """A question with the spelling of the articles.

    `read` are the pairs of what was typed and what it was read as. `doubtful` is true if one of them may be another
    name: an answer to it is not certain to be one to the question.
    """

    text: str
    read: tuple[tuple[str, str], ...] = ()
    doubtful: bool = False

    def about(self, subject: str | None = None) -> str | None:
        """Return what the question was understood to be about, a follow-up's subject included; None if as typed."""
        for typed, written in self.read:
            subject = subject.replace(typed, written) if subject else subject
        others = [written for _, written in self.read if written not in (subject or "")]
        return ", ".join(dict.fromkeys([*([subject] if subject else []), *others])) or None


class _Reading(NamedTuple):
    """What a typed word is read as."""

    word: str
    slip: Slip = "sure"


def correct_spelling(question: str, libraries: Sequence[SearchedLibrary], embedder: Embedder) -> Corrected:
    """Return the question with unknown words spelt as in these libraries; unchanged if there are none."""
    searched = [WrittenWords(library, indexes) for library in libraries if (indexes := library.indexes())]
    return _Corrector(question, searched, embedder).corrected() if searched else Corrected(question)


class _Corrector:
    """Corrects one question."""

    def __init__(self, question: str, searched: Sequence[WrittenWords], embedder: Embedder) -> None:
        self._question = question
        self._searched = searched
        self._embedder = embedder
        self._typed = [match for match in WORD.finditer(question) if content_terms(match.group())]
        words = [match.group() for match in WORD.finditer(question)]
        # Capitals say that a word is a name, unless it is the first word or every word has one.
        self._capitals = words[1:] and not all(word[0].isupper() for word in words)

    def corrected(self) -> Corrected:
        unknown = {match.start() for match in self._typed if not self._is_known(match.group())}
        if not unknown or len(unknown) > _MAX_UNKNOWN:
            return Corrected(self._question)
        place, made, read, doubtful = 0, "", [], False
        for start, end, reading in self._readings(unknown):
            typed = self._question[start:end]
            made += self._question[place:start] + reading.word
            place = end
            read.append((typed, reading.word))
            doubtful = doubtful or reading.slip == "doubtful"
        return Corrected(made + self._question[place:], tuple(read), doubtful)

    def _readings(self, unknown: set[int]) -> Iterator[tuple[int, int, _Reading]]:
        """Yield the places in the question that are read otherwise, in order, each with what it is read as."""
        place = 0
        for match, after in zip(self._typed, [*self._typed[1:], None], strict=True):
            if match.start() < place:
                continue  # already joined with the word before
            joined = self._joined(match, after) if after and {match.start(), after.start()} & unknown else None
            if after and joined:
                place = after.end()
                yield match.start(), place, _Reading(joined)
            elif match.start() in unknown:
                reading = self._reading(match.group(), is_name=self._is_typed_as_name(match))
                if reading:
                    yield match.start(), match.end(), reading

    def _is_known(self, word: str) -> bool:
        return any(one.has(term) for one in self._searched for term in index_terms(word))

    def _is_typed_as_name(self, match: re.Match[str]) -> bool:
        is_first = not WORD.search(self._question[: match.start()])
        return bool(self._capitals) and match.group()[0].isupper() and not is_first

    def _is_whole_token(self, word: str) -> bool:
        return self._embedder.count_tokens([word]) == [1]

    def _joined(self, match: re.Match[str], after: re.Match[str]) -> str | None:
        """Return two typed words as one, if the articles write it so."""
        joined = match.group() + after.group()
        if not self._question[match.end() : after.start()].isspace() or len(index_terms(joined)) != 1:
            return None
        (term,), (folded, *_) = index_terms(joined), folded_words(joined)
        found = [forms for one in self._searched if one.has(term) and (forms := one.forms(term).get(folded))]
        is_name = self._is_typed_as_name(match)
        return joined if any(forms.has_capital or not is_name for forms in found) else None

    def _reading(self, word: str, *, is_name: bool) -> _Reading | None:
        """Return an unknown word split in two, or in the most similar spelling; None if there is neither."""
        if len(word) < MIN_LETTERS or self._is_whole_token(word):
            return None
        for middle in range(_MIN_HALF, len(word) - _MIN_HALF + 1):
            halves = word[:middle], word[middle:]
            written = next(filter(None, (one.pair(*halves) for one in self._searched)), None)
            if written and (written[0].isupper() or not is_name):
                return _Reading(" ".join(halves))
        return self._most_similar(word, is_name=is_name)

    def _most_similar(self, word: str, *, is_name: bool) -> _Reading | None:
        """Return the most similar word of the articles; None if it is ordinary and this one may be a name."""
        (typed, *_) = folded_words(word)
        found: list[tuple[bool, int, Slip, Forms]] = []
        for one in self._searched:
            lexical = one.indexes.lexical
            near = {key for form in {typed, *index_terms(word)} for key in lexical.similar_terms(form, _SPELLINGS)}
            for term, count in lexical.document_frequencies(sorted(near)).items():
                slips = ((slip_between(typed, written), forms) for written, forms in one.forms(term).items())
                found += [(slip == "sure", count, slip, forms) for slip, forms in slips if slip]
        if not found:
            return None
        _, _, slip, forms = max(found, key=lambda one: one[:2])
        if slip == "sure" and (forms.has_capital or not is_name):
            return _Reading(forms.spelling(like=word))
        if forms.is_name(is_common=self._is_whole_token(forms.spelling())):
            return _Reading(forms.spelling(), "doubtful")
        return None

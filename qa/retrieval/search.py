"""Candidates for a question in its conversation: articles that were spoken of come first where the subject goes on.

What was spoken of is told by words alone: the weighted share of the conversation's key words that stand in an
article's best passage. A question whose words point back is searched for as `qa.conversation.follow_ups`
understands it, any other as typed. If the best passage is of an article that was spoken of, which gives it a lead, the
subject goes on, and such articles alone are read. If it is not, the subject is new, and the question is answered as if
nothing had been said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.conversation.follow_ups import Turn, Understood, understand
from qa.conversation.noun_phrases import another
from qa.retrieval.retriever import Candidate, KeyWord, coverage, rarity, retrieve
from qa.retrieval.spelling import respelt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.indexes.open_indexes import OpenIndexes
    from index.libraries.library import Library
    from index.passages.embedder import Embedder

_WORDS = 16  # of the conversation: the weightiest are looked for
_PASSAGES = 20  # with most of them, that tell which articles were spoken of
_LONGEST = 20_000  # characters of an article in which the name of "the other one" is looked for
_SPAN = 0.3  # of coverage: an article that far below the best one was not spoken of
_SPOKEN = 0.5  # nearness: only articles above it are read where the subject goes on
# What an article that was spoken of gains beside cosine and coverage; chosen in benchmarks/RESULTS.md.
_GAIN_REFERRING = 0.3
_GAIN_ALONE = 0.2


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What to read for a question: the text to read with, candidates best first, and what was understood."""

    text: str
    candidates: list[Candidate]
    understood: Understood


@dataclass(frozen=True, slots=True)
class _Topic:
    """How near articles are to what was spoken of, above 0 to 1, by library and id, and passages that show it."""

    nearness: dict[tuple[str, int], float]
    passages: dict[str, list[int]]

    def of(self, candidate: Candidate) -> float:
        return self.nearness.get((candidate.library, candidate.stored.passage.article_id), 0.0)

    def lead(self, candidates: Sequence[Candidate], gain: float) -> list[Candidate]:
        """Return the candidates of the articles spoken of, best first; none where the best of all is of another."""
        ordered = sorted(candidates, key=lambda candidate: -(candidate.score + gain * self.of(candidate)))
        spoken = [candidate for candidate in ordered if self.of(candidate) > _SPOKEN]
        return spoken if spoken[:1] == ordered[:1] else []


def find(
    question: str,
    history: Sequence[Turn],
    embedder: Embedder,
    libraries: Sequence[Library],
    article_id: int | None = None,
) -> SearchResult:
    """Return the candidates for a question after these turns, oldest first; of one article, where it is named."""
    understood = understand(question, history)
    topic = _topic(understood, libraries)
    if understood.besides:
        understood = _with_name(understood, topic, libraries)
    if understood.refers:
        text = respelt(understood.text, libraries, embedder)
        vector = embedder.query(text)
        searched = [retrieve(text, vector, lib, topic.passages[lib.name], article_id) for lib in libraries]
        led = topic.lead([candidate for part in searched for candidate in part], _GAIN_REFERRING)
        if led:
            return SearchResult(text, led, understood)
    text = respelt(question, libraries, embedder)
    vector = embedder.query(text)
    searched = [retrieve(text, vector, library, article_id=article_id) for library in libraries]
    own = [candidate for part in searched for candidate in part]
    led = topic.lead(own, _GAIN_ALONE) or sorted(own, key=lambda candidate: -candidate.score)
    return SearchResult(text, led, Understood(question))


def _with_name(understood: Understood, topic: _Topic, libraries: Sequence[Library]) -> Understood:
    """Name "the other one", where the articles spoken of have such a name."""
    if understood.besides is None:
        return understood
    best = {key for key, nearness in topic.nearness.items() if nearness == 1}
    articles = [library.article(key) for library in libraries for name, key in best if name == library.name]
    texts = [article.text[:_LONGEST] for article in articles if article]
    name = another(understood.besides, texts)
    return understood.named(name) if name else understood


def _topic(understood: Understood, libraries: Sequence[Library]) -> _Topic:
    """Find the articles whose best passage holds most of what was said, and how near the others come to that."""
    covered: dict[tuple[str, int], float] = {}
    shown: dict[str, list[int]] = {}
    for library in libraries:
        indexes = library.indexes() if understood.words else None
        words = _weightiest(understood.words, indexes) if indexes else []
        terms = [term for word in words for term in word.spellings]
        shown[library.name] = indexes.lexical.search(terms, _PASSAGES)[0].tolist() if indexes else []
        present = indexes.lexical.words(shown[library.name]) if indexes else {}
        for stored in library.passages(shown[library.name]):
            key = library.name, stored.passage.article_id
            covered[key] = max(covered.get(key, 0.0), coverage(words, present.get(stored.passage.id, frozenset())))
    best = max(covered.values(), default=0.0)
    return _Topic({key: 1 - (best - value) / _SPAN for key, value in covered.items() if best - value < _SPAN}, shown)


def _weightiest(words: Sequence[tuple[str, float]], indexes: OpenIndexes) -> list[KeyWord]:
    """Return the words of the conversation that tell most, by rarity and recency; words of no passage tell nothing."""
    frequencies = indexes.lexical.frequencies([term for term, _ in words])
    known = [
        KeyWord({term: 1.0}, weight * rarity(frequencies[term], indexes)) for term, weight in words if frequencies[term]
    ]
    return sorted(known, key=lambda word: -word.weight)[:_WORDS]

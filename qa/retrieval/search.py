"""Candidates for a question in its conversation: if the topic continues, they come from the articles on that topic.

An article is on topic if its best passage covers most key terms of the conversation, by weight. Follow-up questions
are searched for as `qa.conversation.follow_ups` understands them, others as typed, and articles on topic get a bonus.
If the best passage is then on topic, the topic continues and only articles on topic are read. Otherwise the topic is
new, and the question is answered as if it were the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qa.conversation.follow_ups import Turn, Understood, understand
from qa.conversation.noun_phrases import find_other_name
from qa.retrieval.requirements import Requirements, requirements, with_library_spelling
from qa.retrieval.retriever import Candidate, KeyTerm, coverage, inverse_document_frequency, retrieve
from qa.retrieval.spelling import Corrected, correct_spelling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.indexes.open_indexes import OpenIndexes
    from index.libraries.visible_part import SearchedLibrary
    from index.passages.embedder import Embedder

_MAX_TERMS = 16  # key terms of the conversation; those with the largest weights are used
_TOPIC_PASSAGES = 20  # per library, that determine which articles are on topic
_MAX_CHARACTERS = 20_000  # of an article that are searched for the name of "the other one"
_NEARNESS_SPAN = 0.3  # of coverage: an article this far below the best one is not on topic
_ON_TOPIC = 0.5  # nearness: if the topic continues, only articles above it are read
# Added to a candidate's score, times the nearness of its article; chosen in benchmarks/RESULTS.md.
_BONUS_FOLLOW_UP = 0.3
_BONUS = 0.2


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The question as it is to be read, its candidates, best first, and what was understood of it.

    `doubtful` is true if the question may be about another name than the one it was read as. `passages` is the number
    of passages in the libraries searched, and `required` what a quote must name to answer.
    """

    text: str
    candidates: list[Candidate]
    understood: Understood
    doubtful: bool = False
    passages: int = 0
    required: Requirements = field(default_factory=Requirements)


@dataclass(frozen=True, slots=True)
class _Topic:
    """The topic of a conversation.

    `nearness` is that of articles to the topic, above 0 to 1, by (library, article id); `passages` are the ids of the
    passages that determine it, by library.
    """

    nearness: dict[tuple[str, int], float]
    passages: dict[str, list[int]]

    def nearness_of(self, candidate: Candidate) -> float:
        return self.nearness.get((candidate.library, candidate.stored.passage.article_id), 0.0)

    def candidates_on_topic(self, candidates: Sequence[Candidate], bonus: float) -> list[Candidate]:
        """Return the candidates on topic, best first; none if the best of all candidates is not on topic."""
        ordered = sorted(candidates, key=lambda candidate: -(candidate.score + bonus * self.nearness_of(candidate)))
        on_topic = [candidate for candidate in ordered if self.nearness_of(candidate) > _ON_TOPIC]
        return on_topic if on_topic[:1] == ordered[:1] else []


def search(
    question: str,
    history: Sequence[Turn],
    embedder: Embedder,
    libraries: Sequence[SearchedLibrary],
    article_id: int | None = None,
) -> SearchResult:
    """Return the candidates for a question after these turns, oldest first; with `article_id` of that article only."""
    understood = understand(question, history)
    topic = _conversation_topic(understood, libraries)
    if understood.other_than:
        understood = _resolve_other_name(understood, topic, libraries)
    if understood.is_follow_up:
        asked, text, own = _retrieve(understood.text, embedder, libraries, topic.passages, article_id)
        found = topic.candidates_on_topic(own, _BONUS_FOLLOW_UP)
        if found:
            return _result(asked, text, found, understood, libraries)
    asked, text, own = _retrieve(question, embedder, libraries, {}, article_id)
    found = topic.candidates_on_topic(own, _BONUS) or sorted(own, key=lambda candidate: -candidate.score)
    return _result(asked, text, found, Understood(question), libraries)


def _retrieve(
    question: str,
    embedder: Embedder,
    libraries: Sequence[SearchedLibrary],
    others: Mapping[str, Sequence[int]],
    article_id: int | None,
) -> tuple[Corrected, str, list[Candidate]]:
    """Return what a question is read as, as the libraries spell it, and its candidates; `others` as in `retrieve`."""
    asked = correct_spelling(question, libraries, embedder)
    text = with_library_spelling(asked.text, libraries)
    vector = embedder.query(text)
    searched = (retrieve(text, vector, library, others.get(library.name, ()), article_id) for library in libraries)
    return asked, text, [candidate for part in searched for candidate in part]


def _result(
    asked: Corrected, text: str, found: list[Candidate], understood: Understood, libraries: Sequence[SearchedLibrary]
) -> SearchResult:
    read = replace(understood, about=asked.about(understood.about))
    passages = sum(indexes.passages for library in libraries if (indexes := library.indexes()))
    return SearchResult(text, found, read, asked.doubtful, passages, requirements(text, libraries))


def _resolve_other_name(understood: Understood, topic: _Topic, libraries: Sequence[SearchedLibrary]) -> Understood:
    """Replace "the other one" by its name, if the articles nearest to the topic have one."""
    if understood.other_than is None:
        return understood
    best = {key for key, nearness in topic.nearness.items() if nearness == 1}
    articles = [library.article(key) for library in libraries for name, key in best if name == library.name]
    texts = [article.text[:_MAX_CHARACTERS] for article in articles if article]
    name = find_other_name(understood.other_than, texts)
    return understood.named(name) if name else understood


def _conversation_topic(understood: Understood, libraries: Sequence[SearchedLibrary]) -> _Topic:
    """Return the articles whose best passage covers most of the conversation's key terms, and those near them."""
    covered: dict[tuple[str, int], float] = {}
    topic_passages: dict[str, list[int]] = {}
    for library in libraries:
        indexes = library.indexes() if understood.words else None
        words = _weighted_key_terms(understood.words, indexes) if indexes else []
        terms = [term for word in words for term in word.spellings]
        topic_passages[library.name] = indexes.lexical.search(terms, _TOPIC_PASSAGES)[0].tolist() if indexes else []
        present = indexes.lexical.word_sets(topic_passages[library.name]) if indexes else {}
        for stored in library.passages(topic_passages[library.name]):
            key = library.name, stored.passage.article_id
            covered[key] = max(covered.get(key, 0.0), coverage(words, present.get(stored.passage.id, frozenset())))
    best = max(covered.values(), default=0.0)
    behind = {key: best - value for key, value in covered.items()}
    nearness = {key: 1 - lag / _NEARNESS_SPAN for key, lag in behind.items() if lag < _NEARNESS_SPAN}
    return _Topic(nearness, topic_passages)


def _weighted_key_terms(words: Sequence[tuple[str, float]], indexes: OpenIndexes) -> list[KeyTerm]:
    """Return the key terms of the conversation with the largest weights, by rarity and recency; no unknown ones."""
    frequencies = indexes.lexical.document_frequencies([term for term, _ in words])
    known = [
        KeyTerm({term: 1.0}, weight * inverse_document_frequency(frequencies[term], indexes))
        for term, weight in words
        if frequencies[term]
    ]
    return sorted(known, key=lambda word: -word.weight)[:_MAX_TERMS]

"""Is this said in the articles? The sentences that are nearest to a statement, whatever it asks or claims.

Nothing here judges whether a sentence supports the statement: that is for the reader, who sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.models import Span
from index.text.analyzer import index_terms
from index.text.sentences import sentence_spans
from qa.quoting.quotes import Proposal, distinct
from qa.reading.protocol import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.passages.embedder import Embedder
    from qa.retrieval.retriever import Candidate

NEAR = 0.5  # cosine from which a sentence may say the same; on the sample, true claims are above it and others below
_MOST_SENTENCES = 64  # that are embedded for one statement
_WORDS = 4  # a shorter statement stands in too many sentences to be found word for word


@dataclass(frozen=True, slots=True)
class ClaimMatch:
    """A sentence and how near it is: the cosine, -1 to 1; 1.0 where statement or sentence holds the other's words."""

    proposal: Proposal
    similarity: float
    verbatim: bool


def nearest_sentences(claim: str, candidates: Sequence[Candidate], embedder: Embedder) -> list[ClaimMatch]:
    """Return the sentences of the candidates that are near the statement, nearest first, none twice."""
    sentences = [
        (candidate, Span(span.start, span.end))
        for candidate in candidates
        for span in sentence_spans(candidate.stored.text)
    ][:_MOST_SENTENCES]
    if not sentences:
        return []
    texts = [span.of(candidate.stored.text) for candidate, span in sentences]
    said = f" {' '.join(index_terms(claim))} "
    found = [
        _judged(place, sentence, said, float(cosine))
        for place, (sentence, cosine) in enumerate(
            zip(sentences, embedder.passages(texts) @ embedder.query(claim), strict=True),
        )
    ]
    near = sorted((one for one in found if one.similarity >= NEAR), key=lambda one: -one.similarity)
    kept = set(map(id, distinct(one.proposal for one in near)))
    return [one for one in near if id(one.proposal) in kept]


def _judged(place: int, sentence: tuple[Candidate, Span], said: str, cosine: float) -> ClaimMatch:
    candidate, span = sentence
    text = span.of(candidate.stored.text)
    own = f" {' '.join(index_terms(text))} "
    long_enough = min(len(own.split()), len(said.split())) >= _WORDS
    verbatim = long_enough and (own in said or said in own)
    reading = Reading(place, span.start, span.end, cosine, exact=False)
    offset = candidate.stored.passage.start
    proposal = Proposal(candidate, reading, Span(offset + span.start, offset + span.end), text, text, ())
    return ClaimMatch(proposal, 1.0 if verbatim else cosine, verbatim)

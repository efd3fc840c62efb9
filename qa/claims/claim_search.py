"""Finds the sentences of the articles that are most similar to a statement.

Whether a sentence supports the statement is not judged here, but left to the person who reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.models import Span
from index.text.sentences import sentence_spans
from qa.quoting.quotes import Proposal, distinct
from qa.quoting.statements import contains, statement_in, statement_tokens
from qa.reading.protocol import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.passages.embedder import Embedder
    from qa.retrieval.retriever import Candidate

MIN_SIMILARITY = 0.5  # cosine; on the sample library, claims that it makes are above and others below
_MAX_SENTENCES = 64  # embedded for one statement
_MIN_WORDS = 4  # a shorter statement is contained in too many sentences to count as verbatim


@dataclass(frozen=True, slots=True)
class ClaimMatch:
    """A sentence and its similarity: the cosine (-1 to 1), or 1.0 if `verbatim`.

    `verbatim` is true if sentence or statement contains the words of the other in order.
    """

    proposal: Proposal
    similarity: float
    verbatim: bool


def nearest_sentences(claim: str, candidates: Sequence[Candidate], embedder: Embedder) -> list[ClaimMatch]:
    """Return the candidates' sentences of at least `MIN_SIMILARITY` to the statement, best first, none twice."""
    sentences = [
        (candidate, Span(span.start, span.end))
        for candidate in candidates
        for span in sentence_spans(candidate.stored.text, candidate.stored.language)
    ][:_MAX_SENTENCES]
    if not sentences:
        return []
    texts = [span.of(candidate.stored.text) for candidate, span in sentences]
    claim_tokens = statement_tokens(claim)
    found = [
        _match(place, sentence, claim_tokens, float(cosine))
        for place, (sentence, cosine) in enumerate(
            zip(sentences, embedder.passages(texts) @ embedder.query(claim), strict=True),
        )
    ]
    near = sorted((one for one in found if one.similarity >= MIN_SIMILARITY), key=lambda one: -one.similarity)
    kept = set(map(id, distinct(one.proposal for one in near)))
    return [one for one in near if id(one.proposal) in kept]


def _match(place: int, sentence: tuple[Candidate, Span], claim_tokens: tuple[str, ...], cosine: float) -> ClaimMatch:
    candidate, span = sentence
    text = span.of(candidate.stored.text)
    own = statement_tokens(text)
    verbatim = min(len(own), len(claim_tokens)) >= _MIN_WORDS and (
        contains(claim_tokens, own) or contains(own, claim_tokens)
    )
    reading = Reading(place, span.start, span.end, cosine, exact=False)
    offset = candidate.stored.passage.start
    whole = Span(offset + span.start, offset + span.end)
    proposal = Proposal(candidate, reading, whole, text, text, (), statement_in(candidate.stored, span))
    return ClaimMatch(proposal, 1.0 if verbatim else cosine, verbatim)

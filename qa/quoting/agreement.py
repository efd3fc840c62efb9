"""Finds statements that several articles share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.models import Span
from index.text.sentences import sentence_spans
from qa.quoting.statements import statement_in, statement_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qa.quoting.quotes import Proposal
    from qa.retrieval.retriever import Candidate


def find_same_statement(proposal: Proposal, candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Span]]:
    """Yield candidates of other articles that make the same statement, one per article, with its span there."""
    own, seen = proposal.said, {_article_key(proposal.candidate)}
    wanted = f" {' '.join(own.tokens)} "
    for candidate in candidates:
        passage, text = candidate.stored.passage, candidate.stored.text
        if not own.tokens or _article_key(candidate) in seen or wanted not in f" {' '.join(statement_tokens(text))} ":
            continue
        for span in sentence_runs(text, len(proposal.statement), candidate.stored.language):
            if statement_tokens(span.of(text)) == own.tokens and statement_in(candidate.stored, span) == own:
                seen.add(_article_key(candidate))
                yield candidate, Span(passage.start + span.start, passage.start + span.end)
                break


def sentence_runs(text: str, length: int, language: str | None) -> Iterator[Span]:
    """Yield the spans of consecutive sentences that are about `length` characters long (half to twice as long)."""
    sentences = sentence_spans(text, language)
    for first, begin in enumerate(sentences):
        for end in sentences[first:]:
            size = end.end - begin.start
            if size > 2 * length + 20:
                break
            if 2 * size + 20 >= length:
                yield Span(begin.start, end.end)


def _article_key(candidate: Candidate) -> tuple[str, int]:
    return candidate.library, candidate.stored.passage.article_id

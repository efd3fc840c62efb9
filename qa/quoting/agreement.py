"""Finds statements that several articles share, and answers that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.models import Span
from index.text.analyzer import key_terms
from index.text.sentences import sentence_spans
from qa.quoting.statements import statement_in, statement_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qa.quoting.quotes import Proposal
    from qa.retrieval.retriever import Candidate

_MIN_SHARED = 0.6  # of the key terms of the longer statement, those of the answers excluded
_MIN_SHARED_WORDS = 2  # key terms that two statements about the same thing have in common, at least


def find_same_statement(proposal: Proposal, candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Span]]:
    """Yield candidates of other articles that make the same statement, one per article, with its span there."""
    own, seen = proposal.said, {_article_key(proposal.candidate)}
    wanted = f" {' '.join(own.tokens)} "
    for candidate in candidates:
        passage, text = candidate.stored.passage, candidate.stored.text
        if not own.tokens or _article_key(candidate) in seen or wanted not in f" {' '.join(statement_tokens(text))} ":
            continue
        for span in sentence_runs(text, len(proposal.statement)):
            if statement_tokens(span.of(text)) == own.tokens and statement_in(candidate.stored, span) == own:
                seen.add(_article_key(candidate))
                yield candidate, Span(passage.start + span.start, passage.start + span.end)
                break


def sentence_runs(text: str, length: int) -> Iterator[Span]:
    """Yield the spans of consecutive sentences that are about `length` characters long (half to twice as long)."""
    sentences = sentence_spans(text)
    for first, begin in enumerate(sentences):
        for end in sentences[first:]:
            size = end.end - begin.start
            if size > 2 * length + 20:
                break
            if 2 * size + 20 >= length:
                yield Span(begin.start, end.end)


def are_contradictory(question: str, one: Proposal, other: Proposal) -> bool:
    """Whether two articles give different answers in otherwise similar statements.

    Both must contain the same words of the question, and a number is only compared with a number. False if the
    answering words of either are unknown.
    """
    if _article_key(one.candidate) == _article_key(other.candidate) or not one.highlights or not other.highlights:
        return False
    mine, theirs = (set(statement_tokens(_answer(proposal))) for proposal in (one, other))
    numbers = [{word for word in answer if any(char.isdigit() for char in word)} for answer in (mine, theirs)]
    if mine <= theirs or theirs <= mine or bool(numbers[0]) != bool(numbers[1]) or numbers[0] & numbers[1]:
        return False
    asked = set(key_terms(question))
    mentioned = [asked & set(key_terms(f"{p.candidate.stored.title} {p.statement}")) for p in (one, other)]
    rest = [set(key_terms(p.statement)) - set(key_terms(_answer(p))) for p in (one, other)]
    shared = len(rest[0] & rest[1])
    return mentioned[0] <= mentioned[1] and shared >= max(_MIN_SHARED_WORDS, _MIN_SHARED * max(map(len, rest)))


def _article_key(candidate: Candidate) -> tuple[str, int]:
    return candidate.library, candidate.stored.passage.article_id


def _answer(proposal: Proposal) -> str:
    return " ".join(
        proposal.text[s.start - proposal.span.start : s.end - proposal.span.start] for s in proposal.highlights
    )

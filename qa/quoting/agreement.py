"""What several articles say alike, and where they contradict each other."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from index.models import Span
from index.text.analyzer import key_terms
from index.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qa.quoting.quotes import Proposal
    from qa.retrieval.retriever import Candidate

_WORD = re.compile(r"\w+")
_ALIKE = 0.6  # of the key words of the longer statement, the answers left out
_FEWEST = 2  # key words that two statements about the same thing share


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text: two texts with the same words differ in case, marks and white space at most."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def elsewhere(proposal: Proposal, candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Span]]:
    """Yield the candidates of other articles that make the same statement, with the span of their article that does."""
    own, seen = words(proposal.statement), {_article(proposal.candidate)}
    looked_for = f" {' '.join(own)} "
    for candidate in candidates:
        passage, text = candidate.stored.passage, candidate.stored.text
        if not own or _article(candidate) in seen or looked_for not in f" {' '.join(words(text))} ":
            continue
        for span in runs(text, len(proposal.statement)):
            if words(span.of(text)) == own:
                seen.add(_article(candidate))
                yield candidate, Span(passage.start + span.start, passage.start + span.end)
                break


def runs(text: str, length: int) -> Iterator[Span]:
    """Yield the runs of sentences that are about as long as `length`, so that few are compared word by word."""
    sentences = sentence_spans(text)
    for first, begin in enumerate(sentences):
        for end in sentences[first:]:
            size = end.end - begin.start
            if size > 2 * length + 20:
                break
            if 2 * size + 20 >= length:
                yield Span(begin.start, end.end)


def contradict(question: str, one: Proposal, other: Proposal) -> bool:
    """Whether two articles give different answers in statements that are otherwise alike: both are worth reading.

    Both must speak of the same words of the question, and numbers are compared with numbers; where the answering words
    are unknown, nothing is claimed.
    """
    if _article(one.candidate) == _article(other.candidate) or not one.highlights or not other.highlights:
        return False
    mine, theirs = (set(words(_answer(proposal))) for proposal in (one, other))
    numbers = [{word for word in answer if any(char.isdigit() for char in word)} for answer in (mine, theirs)]
    if mine <= theirs or theirs <= mine or bool(numbers[0]) != bool(numbers[1]) or numbers[0] & numbers[1]:
        return False
    asked = set(key_terms(question))
    spoken_of = [asked & set(key_terms(f"{p.candidate.stored.title} {p.statement}")) for p in (one, other)]
    rest = [set(key_terms(p.statement)) - set(key_terms(_answer(p))) for p in (one, other)]
    shared = len(rest[0] & rest[1])
    return spoken_of[0] <= spoken_of[1] and shared >= max(_FEWEST, _ALIKE * max(map(len, rest)))


def _article(candidate: Candidate) -> tuple[str, int]:
    return candidate.library, candidate.stored.passage.article_id


def _answer(proposal: Proposal) -> str:
    return " ".join(
        proposal.text[s.start - proposal.span.start : s.end - proposal.span.start] for s in proposal.highlights
    )

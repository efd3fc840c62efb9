"""Ranks proposals by confidence, and leaves out those that are about another subject than the one asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from index.text.analyzer import content_terms, index_terms
from qa.conversation.noun_phrases import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from qa.conversation.noun_phrases import Token
    from qa.quoting.quotes import Proposal
    from qa.retrieval.search import SearchResult


class _Slot(NamedTuple):
    """The words beside a name, in lower case; empty at the ends of a sentence."""

    before: str
    after: str


def rank(
    found: SearchResult, proposals: Sequence[Proposal], confidences: Sequence[float], threshold: float
) -> list[tuple[float, Proposal]]:
    """Return the proposals with their confidences, most confident first.

    Those that do not name what the question requires get less than `threshold`, the least confidence of an answer. If
    the best proposal names the subject of the question, those about another one are left out.
    """
    texts = [with_context(proposal) for proposal in proposals]
    restricted = found.required.restrict(texts, confidences, threshold)
    ranked = sorted(zip(restricted, proposals, texts, strict=True), key=lambda one: -one[0])
    if not ranked:
        return []
    best = ranked[0][2]
    is_named = found.required.names_all(best)
    return [
        (confidence, proposal)
        for confidence, proposal, text in ranked
        if text is best
        or not ((is_named and found.required.names_another(text)) or is_about_another(found.text, best, text))
    ]


def with_context(proposal: Proposal) -> str:
    """Return a quote below its title, heading and introduction, for judging what it is about."""
    stored = proposal.candidate.stored
    return f"{stored.title}\n{stored.passage.heading}\n{stored.introduction}\n{proposal.text}"


def is_about_another(question: str, best: str, other: str) -> bool:
    """Whether a text has another name where `best` has one of the question's, which the text does not contain.

    To a question about Kiel, "The Ulm branch opens at 10" is about another branch than "The Kiel branch opens at 9".
    """
    asked = set(content_terms(question))
    missing = asked & set(index_terms(best)) - set(index_terms(other))
    if not missing:
        return False
    wanted = {slot for slot, terms in _names(best) if terms & missing}
    return any(slot in wanted and not terms & asked for slot, terms in _names(other))


def _names(text: str) -> Iterator[tuple[_Slot, AbstractSet[str]]]:
    """Yield the terms of each name in a text, with the words beside it; a slot has at least one word."""
    for line in text.split("\n"):
        tokens = tokenize(line)
        start = 0
        while start < len(tokens):
            end = start
            while end < len(tokens) and _is_part_of_name(tokens[end]) and not (end > start and tokens[end].broken):
                end += 1
            if end > start:
                before = "" if tokens[start].first or not start else tokens[start - 1].lower
                after = "" if end == len(tokens) or tokens[end].first else tokens[end].lower
                if before or after:
                    terms = {term for token in tokens[start:end] for term in index_terms(token.text)}
                    yield _Slot(before, after), terms
            start = max(end, start + 1)


def _is_part_of_name(token: Token) -> bool:
    return token.is_content and (token.is_capital or any(map(str.isdigit, token.text)))

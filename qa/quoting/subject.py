"""Lowers the confidence of quotes that do not name what was asked for, and leaves out those about another subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from index.text.analyzer import content_terms, index_terms
from qa.conversation.noun_phrases import tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from qa.conversation.noun_phrases import Token
    from qa.quoting.quotes import Proposal
    from qa.retrieval.search import SearchResult


class _Slot(NamedTuple):
    """The words beside a name, in lower case; empty at the ends of a sentence."""

    before: str
    after: str


def on_subject(
    found: SearchResult, ranked: Sequence[tuple[Proposal, float]], threshold: float
) -> list[tuple[Proposal, float]]:
    """Return proposals with their confidences, most confident first, without those about another subject.

    Those that do not name what the question requires get less than `threshold`, the least confidence of an answer. If
    the best proposal names the subject of the question, those about another one are left out.
    """
    if not ranked:
        return []
    texts = [with_context(proposal) for proposal, _ in ranked]
    restricted = found.required.restrict(texts, [confidence for _, confidence in ranked], threshold)
    pairs = zip(ranked, texts, restricted, strict=True)
    (best, text, first), *others = sorted(
        ((proposal, text, confidence) for (proposal, _), text, confidence in pairs), key=lambda one: -one[2]
    )
    is_named = found.required.names_all(text)
    is_about_another = _other_subject(found.text, text)
    return [(best, first)] + [
        (proposal, confidence)
        for proposal, other, confidence in others
        if not ((is_named and found.required.names_another(other)) or is_about_another(other))
    ]


def with_context(proposal: Proposal) -> str:
    """Return a quote below its title, heading and introduction, for judging what it is about."""
    stored = proposal.candidate.stored
    return f"{stored.title}\n{stored.passage.heading}\n{stored.introduction}\n{proposal.text}"


def _other_subject(question: str, best: str) -> Callable[[str], bool]:
    """Return whether a text has another name where `best` has one of the question's, which the text does not contain.

    To a question about Kiel, "The Ulm branch opens at 10" is about another branch than "The Kiel branch opens at 9".
    """
    asked = set(content_terms(question))
    named = asked & set(index_terms(best))
    names = [(slot, terms & named) for slot, terms in _names(best) if terms & named]

    def is_about_another(text: str) -> bool:
        missing = named.difference(index_terms(text) if names else named)
        wanted = {slot for slot, terms in names if terms & missing}
        return bool(wanted) and any(slot in wanted and not terms & asked for slot, terms in _names(text))

    return is_about_another


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

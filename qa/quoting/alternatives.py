"""Finds articles that answer a question alike, each for its own case, such as two events or two versions.

"The gates open at 10" and "The gates open at 11" are both right if the question does not say which fair is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from index.text.analyzer import content_terms, index_terms, key_terms
from qa.quoting.statements import statement_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from index.models import Article
    from qa.conversation.follow_ups import Turn
    from qa.outcome import Quote
    from qa.quoting.quotes import Proposal

_MAX_GAP: Final = 0.35  # between the confidence of the best quote and that of another one
_MIN_SHARED: Final = 0.6  # of the terms of the longer statement, those of answers and names excluded
_MAX_CHARACTERS: Final = 20_000  # of an article that are searched for words of the question


class _Found(NamedTuple):
    """A quote, the proposal that it was made of, and its article."""

    quote: Quote
    proposal: Proposal
    article: Article

    @property
    def key(self) -> tuple[str, int]:
        return self.quote.library, self.quote.article_id


def find_alternatives(
    question: str,
    history: Sequence[Turn],
    quotes: Sequence[Quote],
    proposals: Sequence[Proposal],
    find_article: Callable[[str, int], Article | None],
    threshold: float,
) -> tuple[int, ...]:
    """Return the positions of the quotes between which the question does not decide, the best one of each article.

    `quotes` are those of an answer, best first, and `proposals` those that they were made of, among others;
    `find_article` returns an article by library and id, and `threshold` is the least confidence of an answer. The first
    position is 0, that of the best quote. The tuple is empty if no other article answers alike, and if a later article
    contradicts an earlier one: then the later counts.
    """
    if len(quotes) < 2 or any(quote.differs or quote.chosen for quote in quotes):
        return ()
    least = max(threshold, quotes[0].confidence - _MAX_GAP)
    best: _Found | None = None
    others: list[int] = []
    articles: set[tuple[str, int]] = set()
    for position, quote in enumerate(quotes):
        found = _found(quote, proposals, find_article) if quote.confidence >= least else None
        if found is None or found.key in articles:
            continue
        articles.add(found.key)
        if best is None:
            best = found
        elif _are_alike(question, best, found) and not _is_one_meant(question, history, best.article, found.article):
            others.append(position)
    return (0, *others) if others else ()


def _found(
    quote: Quote, proposals: Sequence[Proposal], find_article: Callable[[str, int], Article | None]
) -> _Found | None:
    place = quote.library, quote.article_id
    for proposal in proposals:
        candidate, span = proposal.candidate, proposal.span
        if (candidate.library, candidate.stored.passage.article_id) == place and quote.start <= span.start < quote.end:
            article = find_article(*place)
            return _Found(quote, proposal, article) if article else None
    return None


def _are_alike(question: str, one: _Found, other: _Found) -> bool:
    """Whether two statements differ in what answers and in what names their articles, and hardly in anything else."""
    names = _title_terms(one.article), _title_terms(other.article)
    answers = [set(index_terms(_answer(found.proposal))) for found in (one, other)]
    tokens = [set(statement_tokens(_answer(found.proposal))) for found in (one, other)]
    if not all(tokens) or tokens[0] <= tokens[1] or tokens[1] <= tokens[0]:
        return False
    rests = [
        _terms_around(found.proposal) - answer - (mine - theirs)
        for found, answer, mine, theirs in zip((one, other), answers, names, names[::-1], strict=True)
    ]
    shared = rests[0] & rests[1]
    return bool(shared & set(key_terms(question))) and len(shared) >= _MIN_SHARED * max(map(len, rests))


def _is_one_meant(question: str, history: Sequence[Turn], one: Article, other: Article) -> bool:
    """Whether the question or its conversation has to do with one of two articles more than with the other."""
    asked, texts = set(key_terms(question)), [_beginning(article) for article in (one, other)]
    if len({frozenset(asked & set(index_terms(text))) for text in texts}) > 1:
        return True
    differing = _title_terms(one) ^ _title_terms(other)
    return any(
        not differing.isdisjoint(index_terms(turn.text))
        or (turn.role == "assistant" and (turn.text in one.text) != (turn.text in other.text))
        for turn in history
    )


def _terms_around(proposal: Proposal) -> set[str]:
    """Return the terms of a statement and of the heading above it."""
    heading = proposal.candidate.stored.passage.heading.rpartition(" > ")[2]
    return set(content_terms(f"{heading} {proposal.statement}"))


def _title_terms(article: Article) -> AbstractSet[str]:
    return set(index_terms(article.title))


def _beginning(article: Article) -> str:
    return f"{article.title}\n{article.text[:_MAX_CHARACTERS]}"


def _answer(proposal: Proposal) -> str:
    return " ".join(
        proposal.text[s.start - proposal.span.start : s.end - proposal.span.start] for s in proposal.highlights
    )

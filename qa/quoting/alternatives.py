"""Finds articles that answer a question alike, each for its own case, such as two events or two versions.

"The gates open at 10" and "The gates open at 11" are both right if the question does not say which fair is meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from index.text.analyzer import content_terms, index_terms, key_terms
from qa.quoting.contradictions import answer_in_kind
from qa.quoting.statements import statement_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from index.models import Article
    from qa.conversation.follow_ups import Turn
    from qa.outcome import Quote
    from qa.quoting.quotes import Proposal

_MIN_SHARE: Final = 1 / 3  # of the confidence of the best quote, for another one in a parallel statement
_MIN_SHARED: Final = 0.6  # of the terms of the longer statement, those of answers and names excluded
_MAX_CHARACTERS: Final = 20_000  # of an article that are searched for words of the question
_WORD: Final = re.compile(r"\w+")


class _Found(NamedTuple):
    """A quote, the proposal that it was made of, and its article."""

    quote: Quote
    proposal: Proposal
    article: Article


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
    least = quotes[0].confidence * _MIN_SHARE
    articles = {(quotes[0].library, quotes[0].article_id)}
    best = _found(quotes[0], proposals, find_article)
    others: list[int] = []
    for position, quote in enumerate(quotes[1:] if best else (), 1):
        if quote.confidence < least or (quote.library, quote.article_id) in articles:
            continue
        articles.add((quote.library, quote.article_id))
        found = _found(quote, proposals, find_article)
        if best and found and _are_alike(question, best, found, threshold) and not _is_one_meant(history, best, found):
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


def _are_alike(question: str, one: _Found, other: _Found, threshold: float) -> bool:
    """Whether two quotes answer the same question, each for the case of its article, and differently."""
    tokens = [set(statement_tokens(_answer(found.proposal))) for found in (one, other)]
    if not all(tokens) or tokens[0] <= tokens[1] or tokens[1] <= tokens[0]:
        return False
    asked = set(key_terms(question))
    if other.quote.confidence < threshold:
        return answer_in_kind(one.proposal, other.proposal) and _are_parallel(asked, one, other)
    return _are_parallel(asked, one, other) or _are_of_siblings(asked, one, other)


def _are_parallel(asked: AbstractSet[str], one: _Found, other: _Found) -> bool:
    """Whether two statements differ in what answers and in what names their articles, and hardly in anything else."""
    names = _title_terms(one.article), _title_terms(other.article)
    answers = [set(index_terms(_answer(found.proposal))) for found in (one, other)]
    rests = [
        _terms_around(found.proposal) - answer - (mine - theirs)
        for found, answer, mine, theirs in zip((one, other), answers, names, names[::-1], strict=True)
    ]
    shared = rests[0] & rests[1]
    if not shared & asked or len(shared) < _MIN_SHARED * max(map(len, rests)):
        return False
    return len({frozenset(asked & set(index_terms(_beginning(found.article)))) for found in (one, other)}) == 1


def _are_of_siblings(asked: AbstractSet[str], one: _Found, other: _Found) -> bool:
    """Whether two articles with like titles answer below the same heading, or with values or names of one kind."""
    titles = [set(content_terms(found.article.title)) for found in (one, other)]
    if not titles[0] & titles[1] or titles[0] <= titles[1] or titles[1] <= titles[0]:
        return False
    headings = [set(content_terms(_heading(found.proposal))) for found in (one, other)]
    if not answer_in_kind(one.proposal, other.proposal) and not (headings[0] == headings[1] and headings[0] & asked):
        return False
    names = [_names(found.article) & asked for found in (one, other)]
    return names[0] == names[1]


def _is_one_meant(history: Sequence[Turn], one: _Found, other: _Found) -> bool:
    """Whether the conversation has to do with one of two articles more than with the other."""
    differing = _title_terms(one.article) ^ _title_terms(other.article)
    return any(
        not differing.isdisjoint(index_terms(turn.text))
        or (turn.role == "assistant" and (turn.text in one.article.text) != (turn.text in other.article.text))
        for turn in history
    )


def _names(article: Article) -> AbstractSet[str]:
    """Return the terms of an article's title, and of words with a digit, or a capital that begins no sentence."""
    text = _beginning(article)
    named = (match.group() for match in _WORD.finditer(text) if _is_name(text, match))
    return _title_terms(article) | set(index_terms(" ".join(named)))


def _is_name(text: str, match: re.Match[str]) -> bool:
    word, before = match.group(), text[max(0, match.start() - 2) : match.start()]
    inside = len(before) == 2 and before[1] == " " and (before[0].isalnum() or before[0] == ",")
    return any(map(str.isdigit, word)) or (inside and word[0].isupper())


def _heading(proposal: Proposal) -> str:
    return proposal.candidate.stored.passage.heading.rpartition(" > ")[2]


def _terms_around(proposal: Proposal) -> set[str]:
    """Return the terms of a statement and of the heading above it."""
    return set(content_terms(f"{_heading(proposal)} {proposal.statement}"))


def _title_terms(article: Article) -> AbstractSet[str]:
    return set(index_terms(article.title))


def _beginning(article: Article) -> str:
    return f"{article.title}\n{article.text[:_MAX_CHARACTERS]}"


def _answer(proposal: Proposal) -> str:
    return " ".join(
        proposal.text[s.start - proposal.span.start : s.end - proposal.span.start] for s in proposal.highlights
    )

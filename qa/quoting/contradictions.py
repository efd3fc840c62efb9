"""Finds articles of different dates that contradict each other: the later one counts, and both are shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from index.text.analyzer import content_terms, key_terms
from qa.quoting.statements import statement_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from qa.outcome import Quote
    from qa.quoting.quotes import Proposal

_MIN_SHARED: Final = 0.5  # of the key terms of the longer statement, those of the answers excluded
_MAX_NAME: Final = 5  # words of a name that answers
_MONTHS: Final = (
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
_WEEKDAYS: Final = (
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays "
    "sundays mon tue wed thu fri sat sun weekday weekdays weekend weekends daily holiday holidays"
)
_NUMBERS: Final = "noon midnight one two three four five six seven eight nine ten eleven twelve"
_KINDS: Final = {
    token: kind
    for kind, tokens in (("month", _MONTHS), ("day", _WEEKDAYS), ("number", _NUMBERS), ("half of a day", "am pm"))
    for token in tokens.split()
}
_QUALIFIER = re.compile(
    r"\b(?:for|if|with|without|during|in|on|except|under|over|between|by|when)\s+((?:[\w'-]+\s*){1,3})", re.IGNORECASE
)
_EVERYONE: Final = frozenset(content_terms("everyone everybody"))
# A date, as in "1 May 2024", "May 2024", "2024-05-01" or "2024".
_DATE: Final = (
    rf"(?:\d{{4}}-\d\d(?:-\d\d)?|(?:\d{{1,2}}\.? )?\b(?:{_MONTHS.replace(' ', '|')})\b\.?(?: \d{{1,2}}\b(?!:))?,?"
    r"(?: \d{4})?|\b(?:19|20)\d\d\b)"
)
_DATES = re.compile(_DATE, re.IGNORECASE)
_VALID_FROM = re.compile(rf"\b(?:from|since|as of|starting|effective)(?: on)? {_DATE}(?: on\b)?,?", re.IGNORECASE)
_PASSING: Final = frozenset(  # words that say when a statement holds, or what kind of text makes it
    content_terms(
        "new newer older old now current currently present today until previous previously former formerly earlier "
        "later last latest recently already since update updated change changed announcement notice news info "
        "information article page faq question answer edition list guide note"
    )
)


def are_contradictory(question: str, one: Proposal, other: Proposal) -> bool:
    """Whether two articles give different answers in statements about the same thing.

    Both must contain the same words of the question, and neither title, heading nor statement may name something that
    the other replaces by something else, such as another branch. Numbers, dates and names are compared with their
    like. False if the answering words of either are unknown. Dates of the articles are not looked at.
    """
    if _article_key(one) == _article_key(other) or not one.highlights or not other.highlights:
        return False
    if not answer_in_kind(one, other):
        return False  # as most are: what follows is slow
    answers = _own_answer(one, other), _own_answer(other, one)
    asked = set(key_terms(question))
    mentioned = [asked & set(key_terms(f"{_place(proposal)} {proposal.statement}")) for proposal in (one, other)]
    rest = [_rest(proposal, answer) for proposal, answer in zip((one, other), answers, strict=True)]
    shared = rest[0] & rest[1]
    return (
        not _is_narrower(one, other)
        and not _is_narrower(other, one)
        and mentioned[0] <= mentioned[1]
        and not _are_exchanged(*rest)
        and (len(shared) >= max(2, _MIN_SHARED * max(map(len, rest))) or (rest[0] == rest[1] and bool(shared & asked)))
        and not _are_about_different_things(one, other)
    )


def answer_in_kind(one: Proposal, other: Proposal) -> bool:
    """Whether two statements give different answers of one kind: numbers, days or months with like units, or names."""
    answers = _own_answer(one, other), _own_answer(other, one)
    named = all(_names(proposal) & answer for proposal, answer in zip((one, other), answers, strict=True))
    return _are_different_answers(*answers, named=named)


def have_different_dates(one: Quote, other: Quote) -> bool:
    """Whether two quotes are of articles with known dates that are not of one day."""
    return bool(one.published and other.published) and _day(one) != _day(other)


def newest_first(quotes: Sequence[Quote]) -> list[Quote]:
    """Return quotes, best first, with those that contradict each other before the rest, the newest of them first.

    All of them but the newest then have `differs`. The newest has at least the confidence of the best quote: it says
    the same about the same thing, with another answer.
    """
    group = [quote for rank, quote in enumerate(quotes) if rank == 0 or quote.differs]
    if len(group) < 2:
        return list(quotes)
    newest, *older = sorted(group, key=_day, reverse=True)
    confidence = max(newest.confidence, quotes[0].confidence)
    return [
        replace(newest, differs=False, confidence=confidence),
        *(replace(quote, differs=True) for quote in older),
        *(quote for quote in quotes[1:] if not quote.differs),
    ]


def _day(quote: Quote) -> str:
    return (quote.published or "")[:10]


def _own_answer(one: Proposal, other: Proposal) -> set[str]:
    """Return the tokens of the answer of one statement that the other statement does not contain."""
    said, theirs = (set(_tokens(_undated(proposal.statement))) for proposal in (one, other))
    return set(_tokens(_answer(one))) & said - theirs


def _are_different_answers(mine: set[str], theirs: set[str], *, named: bool) -> bool:
    """Whether answers of one kind differ: in their numbers, days or months, or else in names, if both are `named`."""
    values = [{token for token in tokens if _is_value(token)} for tokens in (mine, theirs)]
    units = [tokens - found for tokens, found in zip((mine, theirs), values, strict=True)]
    if all(values):
        kinds = [{_KINDS.get(token, "number") for token in found} - {"half of a day"} for found in values]
        return kinds[0] == kinds[1] and (units[0] <= units[1] or units[1] <= units[0])
    return named and not any(values) and max(map(len, units)) <= _MAX_NAME


def _is_narrower(one: Proposal, other: Proposal) -> bool:
    """Whether one statement has a condition that the other lacks, such as "for students"."""
    conditions = " ".join(match.group(1) for match in _QUALIFIER.finditer(_undated(one.statement)))
    answer = _answer(one)
    named = "" if any(map(_is_value, _tokens(answer))) else answer  # "in Café Sol" may be the answer itself
    known = set(content_terms(f"{other.statement} {named}")) | _PASSING | _EVERYONE
    extra = {term for term in content_terms(conditions) if not any(map(str.isdigit, term))} - known
    return bool(extra - set(content_terms(" ".join(_KINDS))))


def _are_about_different_things(one: Proposal, other: Proposal) -> bool:
    """Whether each title or heading names something that the other article's passage does not mention."""
    names = [set(content_terms(_DATES.sub(" ", _place(proposal)))) - _PASSING for proposal in (one, other)]
    texts = [set(content_terms(f"{_place(proposal)} {_text(proposal)}")) for proposal in (one, other)]
    return bool(names[0] - texts[1]) and bool(names[1] - texts[0])


def _are_exchanged(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Whether each of two statements has a word instead of one of the other's, such as "adults" and "children"."""
    return bool(one - other) and bool(other - one)


def _rest(proposal: Proposal, answer: AbstractSet[str]) -> set[str]:
    """Return the key terms of a statement without those of its answer and of the date from which it holds."""
    terms = set(content_terms(_undated(proposal.statement)))
    return terms - set(content_terms(" ".join(answer))) - _PASSING


def _names(proposal: Proposal) -> set[str]:
    """Return the words of an answer that have a capital, case-folded."""
    return {word.casefold() for word in re.findall(r"\w+", _answer(proposal)) if word[0].isupper()}


def _undated(statement: str) -> str:
    return _VALID_FROM.sub(" ", statement)


def _tokens(text: str) -> list[str]:
    """Return the tokens of a text; numbers without zeros and separators that do not change them."""
    return [_plain_number(token) if token[0].isdigit() else token for token in statement_tokens(text)]


def _plain_number(token: str) -> str:
    parts = re.sub(r"[.,](?=\d{3}(?!\d))", "", token).replace(",", ".").replace(":", ".")
    return re.sub(r"\.0+$", "", parts).lstrip("0") or "0"


def _is_value(token: str) -> bool:
    return any(map(str.isdigit, token)) or token in _KINDS


def _article_key(proposal: Proposal) -> tuple[str, int]:
    return proposal.candidate.library, proposal.candidate.stored.passage.article_id


def _place(proposal: Proposal) -> str:
    return f"{proposal.candidate.stored.title} {proposal.candidate.stored.passage.heading}"


def _text(proposal: Proposal) -> str:
    return proposal.candidate.stored.text


def _answer(proposal: Proposal) -> str:
    return " ".join(
        proposal.text[s.start - proposal.span.start : s.end - proposal.span.start] for s in proposal.highlights
    )

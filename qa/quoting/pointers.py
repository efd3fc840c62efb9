"""Recognises sentences that only lead to the answer, and lowers their confidence below that of the answer.

One repeats the question and points elsewhere: "How do I join? See the section on membership." Another stands above the
table with the answer: "All prices are per month." A third stands above headings of which one names what was asked for,
such as the labels of tabs: "Copy the line for your system."
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from index.text.analyzer import content_terms
from index.text.blocks import FENCE, LIST_ITEM
from qa.quoting.subject import with_context
from qa.quoting.tables import row_around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.quoting.quotes import Proposal

_POINTS: Final = re.compile(
    r"\b(?:see|read|consult|visit|check(?: out)?|refer to|(?:is|are) (?:described|explained|covered|answered|listed) in"
    r"|look (?:at|in|under)|go to|click|(?:can be )?found (?:in|at|under|on)|head (?:over )?to|have a look at)\b"
    r"[^.!?\n]{0,80}?(?:\bhere\b|\b(?:section|chapter|page|article|guide|documentation|docs|manual|faq|wiki|link|post|thread|"
    r"appendix|paragraph|readme|website|site|below|above)\b|\]\(|https?://|\u00a7|[\"\u201c\u2018'`*_])",
    re.IGNORECASE,
)
_FEW_NEW: Final = 3  # words that are neither in the question nor part of pointing
_PART_OF_POINTING: Final = frozenset(
    content_terms(
        "see read consult visit check out refer describe explain cover answer list look under go click find found head "
        "over here section chapter page article guide documentation docs manual faq wiki link post thread appendix "
        "paragraph readme website site below above detail information info more further full learn know how https http "
        "following following question please instruction topic com org html www"
    )
)
_LOWERED: Final = 0.99  # of the least confident answer


def points_elsewhere(question: str, text: str) -> bool:
    """Whether a text only repeats the question's words and says where the answer is."""
    if not _POINTS.search(text):
        return False
    asked = set(content_terms(question))
    said = content_terms(_POINTS.sub(" ", text))
    repeats = not asked or any(term in asked for term in content_terms(text))
    return repeats and sum(term not in asked and term not in _PART_OF_POINTING for term in said) <= _FEW_NEW


def below_answers(question: str, scores: Sequence[float], proposals: Sequence[Proposal], floor: float) -> list[float]:
    """Return the confidences of proposals, those that only lead to an answer below every answer of at least `floor`."""
    likely = [proposal for proposal, score in zip(proposals, scores, strict=True) if score >= floor]
    leads = [
        points_elsewhere(question, proposal.text)
        or any(_announces(question, proposal, other) or _introduces(question, proposal, other) for other in likely)
        for proposal in proposals
    ]
    answers = [score for score, leading in zip(scores, leads, strict=True) if not leading and score >= floor]
    if not answers:
        return list(scores)
    highest = min(answers) * _LOWERED
    return [min(score, highest) if leading else score for score, leading in zip(scores, leads, strict=True)]


def _announces(question: str, proposal: Proposal, other: Proposal) -> bool:
    """Whether a proposal is right above the table of another one, a row that has more of the question's words.

    The words of the table's head count as the row's.
    """
    one, passage, text = proposal.candidate, other.candidate.stored.passage, other.candidate.stored.text
    if (one.library, one.stored.passage.article_id) != (other.candidate.library, passage.article_id):
        return False
    row = other.span.start - passage.start
    placed = row_around(text, row, row + 1)
    if placed is None:
        return False
    table = placed[0]
    above = text[max(0, proposal.span.end - passage.start) : (table.head or table.rows[0]).start]
    is_above = passage.start <= proposal.span.start and above.isspace()
    if not is_above and all(each.end != proposal.span.end for each in passage.introductions):
        return False
    asked, head = frozenset(content_terms(question)), table.head.of(text) if table.head else ""
    in_row = asked.intersection(content_terms(f"{head} {other.text}"))
    return len(in_row) > len(asked.intersection(content_terms(proposal.text)))


def _introduces(question: str, proposal: Proposal, other: Proposal) -> bool:
    """Whether a proposal is above a heading that has words of the question which it lacks, with the other one below.

    The other one must be code, a list or a table, and have all words of the question that the proposal has; the words
    of title and headings count for both.
    """
    one, two = proposal.candidate, other.candidate
    above, below = one.stored.passage, two.stored.passage
    is_above = (one.library, above.article_id) == (two.library, below.article_id) and above.end <= below.start
    is_deeper = below.heading.startswith(f"{above.heading} > " if above.heading else "")
    if not (is_above and is_deeper and below.heading != above.heading and _is_block(other.text)):
        return False
    asked = frozenset(content_terms(question))
    said, answered = (asked.intersection(content_terms(with_context(each))) for each in (proposal, other))
    return said < answered


def _is_block(text: str) -> bool:
    """Whether a text begins with code, a list or a table."""
    return bool(FENCE.match(text) or LIST_ITEM.match(text)) or text.startswith("|")

"""Recognises sentences that repeat a question and point elsewhere: "How do I join? See the section on membership."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from index.text.analyzer import content_terms

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
    """Return the confidences of proposals, those of mere pointers lowered below every other one of at least `floor`."""
    points = [points_elsewhere(question, proposal.text) for proposal in proposals]
    answers = [score for score, pointing in zip(scores, points, strict=True) if not pointing and score >= floor]
    if not answers:
        return list(scores)
    highest = min(answers) * _LOWERED
    return [min(score, highest) if pointing else score for score, pointing in zip(scores, points, strict=True)]

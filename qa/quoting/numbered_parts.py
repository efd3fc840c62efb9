"""Recognises the number of a part that a question asks for, such as "article 12", and the quote that is that part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.quoting.quotes import Proposal

_PART: Final = re.compile(
    r"(?i)(?:\b(?:article|step|rule|section|point|item|clause|paragraph|regulation|artikel|schritt|regel|punkt|absatz"
    r"|ziffer|art[íi]culo|paso|regla|punto|étape|règle|articolo|passo|regola|artigo|regra|ponto|no|nr|art)\b\.?|§)"
    r"\s{0,3}(\d{1,3})(?![\d.,]*\d)\b"
)
_NUMBERED: Final = re.compile(r"(?m)^(?:[^\w\s]{0,4}\s?)(?:[^\W\d]{1,12}\.?\s{1,2}|§\s?)?(\d{1,3})\s?[.):–—-]\**\s")
_LEAST: Final = 0.2  # confidence of a quote whose number alone makes it the answer


def numbered_parts(question: str, proposals: Sequence[Proposal], confidences: np.ndarray) -> list[int]:
    """Return which proposals are the part that the question names, best first, without those that surely do not answer.

    Another sentence may mention the number, such as the one that announces the parts. `confidences` are (n,).
    """
    asked = {found[1] for found in _PART.finditer(question)}
    if len(asked) != 1:
        return []
    own = [at for at, each in enumerate(proposals) if asked & set(_NUMBERED.findall(each.text))]
    return sorted((at for at in own if confidences[at] >= _LEAST), key=lambda at: -float(confidences[at]))


def raised(confidences: np.ndarray, best: int) -> np.ndarray:
    """Return confidences, (n,), with one of them raised just above the highest."""
    found = confidences.copy()
    found[best] = np.nextafter(confidences.max(), 1.0)
    return found

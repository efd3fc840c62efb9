"""The part whose number is asked for comes before a sentence that only mentions the number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from qa.quoting.numbered_parts import numbered_parts, raised


def preferred(question: str, *texts: str, confidences: tuple[float, ...] = (0.6, 0.5, 0.3)) -> str:
    """Return the text of the most confident proposal."""
    proposals: Any = [SimpleNamespace(text=text) for text in texts]
    before = np.array(confidences[: len(texts)])
    named = numbered_parts(question, proposals, before)
    found = raised(before, named[0]) if named else before
    assert found.max() <= 1
    return texts[int(found.argmax())]


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("What is article 12 of the statute?", "12. Members pay ten euros."),
        ("What does § 12 say?", "§ 12. Members pay ten euros."),
        ("Was steht in Artikel 12?", "Artikel 12: Mitglieder zahlen zehn Euro."),
        ("¿Qué dice el artículo 12?", "12) Los socios pagan diez euros."),
        ("What is rule 12?", "11. Guests pay.\n12. Members pay ten euros."),
    ],
)
def test_the_part_comes_first(question: str, part: str) -> None:
    """Whatever the parts are called, and in a list that begins with another part."""
    assert preferred(question, "The articles follow, from article 12 on.", part) == part


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("What do 12 members pay?", "12. Members pay ten euros."),
        ("What is article 1?", "12. Members pay ten euros."),
        ("What is article 12?", "12 members pay ten euros."),
        ("What is version 12.1 of step 12.1?", "12. Members pay ten euros."),
    ],
)
def test_other_numbers_change_nothing(question: str, other: str) -> None:
    """A number that names no part, another number, or one that is a count."""
    assert preferred(question, "The best quote.", other) == "The best quote."


def test_a_part_that_does_not_answer_stays_behind() -> None:
    """The number alone is no answer."""
    assert preferred("What is step 2?", "The best.", "2. Something else.", confidences=(0.6, 0.01)) == "The best."

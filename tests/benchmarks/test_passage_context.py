"""The benchmark of passage contexts counts a passage that shares half of itself, or of the section, as right."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.passage_context import is_right, row
from index.models import Passage, Span


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 40, False), (60, 100, False), (90, 130, True), (95, 200, True), (180, 300, False), (0, 300, True)],
)
def test_half_of_either_is_enough(start: int, end: int, expected: bool) -> None:
    """The section is 100-150; a passage of another article is never right."""
    passage = Passage(1, 7, start, end, "")
    assert is_right(passage, [(7, Span(100, 150))]) == expected
    assert not is_right(passage, [(8, Span(100, 150)), (None, Span(100, 150))])


def test_a_question_without_a_right_passage_counts_as_missed() -> None:
    """Recall and reciprocal rank are shares of all questions."""
    assert row(["a"], np.array([1.0, 4.0, np.inf, np.inf])) == "| a | 0.250 | 0.250 | 0.500 | 0.500 | 0.312 |"

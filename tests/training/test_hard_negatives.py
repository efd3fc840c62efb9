"""Negatives resemble the question and do not answer it."""

from __future__ import annotations

import numpy as np

from training.hard_negatives import Query, SearchedText, _hardest, hard_negatives


def test_the_most_similar_negatives_come_first() -> None:
    """Paragraphs rank by their score, equal ones in the pool's order, without excluded ones and those that answer."""
    folded = ["by the sea", "in anka", "by the sea", "up the hill", "down the hill"]
    scores = np.array([0.1, 0.9, 0.8, 0.5, 0.5], np.float32)

    assert _hardest("Anka", [0, 1, 2, 3, 4], scores, folded, excluded={2}) == [3, 4, 0]
    assert _hardest("", [0, 1, 2, 3, 4], scores, folded, excluded=set()) == [1, 2, 3, 4, 0]


def test_negatives_come_from_the_own_article_and_from_others() -> None:
    """Excluded texts are left out of both, and a text with the answer in it too."""
    texts = [
        SearchedText("ferry", "The ferry sails at noon."),
        SearchedText("ferry", "The ferry carries cars."),
        SearchedText("bus", "The bus meets the ferry at one."),
        SearchedText("bus", "At noon the bus waits for the ferry."),
        SearchedText("bus", "Dogs ride the bus for free."),
    ]
    (found,) = hard_negatives(texts, [Query("When does the ferry sail?", "ferry", "noon", frozenset({0}))], 5)

    assert found.same_article == [1]
    assert found.other_articles == [2, 4]

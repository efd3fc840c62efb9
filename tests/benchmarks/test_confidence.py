"""Cross-validated confidence is never fitted on the article that it judges."""

from __future__ import annotations

import numpy as np

from benchmarks.confidence import cross_validated
from benchmarks.data import Question
from benchmarks.harness import Kinds
from benchmarks.pipeline_trial import Trial


def _trials(turned: str | None = None) -> list[Trial]:
    """Return trials of 20 articles in which a high score means a hit, except in the article `turned`: a miss."""
    made = []
    draw = np.random.default_rng(1)
    for number in range(200):
        title = f"Article {number % 20}"
        rows = draw.normal(size=(4, 3))
        hits = (rows[:, 0] + draw.normal(size=4) > 0) ^ (title == turned)
        question = Question(str(number), title, "", "Who?", ("x",))
        made.append(Trial(question, rows, hits, np.full(4, 100), 1.0, np.zeros(4)))
    return made


def test_no_article_is_judged_by_a_fit_on_itself() -> None:
    """Inverting the labels of an article changes the confidence of other articles' quotes, not of its own."""
    plain, turned = _trials(), _trials("Article 3")
    judges = [cross_validated([Kinds(trials, [], [])]) for trials in (plain, turned)]
    changed = {t.question.title for t in plain if len({judge(t).confidence for judge in judges}) > 1}

    assert "Article 3" not in changed
    assert changed

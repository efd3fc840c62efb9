"""Cross-validated confidence is never fitted on the article, or the repository, that it judges."""

from __future__ import annotations

import numpy as np

from benchmarks.confidence import cross_validated
from benchmarks.data import Question
from benchmarks.harness import Kinds
from benchmarks.pipeline_trial import Judged, Trial
from qa.quoting.features import Measured


def _trials(turned: str | None = None, repositories: int = 0) -> list[Trial]:
    """Return trials of 20 articles in which a high score means a hit, except in the article `turned`: a miss.

    The articles are divided among `repositories`, unless that is 0.
    """
    made = []
    draw = np.random.default_rng(1)
    for number in range(200):
        title = f"Article {number % 20}"
        rows = draw.normal(size=(4, 3))
        hits = (rows[:, 0] + draw.normal(size=4) > 0) ^ (title == turned)
        repo = f"repository-{number % 20 % repositories}" if repositories else ""
        question = Question(str(number), title, "", "Who?", ("x",), repo)
        measured = Measured([], rows, np.arange(4), np.zeros(1))
        made.append(Trial(question, hits, np.full(4, 100), np.zeros(4), 1.0, measured))
    return made


def test_no_article_is_judged_by_a_fit_on_itself() -> None:
    """Inverting the labels of an article changes the confidence of other articles' quotes, not of its own."""
    plain, turned = _trials(), _trials("Article 3")
    judges = [cross_validated([Kinds(trials, [], [])]) for trials in (plain, turned)]
    changed = {t.question.title for t in plain if len({judge(t).confidence for judge in judges}) > 1}

    assert "Article 3" not in changed
    assert changed


def test_no_repository_is_judged_by_a_fit_on_itself() -> None:
    """Where a set has repositories, an article's labels do not change the confidence of quotes from its repository."""
    plain, turned = _trials(repositories=4), _trials("Article 3", repositories=4)
    judges = [cross_validated([Kinds(trials, [], [])]) for trials in (plain, turned)]
    changed = {t.question.repo for t in plain if len({judge(t).confidence for judge in judges}) > 1}

    assert "repository-3" not in changed
    assert changed


def test_trial_is_judged_by_the_answerers_confidences() -> None:
    """Without a calibration the confidences count that the answerer gave, with the rules that lower them."""
    question = Question("1", "a", "", "Who?", ("x",))
    hits, lengths = np.array([True, False]), np.array([30, 60])
    trial = Trial(question, hits, lengths, np.array([0.1, 0.2]), 1.0)

    assert trial.judged() == Judged(0.2, first=False, any_of_three=True, length=60)

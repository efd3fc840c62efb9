"""Tests of which sets are measured, and of the table over all of them."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.data import Question, names
from benchmarks.figures import invented_figures, table
from benchmarks.pipeline_trial import Trial
from benchmarks.quality import choose_sets
from benchmarks.shipped_set import FOLDER

if TYPE_CHECKING:
    from pathlib import Path


def _folder(path: Path) -> Path:
    for name in ("squad-train", "community", "conditionalqa", "medquad", "or-sharc", "pubmedqa", "qed", "doc2dial"):
        (path / f"{name}.docs.jsonl").touch()
        (path / f"{name}.qa.jsonl.gz").touch()
    return path


def _trial(subject: str, confidence: float) -> Trial:
    question = Question("id", subject, "", "When?", ())
    return Trial(question, np.zeros(1, bool), np.full(1, 40), np.array([confidence]), 1.0)


def test_sets_for_training_are_left_out_unless_named(tmp_path: Path) -> None:
    """By default all sets are measured except those for training and for conversations."""
    folder = _folder(tmp_path)
    chosen = choose_sets(Namespace(folder=folder, sets=None))
    named = choose_sets(Namespace(folder=folder, sets=["medquad", "community-keywords"]))

    assert names(folder) == chosen.sets == ["squad-train"]
    assert chosen.variants == ["community", "community-headings", "community-keywords"]
    assert chosen.shipped == FOLDER
    assert (named.sets, named.variants, named.shipped) == (["medquad"], ["community-keywords"], None)


def test_folder_of_the_form_of_the_shipped_set_is_measured(tmp_path: Path) -> None:
    """A folder with questions and articles takes the place of the set that ships."""
    (tmp_path / "questions.jsonl").touch()
    (tmp_path / "articles").mkdir()
    chosen = choose_sets(Namespace(folder=tmp_path, sets=None))

    assert (chosen.sets, chosen.variants, chosen.shipped) == ([], [], tmp_path)


def test_one_table_for_sets_and_sizes() -> None:
    """A column of a library size has only the rows of invented questions, with intervals over subjects."""
    tried = [_trial("Quorvex", 0.9), _trial("Quorvex", 0.1), _trial("Trellowin", 0.0), _trial("Yuloft", 0.2)]
    found = invented_figures(tried, Trial.judged, 0.3)
    made = table({"community": {"questions": 5.0, **found}, "load-en, 1,000 passages": found})

    assert found["invented that get an answer"] == (0.25, 0.0, 0.5)
    assert "| questions | 5 | - |" in made
    assert "| invented questions | 4 | 4 |" in made


def test_interval_of_no_questions_is_not_a_number() -> None:
    """A set that was asked no invented questions has no such share."""
    share = invented_figures([], Trial.judged, 0.3)["invented that get an answer"]

    assert isinstance(share, float)
    assert np.isnan(share)

"""Tests of questions altered to look as typed by people."""

from __future__ import annotations

import random

from benchmarks.typos import KINDS, perturb

QUESTION = 'Who, in São Tomé, organized the "Neighbor Days" of Anne-Marie Lind\'s theater?'


def typed(kind: str) -> str:
    return KINDS[kind](QUESTION, random.Random(3))


def test_each_kind_changes_what_it_names() -> None:
    """Each kind makes its own change and no other."""
    assert typed("no mark, lower case") == QUESTION.rstrip("?").lower()
    assert typed("keywords") == "São Tomé organized Neighbor Days Anne-Marie Lind's theater"
    assert typed("other spelling") == QUESTION.replace("organized", "organised").replace("theater", "theatre").replace(
        "Neighbor", "neighbour"
    )
    assert {typed("no hyphens or apostrophes")} <= {
        QUESTION.replace("-", joint).replace("'", joint) for joint in ("", " ")
    }
    assert (
        typed("other characters").replace("\u00a0", " ").startswith("Who, in Sao Tome, organized the ”Neighbor Days”")
    )
    assert abs(len(typed("a slip in a name")) - len(QUESTION)) <= 1


def test_training_sees_most_questions_as_they_are() -> None:
    """Most questions stay as they are, so that training keeps well-formed ones."""
    rng = random.Random(1)
    shown = [perturb(QUESTION, rng) for _ in range(300)]

    assert 0.4 < shown.count(QUESTION) / len(shown) < 0.8

"""Promises of pointers: a sentence that only says where the answer is comes after an answer."""

from __future__ import annotations

import pytest

from qa.quoting.pointers import below_answers, points_elsewhere
from qa.quoting.proposing import propose_all
from tests.qa.quoting.articles import article, candidates, reading

QUESTION = "How do I join the choir?"


@pytest.mark.parametrize(
    "text",
    [
        "How to join the choir? See here.",
        "To join the choir, see the section on membership.",
        "For how to join the choir, please read the [membership guide](https://a.example/join).",
        "Joining the choir is described in chapter 3.",
        "Want to join the choir? Click here!",
        'How do I join the choir: see "Membership" below.',
    ],
)
def test_a_sentence_that_points_elsewhere_is_recognised(text: str) -> None:
    """It has hardly a word that is neither in the question nor part of pointing."""
    assert points_elsewhere(QUESTION, text)


@pytest.mark.parametrize(
    "text",
    [
        "To join the choir, write a letter to the treasurer and pay ten pounds.",
        "To join the choir, go to the town hall on Monday and sign the list at the desk.",
        "See the treasurer on Monday to join.",
        "The choir sings here.",
        "New singers fill in the yellow form, pay the fee of ten pounds and see the list of songs in section 4.",
    ],
)
def test_an_answer_is_no_pointer(text: str) -> None:
    """What says more than where to look is an answer."""
    assert not points_elsewhere(QUESTION, text)


def test_a_pointer_comes_after_every_answer() -> None:
    """Its confidence falls below that of each answer; without an answer it stays what it is."""
    text = "# Choir\n\nTo join the choir, see the section on membership.\n\nWrite to the treasurer.\n\nIt is old.\n"
    (candidate,) = candidates(article(text))
    words = ["section on membership", "treasurer", "old"]
    proposals = propose_all(QUESTION, [candidate], [reading(candidate, each) for each in words])

    assert below_answers(QUESTION, [0.9, 0.4, 0.01], proposals, 0.1) == [pytest.approx(0.396), 0.4, 0.01]
    assert below_answers(QUESTION, [0.9, 0.05, 0.01], proposals, 0.1) == [0.9, 0.05, 0.01]
    assert below_answers(QUESTION, [0.2, 0.4, 0.01], proposals, 0.1) == [0.2, 0.4, 0.01]


def test_the_sentence_above_a_table_comes_after_the_row_that_was_asked_for() -> None:
    """It names nothing of the question; a sentence that names as much as the row stays where it is."""
    table = "| Plan | Price |\n|---|---|\n| Delta | 19 |\n| Sigma | 12 |\n"
    question = "How much is the Delta plan?"
    for above, expected in (("All are without tax.", pytest.approx(0.396)), ("The Delta plan is 19.", 0.9)):
        (candidate,) = candidates(article(f"# Plans\n\n{above}\n\n{table}"))
        proposals = propose_all(
            question, [candidate], [reading(candidate, above), reading(candidate, "| Delta | 19 |")]
        )

        assert [proposal.text for proposal in proposals] == [above, "| Delta | 19 |"]
        assert below_answers(question, [0.9, 0.4], proposals, 0.1) == [expected, 0.4]


def test_the_text_above_the_labels_of_tabs_comes_after_the_one_that_was_asked_for() -> None:
    """It names no system; where the question names none either, or the text below is a sentence, it stays first."""
    above = "Quill is installed with the package manager."
    named, unnamed = "How do I install Quill on Windows?", "How do I install Quill?"
    code, prose = "```\nwinget install quill\n```", "Run winget install quill."
    cases = ((named, code, pytest.approx(0.396)), (unnamed, code, 0.9), (named, prose, 0.9))
    for question, below, expected in cases:
        text = f"# Installing Quill\n\n{above}\n\n## Linux\n\n```\nsnap install quill\n```\n\n## Windows\n\n{below}\n"
        found = candidates(article(text))
        intro, windows = next(c for c in found if above in c.stored.text), found[-1]
        readings = [reading(intro, above), reading(windows, "winget install quill", 1)]
        proposals = propose_all(question, [intro, windows], readings)

        assert [proposal.text for proposal in proposals] == [above, below]
        assert below_answers(question, [0.9, 0.4], proposals, 0.1) == [expected, 0.4]

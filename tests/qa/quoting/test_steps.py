"""Promises of steps: a numbered list is quoted from its first step on, with the number of those that follow."""

from __future__ import annotations

import pytest

from index.models import Span
from qa.quoting.proposing import propose_all
from qa.quoting.quotes import is_verbatim, make_quote
from qa.quoting.steps import asks_for_steps, steps_after
from tests.qa.quoting.articles import article, candidates, reading

STEPS = [f"{number}. Turn the wheel number {number} to the left, wait and look." for number in range(1, 15)]
WHEELS = (
    f"# Wheels\n\nThey are old.\n\n## Reset\n\nReset the wheels like this.\n\n{chr(10).join(STEPS)}\n\nThen rest.\n"
)


@pytest.mark.parametrize(
    "question",
    ["How do I reset it?", "how to reset", "What are the steps to reset?", "What do I have to do to reset it?"],
)
def test_a_question_how_gets_the_steps_from_the_first(question: str) -> None:
    """Whichever step the reader found, the quote begins with the first and has at most 500 characters."""
    made = article(WHEELS)
    (candidate,) = candidates(made)[1:]
    (proposal,) = propose_all(question, [candidate], [reading(candidate, "wheel number 12")])

    quote = make_quote(proposal, made, 0.9)
    assert quote.text == "\n".join(STEPS[:9])
    assert len(quote.text) <= 500
    assert quote.more_steps == 5
    assert quote.highlights == ()
    assert [(part.kind, part.text) for part in quote.context] == [
        ("heading", "Reset"),
        ("introduction", "Reset the wheels like this."),
    ]
    assert is_verbatim(quote, made)


def test_a_question_about_one_step_gets_that_step() -> None:
    """A question that does not ask how is answered by the step that the reader found."""
    made = article(WHEELS)
    (candidate,) = candidates(made)[1:]
    (proposal,) = propose_all("Which wheel comes ninth?", [candidate], [reading(candidate, "wheel number 9")])

    quote = make_quote(proposal, made, 0.9)
    assert (quote.text, quote.more_steps) == (STEPS[8], 0)


@pytest.mark.parametrize("text", ["# T\n\nFacts.\n\n- One thing.\n- Two things.\n", "# T\n\nFacts.\n\nTwo things.\n"])
def test_other_text_is_quoted_as_ever(text: str) -> None:
    """Bullets and prose are not extended for a question how."""
    made = article(text)
    (candidate,) = candidates(made)
    (proposal,) = propose_all("How do I count?", [candidate], [reading(candidate, "Two things")])

    assert make_quote(proposal, made, 0.9).text == proposal.text


def test_a_short_list_is_quoted_with_its_introduction() -> None:
    """A short list that a sentence announces is quoted with this sentence; nothing follows it."""
    made = article("# T\n\nTo open it:\n\n1. Push.\n2. Pull.\n")
    (candidate,) = candidates(made)
    (proposal,) = propose_all("How do I open it?", [candidate], [reading(candidate, "Pull")])

    quote = make_quote(proposal, made, 0.9)
    assert (quote.text, quote.more_steps, quote.context) == ("To open it:\n\n1. Push.\n2. Pull.", 0, ())


def test_the_steps_after_a_quote() -> None:
    """The rest of the list is given in parts of at most 500 characters, every step once."""
    made = article(WHEELS)
    start, end = made.text.index(STEPS[0]), made.text.index(STEPS[3]) - 1

    parts = [span.of(made.text) for span in steps_after(made, end)]
    assert "\n".join(parts) == "\n".join(STEPS[3:])
    assert all(len(part) <= 500 for part in parts)
    assert list(steps_after(made, Span(start, made.text.index("\n\nThen")).end)) == []


@pytest.mark.parametrize("question", ["How long is it?", "How many wheels are there?", "Why?", "Who resets it?"])
def test_other_questions_do_not_ask_for_steps(question: str) -> None:
    """How long or how many is no question for steps."""
    assert not asks_for_steps(question)

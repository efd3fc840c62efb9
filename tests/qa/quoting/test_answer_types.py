"""Promises of answer types: what a question asks for, and whether a text has it."""

from __future__ import annotations

import pytest

from qa.quoting.answer_types import answer_type, has_type, says_yes_or_no


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many users may share a plan?", "number"),
        ("when is the pool open", "time"),
        ("Who runs the kiosk?", "person"),
        ("Where do I leave my bike?", "place"),
        ("Can I bring a dog?", "permission"),
        ("how do i reset my password", "manner"),
        ("Why was my post removed?", "reason"),
        ("what does E-114 mean", "other"),
    ],
)
def test_a_question_asks_for_one_kind_of_answer(question: str, kind: str) -> None:
    """The kind follows from the question's words, whatever the case."""
    assert answer_type(question) == kind


@pytest.mark.parametrize(
    ("text", "kind", "has"),
    [
        ("Up to 250.", "number", True),
        ("Free for members.", "number", True),
        ("It is blue.", "number", False),
        ("Every Tuesday after noon.", "time", True),
        ("Dogs are not allowed on the lawn.", "permission", True),
        ("Click the gear and choose Reset.", "manner", True),
        ("It was removed because it was an advert.", "reason", True),
        ("It is blue.", "reason", False),
        ("It is blue.", "other", True),
    ],
)
def test_a_text_has_what_is_asked_for_or_not(text: str, kind: str, has: bool) -> None:
    """A number, a time, a permission and the like are recognised by their words."""
    assert has_type(text, kind) is has  # type: ignore[arg-type]


def test_yes_and_no_count_at_the_beginning_only() -> None:
    """A "no" inside a sentence is not an answer."""
    assert says_yes_or_no("**No**, it is not.")
    assert says_yes_or_no("Yes.")
    assert not says_yes_or_no("There is no lift.")

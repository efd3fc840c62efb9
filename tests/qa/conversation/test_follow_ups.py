"""Promises of follow-up questions: references are resolved, and a new topic is left alone."""

from __future__ import annotations

import pytest

from qa.conversation.follow_ups import Turn, understand


def said(*texts: str) -> tuple[Turn, ...]:
    """Return turns of user and assistant in alternation, beginning with the user."""
    return tuple(Turn("assistant" if place % 2 else "user", text) for place, text in enumerate(texts))


WHO = ("Who is Ida Vance?", "Ida Vance opened the brewery at Fennmoor.")
RAIL = ("When was the narrow railway built?", "It was built in 1888.")
SQUIRRELS = ("Tell me about red squirrels.",)


@pytest.mark.parametrize(
    ("history", "question", "text", "about"),
    [
        (WHO, "When did she sell the farm?", "When did Ida Vance sell the farm?", "Ida Vance"),
        (WHO, "What was her trade?", "What was Ida Vance's trade?", "Ida Vance"),
        (WHO, "who taught her?", "who taught Ida Vance?", "Ida Vance"),
        (RAIL, "When was it closed?", "When was the narrow railway closed?", "narrow railway"),
        (
            RAIL,
            "Thanks. And what did its trains carry?",
            "Thanks. And what did the narrow railway's trains carry?",
            "narrow railway",
        ),
        (SQUIRRELS, "What do they eat?", "What do red squirrels eat?", "red squirrels"),
        (("who opened the brewery?", "Ida Vance"), "where did she live?", "where did Ida Vance live?", "Ida Vance"),
        (WHO, "What did Vance sell?", "What did Ida Vance sell?", "Ida Vance"),
        (WHO, "what about Otto Brandt?", "Who is Otto Brandt?", None),
        (WHO, "and Otto Brandt?", "Who is Otto Brandt?", None),
        (RAIL, "how about the harbour?", "When was the harbour built?", None),
        (("Who came to Skell in 1931?",), "and in 1957?", "Who came to Skell in 1957?", "Skell, in 1957"),
        (RAIL, "why?", "why: When was the narrow railway built?", "narrow railway"),
        (WHO, "tell me more", "tell me more: Who is Ida Vance?", "Ida Vance"),
        (WHO, "and the other one?", "Who is the other one?", "other than Ida Vance"),
        (WHO, "where did the other one work?", "where did the other one work?", "other than Ida Vance"),
    ],
)
def test_reference_gets_what_it_refers_to(
    history: tuple[str, ...], question: str, text: str, about: str | None
) -> None:
    """A referring expression is replaced by its antecedent, which `about` names unless the question does."""
    understood = understand(question, said(*history))

    assert understood.is_follow_up
    assert understood.about == about
    assert understood.text == text


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Norway?",
        "How do honeybees feed their queen?",
        "When Maria Lund moved to Skell, what did she do?",
        "Did the president say who would replace him?",
        "Which animals that fly lay eggs?",
        "Is it true that bees sleep?",
        "How long does it take to mature cheese?",
        "What time is it?",
        "What happens this year at the harbour?",
        "Which other countries border France?",
        "Who runs the IT department?",
        "opening hours of the museum",
        "Tell me about lung cancer.",
        "How do I get a library card, and what does it cost?",
    ],
)
@pytest.mark.parametrize("history", [WHO, RAIL, SQUIRRELS])
def test_question_that_stands_alone_is_left_alone(question: str, history: tuple[str, ...]) -> None:
    """A question without a reference is not changed, whatever was said before."""
    understood = understand(question, said(*history))

    assert not understood.is_follow_up
    assert (understood.text, understood.about) == (question, None)


def test_subject_is_carried_from_question_to_question() -> None:
    """The topic stays the same while questions only refer to it, and changes with a new one."""
    history = ("Tell me about the narrow railway.", "", "When was it built?", "", "Who paid for it?", "")

    assert understand("Where did it end?", said(*history)).about == "narrow railway"
    later = said(*history, "Who was Ida Vance?", "Ida Vance opened a brewery.")
    assert understand("When did she die?", later).about == "Ida Vance"


def test_signs_are_no_patterns() -> None:
    """What is typed is inserted into the previous question literally, whatever characters it contains."""
    asked = said("Who came to Skell (north) in 1931?")

    assert understand("and in 19\\57?", asked).text == "Who came to Skell (north) in 19\\57?"


def test_first_question_stands_alone() -> None:
    """Without earlier turns, nothing can be referred to."""
    assert understand("When did she die?", ()).text == "When did she die?"
    assert not understand("why?", said("", "")).is_follow_up


def test_long_history_is_cut() -> None:
    """Only the end of a long history and the beginning of a long turn count, so that the time is bounded."""
    old = said("Who is Ida Vance?", *("word " * 100_000, "and " * 1000) * 200)

    assert len(understand("why?", old).words) < 100
    assert understand("When did she die?", old).about is None


@pytest.mark.parametrize("text", ["", "?!", "\n\n", "\ud800", "’s", "it", "the other one", "and", "数据是什么?"])
def test_any_text_is_understood(text: str) -> None:
    """Any text may be a question or a turn."""
    for question, turns in ((text, said(*WHO)), ("what about it?", said(text, text, text)), (text, said(text, text))):
        assert isinstance(understand(question, turns).text, str)

"""The questions of a message are separated."""

from __future__ import annotations

import pytest

from qa.conversation import several_questions
from qa.conversation.several_questions import MOST_QUESTIONS, questions_in


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Are tokens refunded?", ["Are tokens refunded?"]),
        ("Are tokens refunded? And when do you open?", ["Are tokens refunded?", "And when do you open?"]),
        ("I lost one. Are tokens refunded? thanks!!", ["I lost one. Are tokens refunded?"]),
        ("thanks! and when does it open?", ["and when does it open?"]),
        ("1. Are tokens refunded?\n2. When do you open?", ["Are tokens refunded?", "When do you open?"]),
        ("what is refunded\nwhen do you open", ["what is refunded", "when do you open"]),
        ("how do I\nreset it?", ["how do I reset it?"]),
        ("Is it open on Sunday? Monday? Or Tuesday?", ["Is it open on Sunday? Monday? Or Tuesday?"]),
        ('What does "who is he?" mean?', ['What does "who is he?" mean?']),
        ("see https://x.org/?q=1 is this right?", ["see https://x.org/?q=1 is this right?"]),
        ("Are tokens refunded?? Are tokens refunded??", ["Are tokens refunded??"]),
        ("¿Se devuelven las fichas? ¿Cuándo abren?", ["¿Se devuelven las fichas?", "¿Cuándo abren?"]),
        ("tokens are refunded", ["tokens are refunded"]),
        ("who are you? are tokens refunded?", ["are tokens refunded?"]),
        ("thanks. ok!", []),
        ("", []),
    ],
)
def test_questions(text: str, questions: list[str]) -> None:
    """Each question is one; statements belong to a question, and small talk to none."""
    assert list(questions_in(text).texts) == questions


def test_too_many() -> None:
    """Of more questions than are answered the first are returned, with the number of the others."""
    found = questions_in(" ".join(f"what is number {number}?" for number in range(MOST_QUESTIONS + 2)))

    assert len(found.texts) == MOST_QUESTIONS
    assert found.left_out == 2


def test_a_long_message_takes_little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small talk is looked for in the first sentences alone: messages are read on the event loop."""
    looked_at: list[str] = []
    looked = several_questions.small_talk_in
    monkeypatch.setattr(
        several_questions, "small_talk_in", lambda text, names: looked_at.append(text) or looked(text, names)
    )

    assert questions_in("thanks!\n" * 1000) is not None
    assert questions_in("a? " * 1300) is not None
    assert len(looked_at) < 200

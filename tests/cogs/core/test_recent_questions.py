"""Texts that are not stored are remembered for half an hour, in bounded memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.core.recent_questions import RecentQuestions
from tests.storage.test_database import ANSWER

MEMBER = 3


def test_a_text_is_known_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """After half an hour it is gone; a stored text is used as it is."""
    now = [1000.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    recent, answer = RecentQuestions(), replace(ANSWER, id=1, question="")
    recent.put(1, MEMBER, "Who built it?")
    known = recent.text_of(answer), recent.count(MEMBER)
    now[0] += 1800.0

    assert known == ("Who built it?", 1)
    assert recent.text_of(answer) == ""
    assert recent.count(MEMBER) == 0
    assert recent.text_of(replace(answer, question="When?")) == "When?"


def test_texts_of_a_member_are_forgotten() -> None:
    """Those of others stay."""
    recent = RecentQuestions()
    recent.put(1, MEMBER, "Who built it?")
    recent.put(2, 8, "When?")

    recent.forget_member(MEMBER)

    assert [recent.text_of(replace(ANSWER, id=key, question="")) for key in (1, 2)] == ["", "When?"]


def test_memory_is_bounded() -> None:
    """The oldest texts go first."""
    recent = RecentQuestions()
    for key in range(5):
        recent.put(key, MEMBER, "x" * 1_000_000)

    assert recent.count(MEMBER) == 4
    assert recent.text_of(replace(ANSWER, id=0, question="")) == ""

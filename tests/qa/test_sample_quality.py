"""Lower bounds of answer quality on the sample articles that come with the project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qa.answerer import Answerer, Thresholds
from qa.outcome import Answer, Outcome
from qa.reading.protocol import ReadingModels
from settings import Settings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from index.libraries.registry import Libraries
    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader

ASKED = [json.loads(line) for line in (ROOT / "tests/data/sample-questions.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def outcomes(sample: Libraries, embedder: Embedder, reader: Reader) -> list[tuple[list[str], Outcome]]:
    settings = Settings(_env_file=None)
    thresholds = Thresholds(settings.answer_confidence, settings.closest_confidence)
    answerer = Answerer(sample, lambda: embedder, lambda: ReadingModels(reader, reader), thresholds)
    return [(asked["answers"], answerer.ask(asked["question"], ["shared"])) for asked in ASKED]


def share(values: list[bool]) -> float:
    assert values
    return sum(values) / len(values)


def test_first_quotes_hold_the_answer(outcomes: list[tuple[list[str], Outcome]]) -> None:
    """At least four of five questions that the sample answers get the answer in the first quote."""
    hits = [any(a in quote.text for a in answers for quote in out.quotes[:1]) for answers, out in outcomes if answers]

    assert share(hits) >= 0.8


def test_most_of_what_is_covered_is_called_an_answer(outcomes: list[tuple[list[str], Outcome]]) -> None:
    """At least three of four questions that the sample answers have the outcome `answer`."""
    assert share([isinstance(out, Answer) for answers, out in outcomes if answers]) >= 0.75


def test_nothing_off_topic_is_answered(outcomes: list[tuple[list[str], Outcome]]) -> None:
    """A question on another topic never has the outcome `answer`."""
    answered = [out.question for answers, out in outcomes if not answers and isinstance(out, Answer)]

    assert answered == []

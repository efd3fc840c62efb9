"""A fake answerer and outcomes for tests of the terminal."""

from __future__ import annotations

from dataclasses import replace

from index.models import Span, UserError
from qa.outcome import Answer, Closest, NotCovered, Outcome, Quote
from tests.stand_in import Asked, StandInAnswers

TEXT = "Ada Brook built it [in 1871] :smile:\nand paid for it."
QUOTE = Quote(
    library="shared",
    article_id=3,
    title="The lighthouse",
    source="light.txt",
    start=10,
    end=10 + len(TEXT),
    text=TEXT,
    highlights=(Span(10, 19),),
    paragraph=4,
    paragraphs=14,
    confidence=0.8,
)
ANSWER = Answer("who?", 0.8, (QUOTE, replace(QUOTE, text="Second.", confidence=0.4)), 12.5)
CLOSEST = Closest("who?", 0.3, (replace(QUOTE, confidence=0.3),), 12.5)
NOT_COVERED = NotCovered("who?", 0.01, 12.5)


class FakeAnswers(StandInAnswers):
    """Returns a fixed outcome for some questions, and raises UserError for `refuse`."""

    def outcome(self, asked: Asked) -> Outcome:
        """Return the outcome of a question."""
        if asked.question == "refuse":
            raise UserError("Not today.")
        known: dict[str, Outcome] = {"answer": ANSWER, "closest": CLOSEST}
        return replace(known.get(asked.question, NOT_COVERED), question=asked.question)

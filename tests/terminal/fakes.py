"""A stand-in for the answerer, for what the terminal does with an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.models import Span, UserError
from qa.conversation.follow_ups import Turn
from qa.outcome import Answer, Closest, NotCovered, Outcome, Quote

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


class FakeAnswers:
    """Knows an outcome for each of a few questions; `refuse` is refused."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.histories: list[tuple[Turn, ...]] = []

    def ask(self, question: str, library_names: Sequence[str], history: Sequence[Turn] = (), **_: object) -> Outcome:
        """Remember the question and return the outcome that belongs to it."""
        self.asked.append((question, tuple(library_names)))
        self.histories.append(tuple(history))
        if question == "refuse":
            raise UserError("Not today.")
        outcome: Outcome = ANSWER if question == "answer" else CLOSEST if question == "closest" else NOT_COVERED
        return replace(outcome, question=question)

    def verify(self, quote: Quote) -> bool:
        """Find every quote sound."""
        return bool(quote)

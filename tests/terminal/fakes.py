"""A fake answerer and outcomes for tests of the terminal."""

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
    """Returns a fixed outcome for some questions, and raises UserError for `refuse`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.histories: list[tuple[Turn, ...]] = []

    def ask(self, question: str, library_names: Sequence[str], history: Sequence[Turn] = (), **_: object) -> Outcome:
        """Record the question and return its outcome."""
        self.asked.append((question, tuple(library_names)))
        self.histories.append(tuple(history))
        if question == "refuse":
            raise UserError("Not today.")
        outcome: Outcome = ANSWER if question == "answer" else CLOSEST if question == "closest" else NOT_COVERED
        return replace(outcome, question=question)

    def verify(self, quote: Quote) -> bool:
        """Accept every quote."""
        return bool(quote)

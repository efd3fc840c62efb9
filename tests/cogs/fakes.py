"""Fake answers for tests of the Discord client; everything else in these tests is real."""

from __future__ import annotations

from collections.abc import Sequence

from index.models import Span, UserError
from qa.outcome import Answer, ClaimSources, Closest, NotCovered, Outcome, Quote
from tests.stand_in import Asked, StandInAnswers

ARTICLE = (
    "The lighthouse was built in 1871 by Ada Brook. She *paid* for it herself, @everyone said.\n"
    "It burned down twice; see https://example.org/fire_report for the `log`."
)


def quote_of(
    text: str, *, title: str = "The lighthouse", source: str = "https://example.org/light", **more: float
) -> Quote:
    """Return a quote of a whole text whose first word is highlighted."""
    highlight = Span(0, len(text.split(" ", 1)[0]))
    return Quote(
        library="shared",
        article_id=1,
        title=title,
        source=source,
        start=0,
        end=len(text),
        text=text,
        highlights=(highlight,) if highlight.end else (),
        paragraph=4,
        paragraphs=14,
        confidence=more.get("confidence", 0.8),
    )


class FakeAnswers(StandInAnswers):
    """Answers by the first word of the question."""

    def outcome(self, asked: Asked) -> Outcome:
        """Return an outcome by the question's first word."""
        match asked.first_word:
            case "closest":
                return Closest(asked.question, 0.3, (quote_of(ARTICLE, confidence=0.3),), 1.0)
            case "unknown":
                return NotCovered(asked.question, 0.01, 1.0)
            case "refuse":
                raise UserError("This question cannot be read.")
            case "crash":
                raise ZeroDivisionError("secret details")
            case _:
                second = quote_of("A second passage.", confidence=0.6)
                third = quote_of("A third passage.", confidence=0.1)
                return Answer(asked.question, 0.8, (quote_of(ARTICLE), second, third), 1.0)

    def sources(self, claim: str, library_names: Sequence[str]) -> ClaimSources:
        """Return one sentence that is near but not verbatim."""
        self.asked.append((claim, tuple(library_names)))
        return ClaimSources(claim, (quote_of("The lighthouse was built in 1871 by Ada Brook."),), verbatim=False)

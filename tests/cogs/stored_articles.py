"""A real article in a real library, and fake answers that quote it; no model is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.catalog.store import Catalog
from index.indexes.index_version import IndexVersion
from index.models import Draft, Section, Span
from index.text.blocks import paragraphs
from index.text.sentences import sentence_spans
from qa.outcome import Answer, ClaimSources, Closest, Outcome, Quote
from qa.pins.pinned import Articles, find_pinned
from tests.cogs.fakes import FakeAnswers
from tests.stand_in import Asked

TITLE = "The lighthouse"
FIRST = "The lighthouse was built in 1871 by Ada Brook. She *paid* for it herself."
SECOND = "It burned down twice. Tom Reed was its last keeper."
THIRD = "Its lamp is in the museum now. Visitors may light it on Sundays. Entry is free."
TEXT = f"{FIRST}\n\n{SECOND}\n\nToday\n\n{THIRD}\n"
SECTIONS = (Section(0, TEXT.index("Today"), "History"), Section(TEXT.index(THIRD), len(TEXT), "Today"))
_VERSION = IndexVersion("none", "0", 3, "none")  # of an embedder that is not loaded


def stock(data_dir: Path, text: str = TEXT, *, title: str = TITLE, key: str = "light", library: str = "shared") -> int:
    """Add an article to a library, replacing one with the same key; return its id."""
    folder = data_dir / "libraries" / library
    folder.mkdir(parents=True, exist_ok=True)
    catalog = Catalog(folder / "catalog.db")
    sections = SECTIONS if text == TEXT else (Section(0, len(text), ""),)
    draft = Draft(key, "https://example.org/light", title, text, None, sections)
    article_id, _ = catalog.put(draft, [], np.empty((0, 3), np.float32), str(_VERSION))
    catalog.close()
    return article_id


def remove(data_dir: Path, article_id: int, library: str = "shared") -> None:
    """Remove an article from a library."""
    catalog = Catalog(data_dir / "libraries" / library / "catalog.db")
    catalog.remove(article_id)
    catalog.close()


SENTENCES = [span for span in sentence_spans(TEXT) if span.of(TEXT) != "Today"]


class StockedAnswers(FakeAnswers):
    """Answers with the sentences of the stocked article in order, with falling confidence."""

    def __init__(self, article_id: int) -> None:
        """Take the article's id; if `articles` is set, pinned quotes come first."""
        super().__init__()
        self.article_id = article_id
        self.articles: Articles | None = None

    def outcome(self, asked: Asked) -> Outcome:
        """Return an outcome by the question's first word, with at most `most` quotes."""
        if asked.first_word in {"unknown", "refuse", "crash"}:
            return super().outcome(asked)
        quotes = tuple(self.quote(span, 0.9 - 0.15 * at) for at, span in enumerate(SENTENCES))
        chosen = find_pinned(asked.question, asked.pins, self.articles) if self.articles else None
        if chosen:
            return Answer(asked.question, 1.0, (chosen, *quotes)[: asked.most], 12.5)
        kind = Closest if asked.question.startswith("closest") else Answer
        return kind(asked.question, 0.9, quotes[: asked.most], 12.5)

    def sources(self, claim: str, library_names: Sequence[str]) -> ClaimSources:
        """Return the first sentence as the source of anything that names the lighthouse."""
        self.asked.append((claim, tuple(library_names)))
        found = (self.quote(SENTENCES[0], 0.8),) if "lighthouse" in claim else ()
        return ClaimSources(claim, found, verbatim=claim in TEXT)

    def quote(self, span: Span, confidence: float) -> Quote:
        """Return a quote of the stocked article."""
        places = paragraphs(TEXT, SECTIONS)
        at = next(number for number, place in enumerate(places, 1) if place.end > span.start)
        text, marked = span.of(TEXT), (Span(span.start, span.start + 3),)
        return Quote(
            "shared", self.article_id, TITLE, "https://example.org/light", span.start, span.end, text, marked, at,
            len(places), confidence,
        )  # fmt: skip

"""Articles for tests of quoting, loaded as their files would be."""

from __future__ import annotations

from index.models import Article, Passage, Span, StoredPassage
from index.sources.loader import draft_from_text
from qa.reading.protocol import Reading
from qa.retrieval.retriever import Candidate

CHANGELOG = """# Changelog

All notable changes to the Sandpiper server.

## [5.1.1] - 2024-06-03

### Fixed

- The server starts again on machines without IPv6.

## [5.1.0] - 2024-05-21

### Added

- Dark mode for the reading pane.
"""
PLANS = """# Plans

Choose the plan that fits.

| Plan | Price | Support |
|------|-------|---------|
| Nest | 0 | forum |
| Delta | 19 | chat |
| Ocean | 99 | telephone |
"""


def article(text: str, title: str | None = None) -> Article:
    """Return an article of Markdown."""
    draft = draft_from_text(text, key="a", source="a.md", markdown=True, title=title)
    return Article(7, "a.md", draft.title, draft.text, None, draft.sections, links=draft.links)


def place(text: str, words: str) -> Span:
    """Return the only place of some words."""
    assert text.count(words) == 1
    return Span(text.index(words), text.index(words) + len(words))


def candidates(stored: Article) -> list[Candidate]:
    """Return one candidate for each section of an article."""
    found = []
    for number, section in enumerate(stored.sections):
        passage = Passage(number + 1, stored.id, section.start, section.end, section.heading)
        text = stored.text[section.start : section.end]
        found.append(Candidate("shared", StoredPassage(passage, stored.title, text, b""), 0.5, 0.5, 0.65))
    return found


def reading(candidate: Candidate, words: str, at: int = 0) -> Reading:
    """Return a reading of some words of a candidate, the number `at` of the candidates."""
    start = candidate.stored.text.index(words)
    return Reading(at, start, start + len(words), 1.0, exact=True)

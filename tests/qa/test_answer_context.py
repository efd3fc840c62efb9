"""Promises of answers from tables, changelogs and numbered lists, with the real models: the text and its context."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.reading.protocol import ReadingModels
from tests.qa.quoting.articles import CHANGELOG, PLANS
from tests.qa.quoting.test_steps import STEPS, WHEELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader

CHOIR = """# Choir

How do I join the choir? See the section on membership.

To join the choir, write a letter to the treasurer.
"""


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, reader: Reader) -> Iterator[Answerer]:
    """Return an answerer whose libraries have one article each; nearly everything is shown."""
    libraries = Libraries(tmp_path_factory.mktemp("context"), lambda: embedder)
    for name, text in (("plans", PLANS), ("changelog", CHANGELOG), ("wheels", WHEELS), ("choir", CHOIR)):
        libraries.open(name).add(draft_from_text(text, key=name, source=f"{name}.md", markdown=True))
    yield Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.002, 0.001))
    libraries.close()


@pytest.mark.parametrize(
    ("library", "question", "text", "context"),
    [
        ("plans", "How much does the Delta plan cost?", "| Delta | 19 | chat |", ["| Plan | Price | Support |"]),
        ("changelog", "When was 5.1.0 released?", "## [5.1.0] - 2024-05-21", []),
        (
            "changelog",
            "Which version added dark mode?",
            "- Dark mode for the reading pane.",
            ["[5.1.0] - 2024-05-21", "Added"],
        ),
        ("wheels", "How do I reset the wheels?", "\n".join(STEPS[:9]), ["Reset", "Reset the wheels like this."]),
    ],
)
def test_the_first_quote_has_its_context(
    library: str, question: str, text: str, context: list[str], answerer: Answerer
) -> None:
    """The first quote and what is shown above it answer together; quotes are verified and do not overlap."""
    quotes = answerer.ask(question, [library]).quotes

    assert quotes[0].text == text
    assert [part.text for part in quotes[0].context] == context
    assert all(answerer.verify(quote) for quote in quotes)
    assert all(one.end <= other.start or other.end <= one.start for one, other in combinations(quotes, 2))


def test_a_pointer_is_not_the_first_quote(answerer: Answerer) -> None:
    """A sentence that repeats the question and points elsewhere comes after one that answers."""
    quotes = answerer.ask("How do I join the choir?", ["choir"]).quotes

    assert quotes[0].text == "To join the choir, write a letter to the treasurer."
    assert quotes[0].confidence == max(quote.confidence for quote in quotes)

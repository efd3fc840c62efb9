"""Promises of retrieval: a passage is found however a question is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.retrieval.retriever import retrieve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.libraries.library import Library
    from index.passages.embedder import Embedder

TEXTS = {
    "Harbour": "The lighthouse of Skarholm is kept by Jón Mar-Eldur. Error E-4471 means that its lamp is too hot.",
    "Ferry": "The ferry to the mainland leaves at seven. Dogs travel free of charge, bicycles cost two crowns.",
    "Council": "The council honours neighbours who organise the spring fair. Its chair is Wilhelmina Østergaard.",
    "Bakery": "The bakery opens at six. Its rye bread is made without yeast, from a dough that rests for a week.",
    "School": "The school has forty pupils. They learn to sail before they learn to ride a bicycle.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    libraries = Libraries(tmp_path_factory.mktemp("retrieve"), lambda: embedder)
    for title, text in TEXTS.items():
        libraries.open("test").add(draft_from_text(text, key=title, source=title, markdown=False, title=title))
    yield libraries.open("test")
    libraries.close()


def first(question: str, library: Library, embedder: Embedder) -> str:
    return retrieve(question, embedder.query(question), library)[0].stored.title


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Who keeps the lighthouse?", "Harbour"),
        ("who looks after the beacon", "Harbour"),
        ("E-4471", "Harbour"),
        ("what does error e4471 mean", "Harbour"),
        ("jon mareldur", "Harbour"),
        ("Jon Mar‑Eldur", "Harbour"),
        ("wilhelmina ostergaard", "Council"),
        ("Wilhelmna Ostergard", "Council"),
        ("which neighbors organize the fair", "Council"),
        ("FERRY DEPARTURE TIME", "Ferry"),
        ("bread", "Bakery"),
    ],
)
def test_the_passage_is_found_however_it_is_asked_for(
    question: str, title: str, library: Library, embedder: Embedder
) -> None:
    """Synonyms, capitals, typos, missing hyphens and accents, other spellings and identifiers lead to the passage."""
    assert first(question, library, embedder) == title


def test_coverage_is_the_weighted_share_of_the_words_present(library: Library, embedder: Embedder) -> None:
    """Coverage is 1 if all key terms are present, 0 if none are, and in between otherwise."""

    def covered(question: str) -> float:
        found = retrieve(question, embedder.query(question), library)
        return next(c.coverage for c in found if c.stored.title == "Bakery")

    assert covered("bakery rye bread") == pytest.approx(1)
    assert covered("lighthouse ferry") == 0
    assert 0 < covered("bakery lighthouse") < 1


def test_candidates_come_best_first(library: Library, embedder: Embedder) -> None:
    """All candidates are in descending order of score."""
    scores = [one.score for one in retrieve("bread and ferries", embedder.query("bread and ferries"), library)]

    assert len(scores) == len(TEXTS)
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "question", ['"', "NEAR(a b", "a* OR -b ^c", "title:x", "'; DROP TABLE passages; --", "é" * 5000]
)
def test_search_syntax_is_only_text(question: str, library: Library, embedder: Embedder) -> None:
    """Search operators in a question are treated as words."""
    assert len(retrieve(question, embedder.query(question), library)) == 5


def test_an_empty_library_gives_nothing(tmp_path: Path, embedder: Embedder) -> None:
    """An empty library has no candidates."""
    assert retrieve("anything", embedder.query("anything"), Libraries(tmp_path, lambda: embedder).open("none")) == []

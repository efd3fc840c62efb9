"""Promises of quotes in near duplicates: equal statements are quoted once, different ones are not merged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.libraries.registry import Libraries
from index.passages.embedder import Embedder
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.outcome import NotCovered
from qa.quoting.near_duplicate_quotes import find_in_near_duplicates, significant_stems
from qa.quoting.quotes import propose
from qa.reading.protocol import Reader, Reading, ReadingModels
from qa.retrieval.retriever import Candidate

FACTS = (
    "The lighthouse of Skarholm was built in 1871 by Ada Brook. She paid for it with the money of her late uncle. "
    "Its lamp was lit for the first time on a cold night in November. The ferry to the mainland leaves at seven in the "
    "morning. Dogs travel free of charge on every crossing. The harbour has room for forty boats and two ferries. In "
    "winter the island is home to nineteen people and a great number of seals."
)
OTHERS = "Print this page\n\n{}\n\nAll rights reserved by the harbour office of Skarholm."
KEEPER = " The {} keeper of the light is {}."


@pytest.fixture
def libraries(tmp_path: Path, embedder: Embedder) -> Iterator[Libraries]:
    libraries = Libraries(tmp_path, lambda: embedder)
    yield libraries
    libraries.close()


def ask(
    libraries: Libraries, embedder: Embedder, reader: Reader, question: str, **told: int
) -> list[tuple[int, list[int]]]:
    """Return each quote's article and the others it is also in; every place must state the same."""
    answerer = Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.3, 0.0))
    outcome = answerer.ask(question, ["one", "two"], **told)
    assert not isinstance(outcome, NotCovered)
    for quote in outcome.quotes:
        assert answerer.verify(quote)
        for place in quote.also_in:
            article = libraries.article(place.library, place.article_id)
            assert article is not None
            assert " ".join(significant_stems(article.text[place.start : place.end])) in " ".join(
                significant_stems(quote.text)
            )
    return [(quote.article_id, [place.article_id for place in quote.also_in]) for quote in outcome.quotes]


def add(libraries: Libraries, text: str, key: str, library: str = "one") -> int:
    return libraries.open(library).add(draft_from_text(text, key=key, source=key, title="Skarholm")).article_id


def test_a_quotation_is_shown_once_with_its_places(libraries: Libraries, embedder: Embedder, reader: Reader) -> None:
    """The version for printing, which differs in a small word, is named with the page and not quoted itself."""
    page = add(libraries, FACTS, "page")
    printed = add(libraries, OTHERS.format(FACTS.replace("at seven in the morning", "at seven in morning")), "printed")
    quotes = ask(libraries, embedder, reader, "When does the ferry leave?")

    assert all({article, *also} == {page, printed} for article, also in quotes)
    alone = ask(libraries, embedder, reader, "When does the ferry leave?", article_id=page)
    assert alone[0] == (page, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("leaves at seven", "leaves at eight"),
        ("leaves at seven", "does not leave at seven"),
        ("leaves at seven", "leaves at 7"),
        ("leaves at seven", "leaves at ~seven"),
    ],
)
def test_another_statement_is_not_the_same(
    libraries: Libraries, embedder: Embedder, reader: Reader, before: str, after: str
) -> None:
    """Another number, another word or a "not" makes another statement, which has its own quote."""
    page = add(libraries, FACTS, "page")
    changed = add(libraries, OTHERS.format(FACTS.replace(before, after)), "changed")
    quotes = ask(libraries, embedder, reader, "When does the ferry leave?")

    assert libraries.open("one").near_duplicates(page) == [changed]
    assert quotes[0][1] == []
    assert {article for article, _ in quotes} >= {page, changed}


def test_a_short_statement_is_looked_for_under_its_question(libraries: Libraries) -> None:
    """In a near duplicate, too, "No." is the same only after the same question."""
    text = FACTS + "\n\nCan I smoke on deck? No.\n\nIs there a lift to the lamp room? No.\n"
    page, printed = add(libraries, text, "page"), add(libraries, OTHERS.format(text), "printed")
    proposed = [
        propose(Candidate("one", stored, 0.5, 0.5, 1.0), Reading(0, at, at + 3, 5.0, exact=True))
        for stored in libraries.open("one").passages(libraries.open("one").passage_ids(page))
        for at in (match.start() for match in re.finditer(r"No\.", stored.text))
    ]
    found = [
        (article.id, article.text[: place.start].rpartition("\n")[2])
        for proposal in proposed
        for article, place in find_in_near_duplicates(proposal, libraries.open("one"), [])
    ]

    assert found == [(printed, "Can I smoke on deck? "), (printed, "Is there a lift to the lamp room? ")]


def test_libraries_stay_apart(libraries: Libraries, embedder: Embedder, reader: Reader) -> None:
    """Near duplicates are found within one library; in another one only the same words are."""
    page = add(libraries, FACTS, "page")
    add(libraries, OTHERS.format(FACTS.replace("at seven in the morning", "at seven in morning")), "printed", "two")
    assert libraries.open("one").near_duplicates(page) == libraries.open("two").near_duplicates(1) == []
    assert ask(libraries, embedder, reader, "When does the ferry leave?")[0][1] == []


def test_what_makes_a_statement() -> None:
    """Small words, punctuation and endings do not matter; numbers, names, "not" and "or" do."""
    assert significant_stems("The fee is 20 euros.") == significant_stems("A *fee* is 20 euro")
    for other in (
        "The fee is not 20 euros.",
        "The fee is 25 euros.",
        "The fee or 20 euros.",
        "The fee was 20 dollars.",
    ):
        assert significant_stems(other) != significant_stems("The fee is 20 euros.")

"""Promises of answers from which articles are hidden: these are as if they were not stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.outcome import Answer
from qa.pins.pinned import Pin
from qa.quoting.anchoring import digest_of
from qa.reading.protocol import ReadingModels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.passages.embedder import Embedder
    from qa.outcome import Outcome
    from qa.reading.protocol import Reader

PUBLIC = "The ferry to Skarholm leaves at seven in the morning, every day but Sunday."
PRIVATE = "The ferry to Skarholm leaves at midnight for the staff, whom Brogmund steers."
QUESTION = "When does the ferry to Skarholm leave?"


class Harbour:
    """A library with one public article, and many private ones that fit its question better."""

    def __init__(self, libraries: Libraries) -> None:
        self.library = libraries.open("one")
        self.public = self.add("public", PUBLIC)
        self.again = self.add("again", f"{PUBLIC} It was last repaired by the crew of the old lighthouse.")
        self.private = [self.add(f"private {n}", f"{PRIVATE} This is trip number {n}.") for n in range(70)]

    def add(self, title: str, text: str) -> int:
        draft = draft_from_text(text, key=title, source=f"{title}.txt", markdown=False, title=title)
        return self.library.add(draft).article_id


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Libraries]:
    made = Libraries(tmp_path_factory.mktemp("hidden"), lambda: embedder)
    yield made
    made.close()


@pytest.fixture(scope="module")
def harbour(libraries: Libraries) -> Harbour:
    return Harbour(libraries)


@pytest.fixture(scope="module")
def answerer(libraries: Libraries, embedder: Embedder, reader: Reader) -> Answerer:
    return Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.2, 0.05))


def articles_in(outcome: Outcome) -> set[int]:
    """Return the ids of every article that an outcome names."""
    return {quote.article_id for quote in outcome.quotes} | {
        place.article_id for quote in outcome.quotes for place in quote.also_in
    }


def test_another_quote_takes_the_place(answerer: Answerer, harbour: Harbour) -> None:
    """More hidden passages than each search returns leave room for the visible one."""
    open_to_all = answerer.ask("When does the ferry leave at midnight?", ["one"])
    restricted = answerer.without({"one": frozenset(harbour.private)}).ask(QUESTION, ["one"])

    assert articles_in(open_to_all) & set(harbour.private)
    assert isinstance(restricted, Answer)
    assert restricted.quotes[0].text == PUBLIC
    assert articles_in(restricted) <= {harbour.public, harbour.again}


def test_hidden_places_are_not_named(answerer: Answerer, harbour: Harbour) -> None:
    """A quote that a hidden article repeats does not name it."""
    known = answerer.ask(QUESTION, ["one"], article_id=None, most=9)
    restricted = answerer.without({"one": {harbour.again, *harbour.private}}).ask(QUESTION, ["one"], most=9)

    assert harbour.again in articles_in(known)
    assert articles_in(restricted) == {harbour.public}


def test_an_article_cannot_be_chosen(answerer: Answerer, harbour: Harbour) -> None:
    """A question restricted to a hidden article finds nothing."""
    hidden = {"one": {harbour.public}}
    assert not answerer.without(hidden).ask(QUESTION, ["one"], article_id=harbour.public).quotes
    assert answerer.ask(QUESTION, ["one"], article_id=harbour.public).quotes


def test_a_pin_is_not_shown(answerer: Answerer, harbour: Harbour) -> None:
    """A pinned quote of a hidden article is passed over."""
    article = harbour.private[0]
    place = article, 0, len(PRIVATE), digest_of(PRIVATE)
    pins = [Pin("one", "private 0", *place, (), (QUESTION,))]

    assert answerer.ask(QUESTION, ["one"], pins=pins).quotes[0].article_id == article
    restricted = answerer.without({"one": set(harbour.private)}).ask(QUESTION, ["one"], pins=pins)
    assert articles_in(restricted) <= {harbour.public, harbour.again}


def test_sources_and_spelling(answerer: Answerer, harbour: Harbour) -> None:
    """Neither the sources of a statement nor the reading of a misspelt word shows a hidden article."""
    restricted = answerer.without({"one": set(harbour.private)})
    assert answerer.ask("What does Brogmumd steer?", ["one"]).understood == "Brogmund"
    assert restricted.ask("What does Brogmumd steer?", ["one"]).understood is None
    found = restricted.sources(PRIVATE, ["one"])
    assert {quote.article_id for quote in found.quotes} <= {harbour.public, harbour.again}


def test_a_quote_of_a_hidden_article_is_refused(answerer: Answerer, harbour: Harbour) -> None:
    """The last check before an answer is shown refuses it, too."""
    quote = answerer.ask(QUESTION, ["one"], article_id=harbour.public).quotes[0]
    assert answerer.verify(quote)
    assert not answerer.without({"one": {harbour.public}}).verify(quote)

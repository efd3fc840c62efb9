"""Promises of answers from a collection: they are those of a library that holds its articles alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.libraries.visible_part import AllBut, VisiblePart
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.outcome import Answer
from qa.pins.pinned import Pin
from qa.quoting.anchoring import digest_of
from qa.reading.protocol import ReadingModels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.libraries.library import Library
    from index.passages.embedder import Embedder
    from qa.outcome import Outcome
    from qa.reading.protocol import Reader

OTHER = "The ferry to Skarholm leaves at midnight for the staff, whom Brogmund steers. This is trip number {number}."
RULES = {
    "Ferry rules": "The ferry to Skarholm leaves at seven in the morning, every day but Sunday.",
    "Dogs": "Dogs travel free of charge on the ferry, but they stay on deck.",
    "Tickets": "A ticket costs four crowns. Children under six pay nothing.",
}
QUESTIONS = (
    "When does the ferry to Skarholm leave?",
    "Do dogs travel free?",
    "What does a ticket cost?",
    "What does Brogmumd steer?",  # known outside the collection alone
    "How much is a tiket for children?",
    "Where is the lighthouse?",
)


def add(library: Library, title: str, text: str, *tags: str) -> int:
    """Add an article to a library and to collections; return its id."""
    draft = draft_from_text(text, key=f"/{title}", source=f"{title}.txt", markdown=False, title=title)
    article_id = library.add(draft).article_id
    if tags:
        assert library.set_tags(article_id, tags)
    return article_id


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Libraries]:
    """Return a library `big` in which other articles fit better, and one with those of its collection alone."""
    made = Libraries(tmp_path_factory.mktemp("collections"), lambda: embedder)
    for number in range(60):
        add(made.open("big"), f"Trip {number}", OTHER.format(number=number))
    for title, text in RULES.items():
        add(made.open("big"), title, text, "Rules")
        add(made.open("alone"), title, text)
    yield made
    made.close()


@pytest.fixture(scope="module")
def answerer(libraries: Libraries, embedder: Embedder, reader: Reader) -> Answerer:
    return Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.2, 0.05))


def within(libraries: Libraries, *names: str) -> dict[str, AllBut]:
    """Return what is hidden from the library `big` where only these collections are quoted."""
    catalog = libraries.open("big").catalog
    assert catalog is not None
    return {"big": AllBut(catalog.tags.articles_in(names))}


def summary(outcome: Outcome) -> tuple[object, ...]:
    """Return everything of an outcome but ids and times."""
    quotes = [(one.title, one.start, one.end, one.text, round(one.confidence, 6)) for one in outcome.quotes]
    return type(outcome), round(outcome.confidence, 6), quotes, outcome.understood


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_answers_as_alone(answerer: Answerer, libraries: Libraries, question: str) -> None:
    """Outcome, quotes, confidences and corrected spelling are the same, whatever else the library has."""
    restricted = answerer.without(within(libraries, "rules")).ask(question, ["big"])

    assert summary(restricted) == summary(answerer.ask(question, ["alone"]))


def test_recall(answerer: Answerer, libraries: Libraries) -> None:
    """Sixty passages that fit better, more than each search returns, do not keep one of the collection away."""
    open_to_all = answerer.ask("When does the ferry leave at midnight?", ["big"])
    restricted = answerer.without(within(libraries, "RULES")).ask(QUESTIONS[0], ["big"])

    assert open_to_all.quotes[0].title.startswith("Trip")
    assert isinstance(restricted, Answer)
    assert restricted.quotes[0].text == RULES["Ferry rules"]


def test_an_empty_collection_covers_nothing(answerer: Answerer, libraries: Libraries) -> None:
    """A collection without articles is like an empty library."""
    assert not answerer.without(within(libraries, "nothing")).ask(QUESTIONS[0], ["big"]).quotes


def test_a_pin_outside_is_not_shown(answerer: Answerer, libraries: Libraries) -> None:
    """A pinned quote counts only where its article may be quoted."""
    text = OTHER.format(number=0)
    pin = Pin("big", "/Trip 0", 1, 0, len(text), digest_of(text), (), (QUESTIONS[0],))

    assert answerer.ask(QUESTIONS[0], ["big"], pins=[pin]).quotes[0].article_id == 1
    restricted = answerer.without(within(libraries, "rules")).ask(QUESTIONS[0], ["big"], pins=[pin])
    assert restricted.quotes[0].text == RULES["Ferry rules"]
    assert answerer.without(within(libraries, "rules")).sources(text, ["big"]).quotes[0].title in RULES


def test_both_indexes_find_some_ids_alone(libraries: Libraries) -> None:
    """A view finds the passages that it is of, and counts them alone; the whole index is as before."""
    indexes = libraries.open("big").indexes()
    assert indexes is not None
    vector = libraries.open("big").vectors([1])[1]
    view = indexes.only({61, 62})

    assert sorted(view.dense.search(vector, 40)[0].tolist()) == [61, 62]
    assert (
        view.lexical.search(["ferri"], 40)[0].tolist()
        == indexes.only({61, 62}).lexical.search(["ferri"], 5)[0].tolist()
    )
    assert view.lexical.document_frequencies(["ferri", "brogmund"])["brogmund"] == 0
    assert (view.passages, indexes.passages) == (2, 63)
    assert indexes.lexical.document_frequencies(["brogmund"])["brogmund"] == 60
    assert "brogmund" not in view.lexical.similar_terms("brogmumd", 5)
    assert "brogmund" in indexes.lexical.similar_terms("brogmumd", 5)
    assert not indexes.only(set()).dense.search(vector, 5)[0].size


def test_a_restricted_answer(answerer: Answerer, libraries: Libraries) -> None:
    """Passages outside of a collection are neither found nor counted, nor quoted."""
    indexes = libraries.open("big").indexes()
    assert indexes is not None
    view = indexes.only({61, 62, 63})

    assert (
        view.lexical.search(["ferri"], 1)[0].tolist() == indexes.only({61, 62}).lexical.search(["ferri"], 1)[0].tolist()
    )
    assert view.lexical.search(["ferri"], 3)[0].tolist() == [61, 62]
    assert view.passages == 3
    found = answerer.without({"big": AllBut(frozenset({61, 62, 63}))}).ask(QUESTIONS[0], ["big"])
    assert found.quotes[0].text == RULES["Ferry rules"]
    assert {quote.title for quote in found.quotes} <= set(RULES)


def test_views_are_kept_until_something_changes(tmp_path: Path, embedder: Embedder) -> None:
    """The view of a collection serves the next question, too, but not after a change of its articles."""
    libraries = Libraries(tmp_path, lambda: embedder)
    library = libraries.open("one")
    first = add(library, "Dogs", RULES["Dogs"])
    part = VisiblePart(library, AllBut(frozenset({first})))
    view = part.indexes()
    assert view is VisiblePart(library, AllBut(frozenset({first}))).indexes()
    library.add(draft_from_text(RULES["Tickets"], key="/Dogs", source="Dogs.txt", markdown=False, title="Dogs"))
    other = part.indexes()
    assert view is not None
    assert other is not None
    assert (view.passages, other.passages) == (1, 0)
    libraries.close()


def test_what_is_hidden_can_be_combined() -> None:
    """What is hidden by either, and what is hidden by both, of a set of articles and all but some."""
    hidden, rules, dogs = frozenset({1, 2}), AllBut(frozenset({2, 3})), AllBut(frozenset({3, 4}))

    assert hidden | rules == rules | hidden == AllBut(frozenset({3}))
    assert hidden & rules == rules & hidden == {1}
    assert rules | dogs == AllBut(frozenset({3}))
    assert rules & dogs == AllBut(frozenset({2, 3, 4}))
    assert [article for article in range(1, 5) if article in rules] == [1, 4]


def test_new_articles_are_indexed_after_a_change_of_tags(tmp_path: Path, embedder: Embedder) -> None:
    """Open indexes follow a change that has no passages, and the next article."""
    libraries = Libraries(tmp_path, lambda: embedder)
    library = libraries.open("one")
    first = add(library, "Dogs", RULES["Dogs"])
    assert library.indexes() is not None
    library.set_tags(first, ["Rules"])
    add(library, "Tickets", RULES["Tickets"])
    indexes = library.indexes()
    assert indexes is not None
    assert indexes.passages == len(indexes.dense.ids()) == 2
    assert library.check() == []
    libraries.close()

"""Promises of what a quote must name, with the real models and indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.reading.protocol import ReadingModels
from qa.retrieval.requirements import requirements, with_library_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.libraries.library import Library
    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader

RELEASES = """# Release notes of Pebblecast

## Version 2.10

Pebblecast 2.10 needs Python 3.11. It was released on 4 March 2024.

## Version 2.0

Pebblecast 2.0 needs Python 3.6. It was released on 1 February 2020.

## E-114

The fault E-114 means that the pump is blocked.

## E-120

The fault E-120 means that the heater is broken.
"""
CLUB = """# The Rook chess club

Elmar Voss founded the club in 1987. The fifth tournament was won by Ada Horn, the 6th by Tim Lux.

You can pay with a debit card. The fee is returned if you leave within a month. Training is on Tue and Thu.
"""
BRANCHES = {"Kiel": 9, "Ulm": 10, "Jena": 8}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Libraries]:
    made = Libraries(tmp_path_factory.mktemp("required"), lambda: embedder)
    texts = {"releases": RELEASES, "club": CLUB}
    texts |= {city: f"# The {city} branch\n\nThe {city} branch opens at {hour}.\n" for city, hour in BRANCHES.items()}
    for key, text in texts.items():
        title = text.split("\n")[0].removeprefix("# ")
        made.open("test").add(draft_from_text(text, key=key, source=key, markdown=True, title=title))
    yield made
    made.close()


@pytest.fixture(scope="module")
def library(libraries: Libraries) -> Library:
    return libraries.open("test")


@pytest.fixture(scope="module")
def answerer(libraries: Libraries, embedder: Embedder, reader: Reader) -> Answerer:
    return Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.3, 0.1))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("what does e114 mean?", "E-114"),
        ("What does v2.0 require?", "Pebblecast 2.0 needs"),
        ("when is training on tuesday", "Training is on Tue"),
        ("Who won the 5th tournament?", "fifth tournament"),
        ("When does the Kiel branch open?", "Kiel branch opens at 9"),
        ("when did pebblecast 2.10 come out", "4 March 2024"),
    ],
)
def test_another_spelling_finds_the_identifier(question: str, text: str, answerer: Answerer) -> None:
    """What the question spells differently is found, and quoted first."""
    assert text in answerer.ask(question, ["test"]).quotes[0].text


@pytest.mark.parametrize(
    "question",
    [
        "What does E-115 mean?",
        "When was Pebblecast 3.0 released?",
        "Which Python does Pebblecast 2.5 need?",
        "Who won the 8th tournament?",
        "When does the Trier branch open?",
        "when does the trier branch open",
        "Who founded Valorant?",
        "Who founded Vosshorn?",  # of Elmar Voss and Ada Horn
    ],
)
def test_what_no_article_names_is_no_answer(question: str, answerer: Answerer) -> None:
    """A question about a code, version, ordinal or name that no passage has gets no answer."""
    assert answerer.ask(question, ["test"]).name != "answer"


@pytest.mark.parametrize(
    "question",
    [
        "can i get a refund?",
        "Do I need a laptop?",
        "how much does membership cost",
        "Is there antialiasing?",
        "how do i unsubscribe from the newsletter",
        "What is the name of the network (SSID)?",
        "Who is Elmar Voss?",
        "Who is Elmar J. Voss?",
        "who is elmer vos?",
        "who is elmarvoss?",
        "Where is the Paywall?",
        "CAN I PAY BY CARD?",
        "Wie lautet die Telefonnummer der Filiale?",
        "quels sont les horaires de la bibliothèque",
        "I am from Trier. Can I pay by card?",  # only the sentence that asks
    ],
)
def test_ordinary_words_need_not_stand_in_the_articles(question: str, library: Library) -> None:
    """Paraphrases, derived and misspelt words, and names in other sentences are nothing that must be named."""
    assert requirements(question, [library]).absent == ()


def test_quotes_about_another_subject_are_left_out(answerer: Answerer) -> None:
    """Beside the branch or version asked for, no sentence about another one is quoted."""
    branches = answerer.ask("When does the Kiel branch open?", ["test"]).quotes
    versions = answerer.ask("When was Pebblecast 2.0 released?", ["test"]).quotes

    assert not any(city in quote.text for quote in branches for city in ("Ulm", "Jena"))
    assert not any("2.10" in quote.text for quote in versions)


def test_confidences_are_lowered_continuously(library: Library) -> None:
    """What names another is lowered below the threshold and comes after what names the right one, never rounded."""
    required = requirements("What does E-114 mean?", [library])

    lowered = required.restrict(["E-120 is a fault.", "E-114 is a fault.", "The pump."], [0.9, 0.2, 0.8], 0.3)

    assert lowered[0] == pytest.approx(0.9 * 0.3 * 0.99 * 0.2)
    assert lowered[1:] == [0.2, 0.8]


def test_short_forms_of_what_a_quote_spells_out_are_named_by_it(library: Library) -> None:
    """A quote is not lowered for a name in capitals that its words begin with."""
    required = requirements("What happened after WWII?", [library])

    lowered = required.restrict(["World War II was over.", "It rained."], [0.9, 0.9], 0.3)

    assert lowered == pytest.approx([0.9, 0.9 * 0.3 * 0.99])


def test_models_read_the_spelling_of_the_articles(library: Library) -> None:
    """Codes, versions, weekdays and months are spelt as in the articles before the models read them."""
    spelt = [
        with_library_spelling(text, [library])
        for text in ("what is e114", "what does v2.0 need", "training on tuesdays?")
    ]

    assert spelt == ["what is E-114", "what does Pebblecast 2.0 need", "training on Tue?"]

"""Promises of questions in a conversation, with the real models: the subject goes on, or it is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.conversation.follow_ups import Turn
from qa.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader

BREWERIES = """The brewery at Fennmoor was founded by Ida Vance, who had been a farmer. Vance opened it in May 1904.

The brewery at Saltby was founded by Otto Brandt, who had been a baker. Brandt opened it in June 1931.

Both breweries make a dark ale with juniper. The ale is matured for nine weeks in oak barrels.
"""
RAILWAY = """The narrow railway to Skell was opened in 1888. Its trains carried slate from the quarries to the harbour.

The line was closed in 1957 because a new road had taken its freight. Volunteers run it on Sundays.
"""
MUSEUM = "The museum of Korvik is open on weekdays. A ticket costs four crowns. It is closed in February."
BATHS = "The public baths of Lundby are open on weekends. A ticket costs nine crowns. They are closed in July."


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, reader: Reader) -> Iterator[Answerer]:
    libraries = Libraries(tmp_path_factory.mktemp("topic"), lambda: embedder)
    texts = {"Breweries": BREWERIES, "Railway": RAILWAY, "Museum": MUSEUM, "Baths": BATHS}
    for title, text in texts.items():
        libraries.open("test").add(draft_from_text(text, key=title, source=title, markdown=False, title=title))
    yield Answerer(libraries, lambda: embedder, lambda: reader, Thresholds(0.2, 0.05))
    libraries.close()


def talk(answerer: Answerer, *questions: str) -> Outcome:
    """Ask questions one after the other, each after the turns before it; return the last outcome."""
    history: list[Turn] = []
    for question in questions:
        outcome = answerer.ask(question, ["test"], history)
        history += [Turn("user", question), *(Turn("assistant", quote.text) for quote in outcome.quotes[:1])]
    return outcome


@pytest.mark.parametrize(
    ("questions", "words", "understood"),
    [
        (("who is Ida Vance?", "when did she open it?"), "May 1904", "Ida Vance"),
        (("who is Ida Vance?", "and the other one?"), "Otto Brandt", "Otto Brandt"),
        (("what did Ida Vance found?", "what about Otto Brandt?"), "Saltby", None),
        (("when was the narrow railway opened?", "why was it closed?"), "new road", "narrow railway"),
        (("when is the museum of Korvik open?", "and how much is a ticket?"), "four crowns", None),
        (("when are the public baths of Lundby open?", "how much is a ticket?"), "nine crowns", None),
        (("when is the museum of Korvik open?", "how much is a ticket?"), "four crowns", None),
    ],
)
def test_follow_up_is_answered(
    questions: tuple[str, ...], words: str, understood: str | None, answerer: Answerer
) -> None:
    """A follow-up gets the answer about what was spoken of, and the outcome names what was understood."""
    outcome = talk(answerer, *questions)

    assert words in outcome.quotes[0].text
    assert outcome.question == questions[-1]
    assert understood in {None, outcome.understood}


@pytest.mark.parametrize(
    "question",
    ["who founded the brewery at Saltby?", "what did the trains to Skell carry?", "when is the museum of Korvik open?"],
)
def test_new_subject_is_answered_as_if_nothing_had_been_said(question: str, answerer: Answerer) -> None:
    """A question that stands alone gets, after other subjects, exactly what it gets at first."""
    alone, later = (
        answerer.ask(question, ["test"], history)
        for history in ((), (Turn("user", "where are the public baths?"), Turn("assistant", BATHS)))
    )

    assert (later.quotes, later.confidence, later.understood) == (alone.quotes, alone.confidence, None)


def test_surrogates_do_no_harm(answerer: Answerer) -> None:
    """A lone surrogate in a turn, which no model can read, does not keep a follow-up from being answered."""
    history = (Turn("user", "when was the narrow railway \ud800 opened?"), Turn("assistant", "\udfff"))

    assert "new road" in answerer.ask("why was it closed?", ["test"], history).quotes[0].text
    assert answerer.ask("why?", ["test"], history).question == "why?"


def test_reference_to_what_no_article_has_is_no_topic(answerer: Answerer) -> None:
    """History that no article knows changes nothing, whatever it holds."""
    history = (Turn("user", "xyzzy plugh?"), Turn("assistant", "\ud800"))
    question = "who founded the brewery at Saltby?"

    assert answerer.ask(question, ["test"], history).quotes == answerer.ask(question, ["test"]).quotes

"""Promises of search in a conversation, with the real models: the topic continues, or it is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.models import Passage, StoredPassage
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.conversation.follow_ups import Turn
from qa.outcome import Outcome
from qa.reading.protocol import ReadingModels
from qa.retrieval.retriever import Candidate
from qa.retrieval.search import _Topic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    yield Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.2, 0.05))
    libraries.close()


def talk(answerer: Answerer, *questions: str) -> Outcome:
    """Ask questions in order, each after the turns before it; return the last outcome."""
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
    """A follow-up is answered from the articles on topic, and the outcome says how it was understood."""
    outcome = talk(answerer, *questions)

    assert words in outcome.quotes[0].text
    assert outcome.question == questions[-1]
    assert outcome.understood == understood


@pytest.mark.parametrize(
    "question",
    ["who founded the brewery at Saltby?", "what did the trains to Skell carry?", "when is the museum of Korvik open?"],
)
def test_new_subject_is_answered_as_if_nothing_had_been_said(question: str, answerer: Answerer) -> None:
    """A question on a new topic is answered exactly as if it were the first."""
    alone, later = (
        answerer.ask(question, ["test"], history)
        for history in ((), (Turn("user", "where are the public baths?"), Turn("assistant", BATHS)))
    )

    assert (later.quotes, later.confidence, later.understood) == (alone.quotes, alone.confidence, None)


def test_what_the_other_one_is_not_is_not_quoted(tmp_path: Path, embedder: Embedder, reader: Reader) -> None:
    """If the articles do not name the other one, no quote mentions the one that the question excludes."""
    libraries = Libraries(tmp_path, lambda: embedder)
    text = (
        "The school of Tarn has two teachers. Music is taught by Nora Quill, who came in 1990.\n\n"
        "A retired captain teaches sailing at the school of Tarn. He came in 1995."
    )
    libraries.open("test").add(draft_from_text(text, key="s", source="s", markdown=False, title="School"))
    answerer = Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.2, 0.05))

    outcome = talk(answerer, "who is Nora Quill?", "when did the other one come to Tarn?")
    libraries.close()

    assert outcome.understood == "other than Nora Quill"
    assert [quote.text for quote in outcome.quotes] == [text.partition("\n\n")[2]]


def candidate(article_id: int, score: float) -> Candidate:
    passage = Passage(article_id * 10, article_id, 0, 1, "")
    return Candidate("test", StoredPassage(passage, "", "x", b""), score, 0.0, score)


def test_articles_somewhat_less_near_to_the_topic_are_read_too() -> None:
    """If the topic continues, articles of more than half the nearness are read, in the order of their scores."""
    topic = _Topic({("test", 1): 1.0, ("test", 2): 0.6, ("test", 3): 0.5}, {})
    candidates = [candidate(2, 0.4), candidate(1, 0.5), candidate(3, 0.4), candidate(4, 0.6)]

    assert topic.candidates_on_topic(candidates, 0.3) == [candidates[1], candidates[0]]


def test_the_best_candidate_decides_whether_the_topic_continues() -> None:
    """No candidate is on topic if the best one, bonus included, is of another article."""
    topic = _Topic({("test", 1): 1.0}, {})

    assert topic.candidates_on_topic([candidate(1, 0.5), candidate(4, 0.9)], 0.3) == []


def test_surrogates_do_no_harm(answerer: Answerer) -> None:
    """A lone surrogate in a turn, which no model accepts, does not keep a follow-up from being answered."""
    history = (Turn("user", "when was the narrow railway \ud800 opened?"), Turn("assistant", "\udfff"))

    assert "new road" in answerer.ask("why was it closed?", ["test"], history).quotes[0].text
    assert answerer.ask("why?", ["test"], history).question == "why?"


def test_reference_to_what_no_article_has_is_no_topic(answerer: Answerer) -> None:
    """Turns about what no article contains change nothing."""
    history = (Turn("user", "xyzzy plugh?"), Turn("assistant", "\ud800"))
    question = "who founded the brewery at Saltby?"

    assert answerer.ask(question, ["test"], history).quotes == answerer.ask(question, ["test"]).quotes

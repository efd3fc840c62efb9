"""Promises of question answering as a whole, with the real models on small libraries."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from index.stage_times import recording
from qa.answerer import Answerer, Thresholds
from qa.conversation.follow_ups import Turn
from qa.outcome import Answer, NotCovered
from qa.pins.pinned import Pin
from qa.quoting.anchoring import digest_of
from qa.reading.protocol import ReadingModels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader

HARBOUR = """The lighthouse of Skarholm is kept by Mira Holt. She has lived there since 1987.

The ferry to the mainland leaves at seven in the morning. Dogs travel free of charge.

On 13/11/2020 a storm tore the roof off the boathouse. It was rebuilt by volunteers, who were paid in smoked herring.
"""
COUNCIL = "The chair of the island council is Per Sand. The council meets on the first Monday of every month."
SECRET = "The treasure of the second server is buried under the old oak."


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Libraries]:
    made = Libraries(tmp_path_factory.mktemp("answers"), lambda: embedder)
    for name, title, text in (("one", "Harbour", HARBOUR), ("shared", "Council", COUNCIL), ("two", "Oak", SECRET)):
        made.open(name).add(draft_from_text(text, key=title, source=f"{title}.txt", markdown=False, title=title))
    yield made
    made.close()


@pytest.fixture(scope="module")
def answerer(libraries: Libraries, embedder: Embedder, reader: Reader) -> Answerer:
    return Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.2, 0.05))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("who keeps the lighthouse?", "Mira Holt"),
        ("when does the ferry leave", "seven in the morning"),
        ("which animals travel free of charge on the ferry?", "Dogs travel"),
        ("who is the chair of the council", "Per Sand"),
        ("What tore the roof off the boathouse?", "a storm tore"),
    ],
)
def test_the_first_quote_answers(question: str, words: str, answerer: Answerer) -> None:
    """A question that the articles answer is answered by an exact quote of that sentence."""
    outcome = answerer.ask(question, ["one", "shared"])

    assert isinstance(outcome, Answer)
    assert words in outcome.quotes[0].text
    assert outcome.confidence == outcome.quotes[0].confidence
    assert all(answerer.verify(found) for found in outcome.quotes)


@pytest.mark.parametrize(
    "statement",
    [
        "It was rebuilt by volunteers, who were paid in smoked herring.",
        "The council meets\non the first Monday of every month",
        "the chair of the island council is per sand.",
    ],
)
def test_a_statement_is_answered_where_it_stands(statement: str, answerer: Answerer) -> None:
    """A sentence of an article in place of a question is quoted first, whatever its white space and capitals."""
    best = answerer.ask(statement, ["one", "shared"]).quotes[0]

    assert " ".join(statement.split()).casefold() in " ".join(best.text.split()).casefold()


def test_the_words_that_answer_are_marked(answerer: Answerer) -> None:
    """The answering words are highlighted inside the quote."""
    best = answerer.ask("who keeps the lighthouse?", ["one"]).quotes[0]

    assert [span.of(HARBOUR) for span in best.highlights] == ["Mira Holt"]


@pytest.mark.parametrize("question", ["Wer wohnt im Leuchtturm?", "¿Quién vive en el faro?", "was kostet ein U-Boot?"])
def test_a_question_that_the_models_do_not_read_is_marked(question: str, answerer: Answerer) -> None:
    """A question that is surely not English is marked, whatever its outcome; one in English is not."""
    assert answerer.ask(question, ["one", "shared"]).unread_language is not None
    assert answerer.ask("who keeps the lighthouse?", ["one", "shared"]).unread_language is None


@pytest.mark.parametrize("question", ["who keeps the lighthouse?", "what is the name of the lighthouse at Skarhelm"])
def test_proposals_have_the_confidences_of_quotes(question: str, answerer: Answerer) -> None:
    """Benchmarks see the confidences that decide outcomes, also where a rule lowers them."""
    scored = answerer.scored_proposals(question, ["one", "shared"])

    assert max(confidence for _, confidence in scored) == answerer.ask(question, ["one", "shared"], most=1).confidence


@pytest.mark.parametrize(
    "question", ["who won the 2018 World Cup?", "how do I bake sourdough bread", "capital of Peru"]
)
def test_what_the_articles_do_not_cover_is_no_answer(question: str, answerer: Answerer) -> None:
    """A question on another topic is never answered."""
    assert not isinstance(answerer.ask(question, ["one", "shared"]), Answer)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "😀🎉",
        "?!",
        "\u200b",
        "x" * 10_000,
        "why " * 2_500,
        "'; DROP TABLE articles; -- \" OR NEAR(a)",
        "灯台は誰が守っていますか",
        "من يحرس المنارة؟",
        "\x00\x07",
        "\ud800 a lone surrogate",
        "who\nkeeps\r\nthe lighthouse",
    ],
)
def test_any_text_gets_an_honest_outcome(question: str, answerer: Answerer) -> None:
    """No text raises an error; quotes are verbatim, and the confidence is a probability."""
    outcome = answerer.ask(question, ["one", "shared"])

    assert outcome.question == question
    assert 0 <= outcome.confidence <= 1
    assert all(answerer.verify(found) for found in outcome.quotes)


@pytest.mark.parametrize("question", ["", "😀🎉", "?!"])
def test_a_question_without_words_is_not_covered(question: str, answerer: Answerer) -> None:
    """A question without letters or digits is not covered."""
    assert isinstance(answerer.ask(question, ["one"]), NotCovered)


def test_a_server_never_sees_anothers_articles(answerer: Answerer) -> None:
    """Only the named libraries are searched."""
    found = answerer.ask("where is the treasure buried?", ["one", "shared"]).quotes

    assert {quote.library for quote in found} <= {"one", "shared"}
    assert not any("oak" in quote.text for quote in found)
    assert "oak" in answerer.ask("where is the treasure buried?", ["two"]).quotes[0].text


def test_quotes_are_distinct_best_first_and_at_most_three(answerer: Answerer) -> None:
    """Quotes do not overlap and are in descending order of confidence."""
    quotes = answerer.ask("what happens on the island", ["one", "shared"]).quotes
    confidences = [quote.confidence for quote in quotes]

    assert len(quotes) <= 3
    assert confidences == sorted(confidences, reverse=True)
    places = sorted((quote.title, quote.start, quote.end) for quote in quotes)
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(places))


def test_the_same_question_gets_the_same_answer(answerer: Answerer) -> None:
    """Answers are deterministic."""
    once, again = (answerer.ask("when does the ferry leave", ["one"]) for _ in range(2))

    assert once.quotes == again.quotes


def test_a_quote_of_a_removed_article_is_not_verified(tmp_path: Path, embedder: Embedder, reader: Reader) -> None:
    """A quote of a removed article is not verified, and the article is not quoted again."""
    made = Libraries(tmp_path, lambda: embedder)
    receipt = made.open("one").add(draft_from_text(HARBOUR, key="h", source="h.txt", markdown=False, title="Harbour"))
    short_lived = Answerer(made, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.2, 0.05))
    quote = short_lived.ask("who keeps the lighthouse?", ["one"]).quotes[0]
    made.open("one").remove(receipt.article_id)

    assert not short_lived.verify(quote)
    assert isinstance(short_lived.ask("who keeps the lighthouse?", ["one"]), NotCovered)
    made.close()


@pytest.mark.parametrize(
    ("typed", "outcome", "understood"),
    [("Skarholm", "answer", None), ("Skarhlom", "answer", "Skarholm"), ("Skarholn", "closest", "Skarholm")],
)
def test_a_corrected_name_is_told(typed: str, outcome: str, understood: str | None, answerer: Answerer) -> None:
    """The outcome names what a misspelt word was read as; if it may be another name, it is no answer."""
    found = answerer.ask(f"who keeps the lighthouse of {typed}?", ["one"])

    assert (found.name, found.understood) == (outcome, understood)
    assert "Mira Holt" in found.quotes[0].text


def test_an_uncalibrated_pair_of_models_never_answers(libraries: Libraries, embedder: Embedder, reader: Reader) -> None:
    """Without a calibration the outcome is `closest` at most."""

    class Stranger:
        identity = "a reader that nobody has calibrated"
        read = reader.read

    cautious = Answerer(libraries, lambda: embedder, lambda: ReadingModels(Stranger()), Thresholds(0.2, 0.01))
    outcome = cautious.ask("who keeps the lighthouse?", ["one"])

    assert outcome.name == "closest"
    assert "Mira Holt" in outcome.quotes[0].text


FEES = {
    "Fees 2023": (
        "2023-02-01",
        "All prices. A berth for a boat costs 40 crowns a night. Pay at the office.",
    ),
    "Fees 2024": (
        "2024-02-01",
        "Prices are new. A berth for a boat costs 55 crowns a night. Ask the harbour.",
    ),
    "Fees, printed": (None, "PRICES ARE NEW! A **berth** for a boat costs 55 crowns a night."),
}


def test_twins_are_quoted_once_and_contradictions_both(tmp_path: Path, embedder: Embedder, reader: Reader) -> None:
    """Equal sentences are one quote with all its places; an older answer is a quote of its own, with date."""
    made = Libraries(tmp_path, lambda: embedder)
    for title, (day, text) in FEES.items():
        front = f"---\ntitle: {title}\n" + (f"date: {day}\n" if day else "") + f"---\n{text}\n"
        made.open("one").add(draft_from_text(front, key=title, source=f"{title}.md", markdown=True))
    quotes = (
        Answerer(made, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.2, 0.05))
        .ask("how much does a berth for a boat cost?", ["one"])
        .quotes
    )
    made.close()
    new, old = quotes[:2]

    assert ["55 crowns" in new.text, "40 crowns" in old.text] == [True, True]
    assert [new.published, old.published] == ["2024-02-01", "2023-02-01"]
    assert [new.title, *(place.title for place in new.also_in)] == ["Fees 2024", "Fees, printed"]
    assert [quote.differs for quote in quotes] == [False, True, *([False] * len(quotes[2:]))]


def test_one_article_can_be_asked_alone(libraries: Libraries, answerer: Answerer) -> None:
    """With `article_id` every quote is of that article, even if another one answers better."""
    (council,) = libraries.open("shared").articles()

    outcome = answerer.ask("who keeps the lighthouse?", ["shared"], article_id=council.id, most=9)
    gone = answerer.ask("who is the chair of the council", ["shared"], article_id=council.id + 1)

    assert {(quote.library, quote.article_id) for quote in outcome.quotes} <= {("shared", council.id)}
    assert isinstance(answerer.ask("who chairs the council?", ["shared"], article_id=council.id), Answer)
    assert isinstance(gone, NotCovered)


def test_more_quotes_for_who_wants_them(answerer: Answerer) -> None:
    """A higher `most` adds quotes after the same first ones."""
    two = answerer.ask("when does the ferry leave?", ["one", "shared"], most=2)
    many = answerer.ask("when does the ferry leave?", ["one", "shared"], most=9)

    assert len(two.quotes) == 2
    assert 2 < len(many.quotes) <= 9
    assert many.quotes[:2] == two.quotes
    assert all(one.confidence >= other.confidence for one, other in pairwise(many.quotes))


@pytest.mark.parametrize(
    ("claim", "words", "verbatim"),
    [
        ("Mira Holt looks after the lighthouse of Skarholm", "kept by Mira Holt", False),
        ("i read that dogs travel FREE of charge!", "Dogs travel free of charge.", True),
        ("The ferry to the mainland leaves at seven", "leaves at seven", True),
        ("Dogs have to pay on the ferry", "Dogs travel", False),
        ("It is not true that dogs travel free of charge", "Dogs travel", False),
        ("I had pizza for lunch", "", False),
        ("the oak", "", False),
        ("???", "", False),
    ],
)
def test_sources_of_a_claim(answerer: Answerer, claim: str, words: str, verbatim: bool) -> None:
    """A claim returns the sentences similar to it, and whether one is verbatim."""
    found = answerer.sources(claim, ["one", "shared"])

    assert found.verbatim == verbatim
    assert words in (found.quotes[0].text if found.quotes else "")
    assert bool(found.quotes) == bool(words)
    assert all(answerer.verify(quote) for quote in found.quotes)


def pin_of(words: str, *questions: str, library: str = "one", article_id: int = 1) -> Pin:
    """Return a pin of a sentence of the harbour article."""
    start = HARBOUR.index(words)
    return Pin(library, "Harbour", article_id, start, start + len(words), digest_of(words), (), questions)


def test_what_is_pinned_comes_first(answerer: Answerer) -> None:
    """A pinned quote is the answer, before what is found, even if nothing else would be an answer."""
    dogs = "Dogs travel free of charge."
    pins = [pin_of(dogs, "Who keeps the lighthouse?", "Who won the 2018 World Cup?")]

    found = answerer.ask("who keeps the lighthouse", ["one"], pins=pins)
    lost = answerer.ask("who won the 2018 world cup", ["one"], pins=pins)

    assert [type(outcome) for outcome in (found, lost)] == [Answer, Answer]
    assert [outcome.quotes[0].text for outcome in (found, lost)] == [dogs, dogs]
    assert (found.quotes[0].chosen, found.confidence, found.quotes[1].chosen) == (True, 1.0, False)
    assert "Mira Holt" in found.quotes[1].text
    assert all(answerer.verify(quote) for quote in found.quotes)


def test_what_is_pinned_is_not_quoted_twice(answerer: Answerer) -> None:
    """A pinned sentence that is found as well is shown once."""
    keeper = "The lighthouse of Skarholm is kept by Mira Holt."
    found = answerer.ask("who keeps the lighthouse?", ["one"], pins=[pin_of(keeper, "Who keeps the lighthouse?")])

    assert [quote.text for quote in found.quotes].count(keeper) == 1
    assert found.quotes[0].chosen


def test_a_pin_is_for_its_question_and_its_library(answerer: Answerer) -> None:
    """A pin does not answer another question, and not in another library or another article."""
    pins = [pin_of("Dogs travel free of charge.", "Who keeps the lighthouse?", "Who rules the ferry?")]

    assert not answerer.ask("Where is the lighthouse?", ["one"], pins=pins).quotes[0].chosen
    assert not any(quote.chosen for quote in answerer.ask("Who keeps the lighthouse?", ["shared"], pins=pins).quotes)
    other = answerer.ask("Who keeps the lighthouse?", ["one"], article_id=99, pins=pins)
    assert not any(quote.chosen for quote in other.quotes)


def test_a_follow_up_gets_what_is_pinned_to_its_meaning(answerer: Answerer) -> None:
    """A follow-up is compared with pins as it was understood."""
    pins = [pin_of("Dogs travel free of charge.", "Who keeps the lighthouse?")]
    before = [Turn("user", "Where is the lighthouse?"), Turn("assistant", "It stands at the harbour.")]

    assert answerer.ask("who keeps it?", ["one"], before, pins=pins).quotes[0].chosen
    assert not any(quote.chosen for quote in answerer.ask("who keeps it?", ["one"], pins=pins).quotes)


def test_stages_are_measured(answerer: Answerer) -> None:
    """Who records gets the time of each stage of an answer; together they are not longer than it took."""
    with recording() as times:
        outcome = answerer.ask("who keeps the lighthouse?", ["one", "shared"])

    assert set(times) == {"open", "find", "rank", "read", "quote"}
    assert times["read"] <= times["rank"]
    assert 1000 * (times["find"] + times["rank"] + times["quote"]) <= outcome.elapsed_ms

"""Lower bounds of answer quality on the community set that ships, and checks of the set itself."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from benchmarks.shipped_set import FOLDER, TypedQuestion, ceiling, fill, read, shown, trials
from index.libraries.registry import Libraries
from qa.answerer import Answerer, Thresholds
from qa.outcome import Answer
from qa.reading.loading import load_models
from settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.passages.embedder import Embedder
    from qa.outcome import Outcome, Quote

# Slightly below what was measured last; raise them when answers get better.
FIRST_RIGHT = 28  # of 45 that have an answer
ONE_OF_THREE_RIGHT = 32
UNANSWERABLE_ANSWERED = 2  # of 15, at most
RIGHTLY_TREATED = 31  # of all 60: a right first quote called an answer, or no answer where there is none
ASKED = read()


@dataclass(frozen=True, slots=True)
class Result:
    """A question, its outcome, and which of the quotes answer."""

    question: TypedQuestion
    outcome: Outcome
    right: tuple[bool, ...]

    @property
    def is_answer(self) -> bool:
        return isinstance(self.outcome, Answer)

    @property
    def first(self) -> bool:
        return any(self.right[:1])

    @property
    def is_rightly_treated(self) -> bool:
        return self.is_answer and self.first if self.question.alternatives else not self.is_answer

    def __str__(self) -> str:
        """Return a row of the table of misses."""
        quote = " ".join(shown(self.outcome.quotes[0]).split())[:90] if self.outcome.quotes else ""
        found = f"{self.outcome.name} {self.outcome.confidence:.2f}"
        return f"| {self.question.id} | {self.question.kind} | {self.question.text[:60]} | {found} | {quote} |"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Libraries]:
    libraries = Libraries(tmp_path_factory.mktemp("community-set"), lambda: embedder)
    fill(libraries.open())
    yield libraries
    libraries.close()


@pytest.fixture(scope="module")
def answerer(libraries: Libraries, embedder: Embedder) -> Answerer:
    """Return what `python bot.py` asks with the default settings."""
    settings = Settings(_env_file=None)
    models = load_models(settings.reader_model, settings.reranker_model, embedder)
    thresholds = Thresholds(settings.answer_confidence, settings.closest_confidence)
    return Answerer(libraries, lambda: embedder, lambda: models, thresholds)


@pytest.fixture(scope="module")
def results(answerer: Answerer) -> list[Result]:
    asked = [(question, answerer.ask(question.text, ["shared"])) for question in ASKED]
    return [Result(q, out, tuple(q.is_answered_by(shown(quote)) for quote in out.quotes[:3])) for q, out in asked]


def misses(results: Sequence[Result]) -> str:
    return "\n".join(
        ["", "| id | kind | question | outcome | first quote |", "|---|---|---|---|---|", *map(str, results)]
    )


def test_first_quotes_are_right(results: list[Result]) -> None:
    """The first quote, read after its context, answers most questions that have an answer."""
    wrong = [one for one in results if one.question.alternatives and not one.first]

    assert 45 - len(wrong) >= FIRST_RIGHT, misses(wrong)


def test_one_of_three_quotes_is_right(results: list[Result]) -> None:
    """One of the first three quotes answers more of them."""
    wrong = [one for one in results if one.question.alternatives and not any(one.right)]

    assert 45 - len(wrong) >= ONE_OF_THREE_RIGHT, misses(wrong)


def test_few_unanswerable_questions_are_answered(results: list[Result]) -> None:
    """Few questions without an answer in the articles have the outcome `answer`."""
    answered = [one for one in results if not one.question.alternatives and one.is_answer]

    assert len(answered) <= UNANSWERABLE_ANSWERED, misses(answered)


def test_neither_silence_nor_guessing_raises_the_sum(results: list[Result]) -> None:
    """What is rightly treated is a floor of its own: refusing every question, or none, would not reach it."""
    wrong = [one for one in results if not one.is_rightly_treated]

    assert 60 - len(wrong) >= RIGHTLY_TREATED, misses(wrong)


def test_set_is_as_described(libraries: Libraries) -> None:
    """There are 60 questions, 15 without an answer; every alternative of the others is in a stored article."""
    library = libraries.open()
    articles = [article for row in library.articles() if (article := library.article(row.id))]
    texts = {article.source: " ".join(article.text.split()) for article in articles}
    answerable = [question for question in ASKED if question.alternatives]

    assert (len(ASKED), len(answerable)) == (60, 45)
    assert len({question.id for question in ASKED}) == len({question.text for question in ASKED}) == 60
    assert {question.doc_id for question in answerable} == set(texts)
    for question in answerable:
        assert all(any(all(p in text for p in parts) for text in texts.values()) for parts in question.alternatives)
        assert question.is_answered_by(texts[question.doc_id])


def test_quote_without_all_texts_of_an_alternative_is_wrong() -> None:
    """All texts of one alternative are needed; line breaks count as spaces, and context is read before the quote."""
    question = TypedQuestion(
        "1", "a", "a", "when is the parade", ("",), alternatives=(("Saturday", "20:15"), ("8 pm",))
    )
    quote = SimpleNamespace(text="20:15: the parade", context=(SimpleNamespace(text="Saturday"),))

    assert not question.is_answered_by("Sunday, 20:15")
    assert question.is_answered_by("at 8\npm")
    assert question.is_answered_by(shown(cast("Quote", quote)))


def test_benchmark_judges_the_same_quotes(libraries: Libraries, answerer: Answerer, results: list[Result]) -> None:
    """The benchmark finds the first quotes right that are right when they are shown."""
    shown_quotes = [one for one in results if one.outcome.quotes and one.question.alternatives][:8]
    tried = trials(answerer, libraries.open(), [one.question for one in shown_quotes])

    assert [trial.judged().first for trial in tried] == [one.first for one in shown_quotes]


def test_ceiling(tmp_path: Path) -> None:
    """The ceiling counts questions that a single sentence answers."""
    asked = [question for question in ASKED if question.alternatives]
    text = (FOLDER / "articles" / "account-help.txt").read_text("utf-8")

    assert 0 < ceiling([text], asked) < 0.5
    assert ceiling([], asked) == 0

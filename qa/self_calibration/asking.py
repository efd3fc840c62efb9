"""Asks headings of two libraries, one with them and one without, that have half of the articles each."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from index.libraries.registry import Libraries
from index.models import Draft
from qa.answerer import Answerer, Thresholds
from qa.quoting.features import SHARED
from qa.reading.fitting import UNANSWERABLE, Example
from qa.self_calibration.heading_questions import Shortened, lies_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.libraries.library import Library
    from index.models import Article, Span
    from index.passages.embedder import Embedder
    from qa.quoting.features import Measured
    from qa.reading.protocol import ReadingModels
    from qa.self_calibration.collecting import AskedArticle, QuestionSet

    Progress = Callable[[int, int], None]  # takes the steps done and their total

_FEW_PASSAGES: Final = SHARED.index("few passages")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a library proposed for a question, as in `Example`: `rows`, `passages`, `shared` and `hits`.

    `article` is the number of the question's article. `answerable` is true if the library has the answer; `headings`
    if its articles have their headings.
    """

    article: int
    rows: np.ndarray
    passages: np.ndarray
    shared: np.ndarray
    hits: np.ndarray
    answerable: bool
    headings: bool


def ask_all(questions: QuestionSet, embedder: Embedder, models: ReadingModels, progress: Progress) -> list[Asked]:
    """Ask each question twice: of a library with its article, and of one without it.

    Articles with even numbers are in a library with all headings, the others in one without those that ask. Both are
    in a temporary folder.
    """
    found: list[Asked] = []
    total = len(questions.articles) + 2 * len(questions.asked)
    done = 0
    with tempfile.TemporaryDirectory() as folder, closing(Libraries(Path(folder), lambda: embedder)) as libraries:
        answerer = Answerer(libraries, lambda: embedder, lambda: models, Thresholds(1.0, 1.0))
        for headings in (True, False):
            trial = _TrialLibrary(libraries.open("with-headings" if headings else "without-headings"), headings)
            for one in questions.articles[0 if headings else 1 :: 2]:
                trial.add(one)
                progress(done := done + 1, total)
            for number, question in questions.asked:
                measured = answerer.measured_proposals(question.text, [trial.name])
                found.append(trial.judged(measured, number, question.key))
                progress(done := done + 1, total)
    return found


def examples(asked: Sequence[Asked]) -> Iterator[Example]:
    """Yield an example for each question with a proposal; both libraries count alike.

    The size of the library is left out: two similar sizes say nothing about another one.
    """
    for headings in (True, False):
        for answerable, weight in ((True, 1.0), (False, UNANSWERABLE)):
            part = [one for one in asked if one.headings == headings and one.answerable == answerable and len(one.hits)]
            for one in part:
                shared = one.shared.copy()
                shared[_FEW_PASSAGES] = 0.0
                yield Example(one.rows, one.passages, shared, one.hits, weight / len(part))


class _TrialLibrary:
    """A library of some articles, with or without the headings that ask, that knows where each question is answered."""

    def __init__(self, library: Library, headings: bool) -> None:
        self._library = library
        self._headings = headings
        self._answers: dict[str, list[tuple[int, Span]]] = {}

    @property
    def name(self) -> str:
        return self._library.name

    def add(self, one: AskedArticle) -> None:
        """Add an article, and where it answers its questions."""
        lines = [] if self._headings else [question.line for question in one.questions]
        shown = Shortened(one.article.text, one.article.sections, lines)
        receipt = self._library.add(_draft(one.article, shown))
        for question in one.questions:
            if span := shown.moved(question.answer):
                self._answers.setdefault(question.key, []).append((receipt.article_id, span))

    def judged(self, measured: Measured, article: int, key: str) -> Asked:
        """Return which proposals for a question are right."""
        answers = self._answers.get(key, [])
        hits = [
            any(
                proposal.candidate.stored.passage.article_id == owner and lies_in(proposal.span, span)
                for owner, span in answers
            )
            for proposal in measured.proposals
        ]
        return Asked(
            article,
            measured.rows,
            measured.passages,
            measured.shared,
            np.array(hits, bool),
            bool(answers),
            self._headings,
        )


def _draft(article: Article, shown: Shortened) -> Draft:
    key = str(article.id)
    return Draft(key, key, article.title, shown.text, article.published, shown.sections)

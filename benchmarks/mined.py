"""Questions that are headings of mined documentation, in repositories on which no model was trained.

`training.mine_headings` writes the two files, `headings.docs.jsonl.gz` and `headings.qa.jsonl.gz`. Half of the articles
are put into a library, as they are or without the headings that are asked; the headings of the other half are
questions that the library does not answer. To fit a calibration, not to report.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from benchmarks.data import Question, path_of, rows
from benchmarks.harness import Kinds, say
from benchmarks.pipeline_trial import run
from benchmarks.splits import is_mined_for_calibration
from index.models import Draft, Section, Span
from index.text.structure import structure_of
from qa.self_calibration.heading_questions import Shortened, lies_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.harness import Bench
    from qa.quoting.quotes import Proposal

_NAME: Final = "headings"
_LONGEST: Final = 40_000  # characters of an article


@dataclass(frozen=True, slots=True)
class MinedQuestion(Question):
    """A heading as a question; `span` is the section below it."""

    span: Span = field(default_factory=lambda: Span(0, 0))


@dataclass(frozen=True, slots=True)
class MinedArticle:
    """An article with the headings that are asked."""

    draft: Draft
    questions: tuple[MinedQuestion, ...]


def read(folder: Path, *, headings: bool, articles: int = 240, seed: int = 0) -> list[MinedArticle]:
    """Return articles of repositories that are held back, in random order, with or without the headings asked.

    Raises FileNotFoundError if a file is missing.
    """
    asked: dict[str, list[dict[str, Any]]] = {}
    for row in rows(path_of(folder, _NAME, "qa")):
        if is_mined_for_calibration(row["repo"]):
            asked.setdefault(row["doc_id"], []).append(row)
    documents = [
        row for row in rows(path_of(folder, _NAME, "docs")) if row["doc_id"] in asked and len(row["text"]) <= _LONGEST
    ]
    random.Random(seed).shuffle(documents)
    return [_article(document, asked[document["doc_id"]], headings=headings) for document in documents[:articles]]


def trials(bench: Bench, folder: Path, *, headings: bool, questions: int, seed: int = 0) -> Kinds:
    """Ask the headings of both halves of the articles, at most so many of each, of a library that has one half."""
    articles = read(folder, headings=headings, seed=seed)
    present, absent = articles[::2], articles[1::2]
    library = bench.libraries.open(f"mined-{'headings' if headings else 'bare'}")
    if not library.articles():
        say(f"{library.name}: adding {len(present)} articles")
        for article in present:
            library.add(article.draft)
    ids = {key: row.id for a in present if (row := library.article_of_source(key := a.draft.key))}
    asked = {question.id: question for question in _some(present, questions, seed)}

    def is_right(proposal: Proposal, question: Question) -> bool:
        own = proposal.candidate.stored.passage.article_id == ids.get(question.doc_id)
        return own and lies_in(proposal.span, asked[question.id].span)

    say(f"{library.name}: asking")
    real = run(bench.answerer, library.name, asked.values(), is_right, measured=bench.measured)
    return Kinds(real, bench.ask(library.name, _some(absent, questions // 2, seed)), [])


def absent_questions(folder: Path, questions: int, seed: int = 0) -> list[MinedQuestion]:
    """Return headings of articles that `trials` puts into no library."""
    return _some(read(folder, headings=True, seed=seed)[1::2], questions, seed)


def _some(articles: Sequence[MinedArticle], most: int, seed: int) -> list[MinedQuestion]:
    every = [question for article in articles for question in article.questions]
    random.Random(seed).shuffle(every)
    return every[:most]


def _article(document: dict[str, Any], asked: Sequence[dict[str, Any]], *, headings: bool) -> MinedArticle:
    text = document["text"]
    sections = tuple(Section(*section) for section in document["sections"])
    lines = [] if headings else _heading_lines(text, sections, {row["question"] for row in asked})
    shown = Shortened(text, sections, lines)
    key, title = document["doc_id"], document["title"]
    questions = tuple(
        MinedQuestion(
            id=row["id"],
            title=title,
            doc_id=key,
            text=row["question"],
            answers=(row["question"],),
            repo=row["repo"],
            span=span,
        )
        for row in asked
        if (span := shown.moved(Span(row["start"], row["end"])))
    )
    return MinedArticle(Draft(key, key, title, shown.text, None, shown.sections), questions)


def _heading_lines(text: str, sections: Sequence[Section], asked: set[str]) -> list[Span]:
    """Return the lines of the headings that are asked, in order."""
    return [h.line for h in structure_of(text, sections).headings if h.words.of(text) in asked]

"""The community set: questions of real FAQs, each answered by a section of an article.

Three variants share `community.qa.jsonl[.gz]`: the articles without the headings that ask the questions, the articles
with them, and the latter with each question asked as keywords. A quote is right if it has at most 500 characters and
at least half of it lies in a section that answers the question.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from benchmarks.data import Document, Question, fill, path_of, rows
from benchmarks.harness import Kinds, say
from benchmarks.keywords import as_keywords
from benchmarks.pipeline_trial import LONGEST, run
from benchmarks.splits import Split, repository_split_of
from index.cleaning.boilerplate import boilerplate_rows
from index.models import Span
from index.text.blocks import lines
from index.text.sentences import sentence_spans
from qa.self_calibration.heading_questions import lies_in, offset_without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks.harness import Bench
    from benchmarks.pipeline_trial import Trial
    from index.libraries.library import Library
    from qa.quoting.quotes import Proposal

Part = Split | Literal["all"]


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of the set: the name of its documents, the field of the answering span, and how questions are asked."""

    documents: str
    gold: str
    keywords: bool = False


VARIANTS = {
    "community": Variant("community", "gold_section"),
    "community-headings": Variant("community-headings", "gold_section_with_headings"),
    "community-keywords": Variant("community-headings", "gold_section_with_headings", keywords=True),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a document's text, in code points of `Document.text`."""

    doc_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class SectionQuestion(Question):
    """A question with the sections that answer it; none if it is unanswerable.

    An unanswerable question may only be asked while none of the documents `answered_in` is in the library.
    """

    gold: tuple[Place, ...] = ()
    answered_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SectionSet:
    """A variant of the community set: the documents of one part of its repositories, and the questions about them."""

    name: str
    documents: tuple[Document, ...]
    questions: tuple[SectionQuestion, ...]


def is_present(folder: Path) -> bool:
    """Whether a folder has the community set."""
    return any(folder.glob("community.qa.jsonl*"))


def read(folder: Path, name: str, part: Part, limit: int | None = None, seed: int = 0) -> SectionSet:
    """Read the repositories of a part in the variant `name`: their documents, and the questions fit for judging.

    At most `limit` answerable and `limit` unanswerable questions are drawn, with `seed`, the same in each variant.
    Raises FileNotFoundError if a file is missing.
    """
    variant = VARIANTS[name]
    stored = [row for row in rows(path_of(folder, variant.documents, "docs")) if _in_part(row, part)]
    texts = {row["doc_id"]: row["text"] for row in stored}
    asked = list(rows(path_of(folder, "community", "qa")))
    places: dict[str, list[Place]] = {}
    home = {row["id"]: row["doc_id"] for row in asked}
    for row in asked:
        if not row["is_impossible"] and row["doc_id"] in texts:
            gold = row[variant.gold]
            places.setdefault(question_key(row["question"]), []).append(
                Place(row["doc_id"], Span(gold["start"], gold["end"]))
            )
    questions = [
        _question(row, variant, texts, places, home.get(row.get("from_id", ""), ""))
        for row in asked
        if row["core"] and row["doc_id"] in texts
    ]
    random.Random(seed).shuffle(questions)
    kinds = ([q for q in questions if q.gold], [q for q in questions if not q.gold])
    documents = tuple(Document(row["doc_id"], row["title"].strip(), row["text"]) for row in stored)
    return SectionSet(name, documents, tuple(q for kind in kinds for q in kind[:limit]))


def _in_part(row: dict[str, Any], part: Part) -> bool:
    return part == "all" or repository_split_of(row["repo"]) == part


def question_key(question: str) -> str:
    """Return what questions that differ only in case, white space and the mark at their end have in common."""
    return " ".join(question.casefold().rstrip(" ?").split())


def _question(
    row: dict[str, Any], variant: Variant, texts: dict[str, str], places: dict[str, list[Place]], origin: str
) -> SectionQuestion:
    """Return a row as a question; `origin` is the document from which an unanswerable one was taken, or empty."""
    same = tuple(places.get(question_key(row["question"]), ()))  # a question that several articles ask
    gold = () if row["is_impossible"] else same
    text = as_keywords(row["question"]) if variant.keywords else row["question"]
    answers = tuple(place.span.of(texts[place.doc_id]) for place in gold)
    elsewhere = {place.doc_id for place in same} | {origin} if row["is_impossible"] else set()
    return SectionQuestion(
        id=row["id"],
        title=row["title"].strip(),
        doc_id=row["doc_id"],
        text=text,
        answers=answers,
        repo=row["repo"],
        gold=gold,
        answered_in=frozenset(elsewhere & texts.keys()),
    )


class SectionBench:
    """A library of a section set's documents, and what is asked of it."""

    def __init__(self, bench: Bench, part: SectionSet, split: Part, name: str = "") -> None:
        """Add the documents to the library `name`, which may have others, or to one of their own."""
        self._bench = bench
        self.name = name or f"{VARIANTS[part.name].documents}-{split}"
        self._library = bench.libraries.open(self.name)
        say(f"{self.name}: {fill(self._library, part.documents, markdown=True)} documents added")
        self._documents = {doc.doc_id: doc for doc in part.documents}
        self.questions = tuple(_in_stored_text(question, self._documents) for question in part.questions)

    @property
    def answerable(self) -> list[SectionQuestion]:
        """The questions that have an answer."""
        return [question for question in self.questions if question.gold]

    def texts(self) -> dict[str, str]:
        """Return the stored text of each document, by its id."""
        return {key: text for key in self._documents if (text := _stored_text(self._library, key))}

    def trials(self, off_topic: Sequence[Question] = ()) -> Kinds:
        """Ask every question; an unanswerable one while the articles that answer it are removed."""
        real = self.trials_of_answerable()
        off = self._bench.ask(self.name, off_topic)
        groups: dict[frozenset[str], list[SectionQuestion]] = {}
        for question in self.questions:
            if not question.gold:
                groups.setdefault(question.answered_in, []).append(question)
        near: list[Trial] = []
        for absent, questions in groups.items():
            with _without(self._library, [self._documents[key] for key in sorted(absent)]):
                near += self._ask(questions)
        return Kinds(real, near, off)

    def trials_of_answerable(self) -> list[Trial]:
        """Ask every question that has an answer."""
        say(f"{self.name}: asking")
        return self._ask(self.answerable)

    def _ask(self, questions: Sequence[SectionQuestion]) -> list[Trial]:
        asked = {question.id: question for question in questions}

        def is_right(proposal: Proposal, question: Question) -> bool:
            return self.is_right(proposal.candidate.stored.passage.article_id, proposal.span, asked[question.id])

        return run(self._bench.answerer, self.name, questions, is_right, measured=self._bench.measured)

    def is_right(self, article_id: int, quote: Span, question: SectionQuestion) -> bool:
        """Whether a span of an article lies in a section that answers a question."""
        return any(lies_in(quote, p.span) and self.article_id(p.doc_id) == article_id for p in question.gold)

    def article_id(self, key: str) -> int | None:
        """Return the id of the article that holds a document, or None."""
        article = self._library.article_of_source(key)
        return article.id if article else None


def ceiling(texts: dict[str, str], questions: Sequence[SectionQuestion], longest: int = LONGEST) -> float:
    """Return the share of questions for which some sentence of at most `longest` characters would be right."""
    cut = {key: [s for s in sentence_spans(text) if s.end - s.start <= longest] for key, text in texts.items()}
    reachable = [any(lies_in(s, p.span) for p in q.gold for s in cut[p.doc_id]) for q in questions]
    return float(np.mean(reachable)) if reachable else float("nan")


@contextmanager
def _without(library: Library, documents: Sequence[Document]) -> Iterator[None]:
    """Keep documents out of a library for a while. They have other article ids afterwards."""
    for doc in documents:
        if article := library.article_of_source(doc.doc_id):
            library.remove(article.id)
    try:
        yield
    finally:
        fill(library, documents, markdown=True)


def _stored_text(library: Library, key: str) -> str:
    article = library.article_of_source(key)
    return article.text if article else ""


def _in_stored_text(question: SectionQuestion, documents: dict[str, Document]) -> SectionQuestion:
    """Return a question whose sections are spans of the stored articles, from which cleaning deleted some lines."""
    gold = []
    for place in question.gold:
        moved = stored_offset(documents[place.doc_id].text)
        gold.append(Place(place.doc_id, Span(moved(place.span.start), moved(place.span.end))))
    return replace(question, gold=tuple(gold))


def stored_offset(text: str) -> Callable[[int], int]:
    """Return a function from offsets of a Markdown text to those of the stored text."""
    spans = list(lines(text))
    removed = boilerplate_rows([span.of(text) for span in spans], markdown=True)
    return offset_without([span for n, span in enumerate(spans) if n in removed])

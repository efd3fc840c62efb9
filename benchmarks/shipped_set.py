"""The community set that ships: articles in their own formats, and questions as people type them.

`community_set/` in this folder has `articles/` (Markdown, HTML and plain text) and `questions.jsonl`, one
`{id, question, kind, article, answers}` a line. `answers` are alternatives; each is a list of texts that all have to be
in the first quote or its context. A question without alternatives has no answer in the articles.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.data import Question, rows
from benchmarks.pipeline_trial import LONGEST, run
from index.models import Draft, UserError
from index.sources.discovery import Failure
from index.sources.loader import drafts
from index.text.sentences import sentence_spans
from qa.quoting.quotes import make_quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.pipeline_trial import Trial
    from index.libraries.library import Library
    from qa.answerer import Answerer
    from qa.outcome import Quote
    from qa.quoting.quotes import Proposal

NAME = "community-set"
FOLDER = Path(__file__).parent / "community_set"


@dataclass(frozen=True, slots=True)
class TypedQuestion(Question):
    """A question with alternatives, each of texts that all have to be in a right quote or its context.

    `kind` is how it is asked (`short`, `keywords`, `typo` ...) or, if it has no answer, why (`near miss` ...).
    """

    alternatives: tuple[tuple[str, ...], ...] = ()
    kind: str = ""

    def is_answered_by(self, shown: str) -> bool:
        """Whether a text has all texts of one alternative, letter for letter except for white space."""
        text = " ".join(shown.split())
        return any(all(part in text for part in parts) for parts in self.alternatives)


def is_present(folder: Path) -> bool:
    """Whether a folder has questions and articles of this form."""
    return (folder / "questions.jsonl").exists() and (folder / "articles").is_dir()


def read(folder: Path = FOLDER) -> list[TypedQuestion]:
    """Return the questions of a folder. Raises FileNotFoundError if it has none."""
    return [_question(row) for row in rows(folder / "questions.jsonl")]


def _question(row: dict[str, Any]) -> TypedQuestion:
    alternatives = tuple(tuple(parts) for parts in row["answers"])
    article = row["article"] or ""
    return TypedQuestion(
        id=row["id"],
        title=article or row["id"],
        doc_id=article,
        text=row["question"],
        answers=tuple(" ".join(parts) for parts in alternatives),
        alternatives=alternatives,
        kind=row["kind"],
    )


def fill(library: Library, folder: Path = FOLDER) -> None:
    """Add the articles of a folder as they are loaded from files. Raises UserError if one cannot be loaded."""
    for item in drafts(str(folder / "articles")):
        if isinstance(item, Draft):
            library.add(item)
        elif isinstance(item, Failure):
            raise UserError(f"{item.source} cannot be loaded: {item.reason}")


def shown(quote: Quote) -> str:
    """Return a quote as it is read: its context, if it has any, and its text."""
    context = getattr(quote, "context", ())
    return "\n".join([*(part.text for part in context), quote.text])


def trials(
    answerer: Answerer, library: Library, questions: Iterable[TypedQuestion], *, measured: bool = False
) -> list[Trial]:
    """Ask a library questions; a quote is right if it has at most 500 characters and, with its context, answers.

    `measured` is that of `benchmarks.pipeline_trial.run`.
    """
    asked = {question.id: question for question in questions}

    def is_right(proposal: Proposal, question: Question) -> bool:
        article = library.article(proposal.candidate.stored.passage.article_id)
        if article is None or len(proposal.text) > LONGEST:
            return False
        return asked[question.id].is_answered_by(shown(make_quote(proposal, article, 0.0)))

    return run(answerer, library.name, asked.values(), is_right, measured=measured)


def ceiling(texts: Sequence[str], questions: Iterable[TypedQuestion], longest: int = LONGEST) -> float:
    """Return the share of questions that a sentence of at most `longest` characters answers without context."""
    cut = [s.of(text) for text in texts for s in sentence_spans(text) if s.end - s.start <= longest]
    reachable = [any(q.is_answered_by(sentence) for sentence in cut) for q in questions if q.alternatives]
    return float(np.mean(reachable)) if reachable else float("nan")

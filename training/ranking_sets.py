"""Read the data sets that train the passage score: articles as a library stores them, and where questions are answered.

Most are in one folder, in the format that `benchmarks.data` describes; sections answer the questions of some of them,
as `gold_section: {start, end}`. `training.mine_headings` writes the pairs of another one, `headings`.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks.community import VARIANTS, stored_offset
from benchmarks.data import path_of, rows
from benchmarks.splits import is_mined_for_calibration, repository_split_of, split_of
from index.models import Section, Span, UserError
from index.sources.loader import draft_from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

MINED: Final = "headings"
QUESTION: Final = "question"
STRING_SETS: Final = frozenset({"squad-train", "afriqa-en", "qed"})  # plain paragraphs with strings as answers
_MOST_QUESTIONS = {"squad-train": 5000, "qed": 3000, "medquad": 700}  # drawn at random from larger sets
_MOST_PAIRS = {QUESTION: 300, "heading": 70}  # of one source of mined pairs, by kind


@dataclass(frozen=True, slots=True)
class SetArticle:
    """An article as a library stores it. `name` is shared by the paragraphs of one article.

    `moved` maps offsets of the set's text to offsets of the stored text.
    """

    name: str
    title: str
    text: str
    sections: Sequence[Section]
    moved: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """A question about the article `doc_id`, and the spans of its stored text that answer it.

    `kind` is "question", or "heading" where a plain heading stands for one. `scenario` is what the asker tells before
    the question, in some sets. `answer` is the string that answers, or empty where sections do.
    """

    doc_id: str
    kind: str
    text: str
    scenario: str
    gold: tuple[Span, ...]
    answer: str


def read_articles(folder: Path, dataset: str) -> dict[str, SetArticle]:
    """Return the articles of a set's training split by `doc_id`. Raises FileNotFoundError for a missing file."""
    found: dict[str, SetArticle] = {}
    for row in rows(path_of(folder, dataset, "docs")):
        if _is_for_training(dataset, row) and (article := _article(dataset, row)):
            found[row["doc_id"]] = article
    return found


def read_questions(folder: Path, dataset: str, articles: dict[str, SetArticle]) -> list[SetQuestion]:
    """Return the questions about these articles that need no conversation and have an answer, in a fixed random order.

    At most 70 headings and 300 questions of each mined source are returned, and only a sample of large sets.
    """
    variant = VARIANTS.get(dataset)
    asked = [
        row
        for row in rows(path_of(folder, "community" if variant else dataset, "qa"))
        if row["doc_id"] in articles
        and not (row.get("is_impossible") or row.get("history"))
        and (row["core"] if variant else True)
    ]
    random.Random(dataset).shuffle(asked)
    chosen = _at_most_of_each_source(asked) if dataset == MINED else asked[: _MOST_QUESTIONS.get(dataset)]
    section = variant.gold if variant else "gold_section"
    return [_question(row, _gold(row, section, articles[row["doc_id"]]), dataset) for row in chosen]


def _is_for_training(dataset: str, row: dict[str, Any]) -> bool:
    if dataset in VARIANTS:
        return repository_split_of(row["repo"]) == "train"
    if dataset == MINED:
        return not is_mined_for_calibration(row["repo"])
    if dataset == "qed":  # articles of Wikipedia without splits of their own: none that another set keeps for judging
        return {split_of(other, row["title"]) for other in ("squad-train", "afriqa-en")} == {"train"}
    return dataset not in STRING_SETS or split_of(dataset, row["title"]) == "train"


def _article(dataset: str, row: dict[str, Any]) -> SetArticle | None:
    """Return a document as an article, or None if it has no text that could be quoted."""
    title, text = row["title"].strip(), row["text"]
    name = f"{dataset} {title if dataset in STRING_SETS else row['doc_id']}"
    if dataset == MINED:
        return SetArticle(name, title, text, [Section(*section) for section in row["sections"]], _unmoved)
    is_markdown = dataset not in STRING_SETS
    try:
        draft = draft_from_text(text, key=name, source=name, markdown=is_markdown, title=title)
    except UserError:
        return None
    return SetArticle(name, draft.title, draft.text, draft.sections, stored_offset(text) if is_markdown else _unmoved)


def _unmoved(offset: int) -> int:
    return offset


def _at_most_of_each_source(asked: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the first mined pairs of each source, so that no large manual outweighs the others."""
    count: Counter[tuple[str, str]] = Counter()
    for row in asked:
        source = row["repo"], row["kind"]
        count[source] += 1
        if count[source] <= _MOST_PAIRS[row["kind"]]:
            yield row


def _question(row: dict[str, Any], gold: tuple[Span, ...], dataset: str) -> SetQuestion:
    kind, scenario = row.get("kind", QUESTION), row.get("scenario", "").strip()
    answer = row["answers"][0]["text"] if dataset in STRING_SETS else ""
    return SetQuestion(row["doc_id"], kind, row["question"].strip(), scenario, gold, answer)


def _gold(row: dict[str, Any], section: str, article: SetArticle) -> tuple[Span, ...]:
    """Return the section that answers, or else every answer that is in the stored text."""
    if "start" in row:
        return (Span(row["start"], row["end"]),)
    if place := row.get(section):
        return (Span(article.moved(place["start"]), article.moved(place["end"])),)
    found = (_answer_span(answer["text"], article.moved(answer["start"]), article.text) for answer in row["answers"])
    return tuple(span for span in found if span)


def _answer_span(answer: str, at: int, text: str) -> Span | None:
    """Return the span of an answer that should be at an offset, else of its first occurrence, or None."""
    if text[at : at + len(answer)] != answer:
        at = text.find(answer)
    return Span(at, at + len(answer)) if answer.strip() and at >= 0 else None

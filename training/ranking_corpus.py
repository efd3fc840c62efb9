"""The passages and questions that train the passage score, with the passages that answer and those that do not.

Articles are split into passages as in a library, by the same chunker.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.community import question_key
from index.passages.batch_embedding import split
from training.hard_negatives import Query, SearchedText, hard_negatives
from training.ranking_sets import MINED, read_articles, read_questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from index.models import Chunk, Span
    from index.passages.embedder import Embedder
    from training.ranking_sets import SetArticle

    NumberedChunk = tuple[int, Chunk]

RANKING_SETS: Final = (
    "community",
    "community-headings",
    MINED,
    "conditionalqa",
    "or-sharc",
    "doc2dial",
    "afriqa-en",
    "squad-train",
    "qed",
    "medquad",
)
_SAMPLED = 30_000  # passages of a set that are searched for negatives from other articles


@dataclass(frozen=True, slots=True)
class RankingPassage:
    """A passage with its context; passages of one article have the same `article`."""

    title: str
    heading: str
    introduction: str
    text: str
    article: str


@dataclass(frozen=True, slots=True)
class RankingQuestion:
    """A question with the numbers of the passages that answer it, and of negatives, the most similar first.

    `scenario` and `kind` are as in `SetQuestion`. `ignored` passages hold a small part of an answer, or answer the same
    question elsewhere; they are neither right nor wrong.
    """

    dataset: str
    kind: str
    text: str
    scenario: str
    positives: list[int]
    ignored: list[int]
    same_article: list[int]
    other_articles: list[int]


@dataclass(frozen=True, slots=True)
class RankingCorpus:
    """The passages of all sets, and the questions that have both positives and negatives."""

    passages: list[RankingPassage]
    questions: list[RankingQuestion]


def load_ranking_corpus(
    folder: Path, mined: Path, embedder: Embedder, sets: Sequence[str] = RANKING_SETS
) -> RankingCorpus:
    """Load the training articles of the sets in `folder` and of the mined set in `mined`, split for this embedder.

    The result depends on the files and the embedder's tokenizer alone. Raises FileNotFoundError for a missing set.
    """
    corpus = RankingCorpus([], [])
    for dataset in sets:
        _add_set(corpus, dataset, mined if dataset == MINED else folder, embedder)
    return corpus


def _add_set(corpus: RankingCorpus, dataset: str, folder: Path, embedder: Embedder) -> None:
    """Append the passages and questions of a set; negatives are of the same set."""
    articles = read_articles(folder, dataset)
    passages, chunks = _split_articles(articles, embedder)
    asked = read_questions(folder, dataset, articles)
    labels = [label(chunks[one.doc_id], one.gold, whole=bool(one.answer)) for one in asked]
    answering: dict[str, set[int]] = defaultdict(set)  # the passages that may answer a question, wherever it is asked
    for one, (positives, partly) in zip(asked, labels, strict=True):
        answering[question_key(one.text)].update(positives, partly)
    excluded = [frozenset(answering[question_key(one.text)]) for one in asked]
    queries = [
        Query(one.text, articles[one.doc_id].name, one.answer, numbers)
        for one, numbers in zip(asked, excluded, strict=True)
    ]
    found = hard_negatives([SearchedText(p.article, p.text) for p in passages], queries, _SAMPLED) if asked else []
    first = len(corpus.passages)

    def numbered(numbers: Iterable[int]) -> list[int]:
        return [first + number for number in numbers]

    corpus.passages.extend(passages)
    corpus.questions.extend(
        RankingQuestion(
            dataset=dataset,
            kind=one.kind,
            text=one.text,
            scenario=one.scenario,
            positives=numbered(positives),
            ignored=numbered(sorted(numbers.difference(positives))),
            same_article=numbered(negatives.same_article),
            other_articles=numbered(negatives.other_articles),
        )
        for one, (positives, _), numbers, negatives in zip(asked, labels, excluded, found, strict=True)
        if positives and (negatives.same_article or negatives.other_articles)
    )


def _split_articles(
    articles: Mapping[str, SetArticle], embedder: Embedder
) -> tuple[list[RankingPassage], dict[str, list[NumberedChunk]]]:
    """Return the passages of all articles, and by `doc_id` the chunks that they were made from with their numbers."""
    passages: list[RankingPassage] = []
    chunks: dict[str, list[NumberedChunk]] = {}
    for doc_id, article in articles.items():
        found = split(article.text, article.sections, embedder)
        random.Random(doc_id).shuffle(found)  # else the beginning would come first among equally similar passages
        chunks[doc_id] = list(enumerate(found, len(passages)))
        passages += [
            RankingPassage(
                article.title, one.heading, one.introduction(article.text), one.span.of(article.text), article.name
            )
            for one in found
        ]
    return passages, chunks


def label(chunks: Iterable[NumberedChunk], gold: Iterable[Span], *, whole: bool) -> tuple[list[int], list[int]]:
    """Return the numbers of the passages that answer, and of those that overlap an answer but do not count.

    A passage answers if it overlaps a span of `gold` by half of the passage or half of the span; with `whole`, if it
    contains the span.
    """
    positives, partly = [], []
    spans = list(gold)
    for number, chunk in chunks:
        own = chunk.span
        overlaps = [(min(own.end, span.end) - max(own.start, span.start), span.end - span.start) for span in spans]
        if any(
            shared >= length if whole else 2 * shared >= min(own.end - own.start, length)
            for shared, length in overlaps
            if shared > 0
        ):
            positives.append(number)
        elif any(shared > 0 for shared, _ in overlaps):
            partly.append(number)
    return positives, partly

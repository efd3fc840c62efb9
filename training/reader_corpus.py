"""Load the reader's training questions and tokenised paragraphs, and find hard negative paragraphs for them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.data import path_of, rows
from benchmarks.near_miss import Entities
from benchmarks.splits import split_of
from training.hard_negatives import Query, SearchedText, hard_negatives

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DRAWS_PER_EPOCH = {"squad-train": 1, "squad2-calibration": 3, "afriqa-en": 3}  # of each question, by data set
_SAMPLED = 6  # one in so many paragraphs is searched for negatives from other articles
_TOKENIZER_BATCH = 512  # paragraphs tokenised at once
TokenIds = list[int]


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question, the number of its paragraph, and the answer's text and code-point start there ("" if none)."""

    text: str
    paragraph: int
    start: int
    answer: str
    dataset: str


@dataclass(frozen=True, slots=True)
class TokenizedParagraph:
    """A paragraph's token ids with the code-point range of each, and its sentences as half-open token ranges."""

    title: str
    text: str
    ids: TokenIds
    offsets: list[tuple[int, int]]
    sentences: list[tuple[int, int]]


@dataclass(slots=True)
class TrainingCorpus:
    """Paragraphs and questions of one split.

    For each question, `same_article` and `other_articles` number the paragraphs most similar to it that do not hold
    its answer, most similar first. `entities` are the names and numbers of each article, by title.
    """

    paragraphs: list[TokenizedParagraph]
    questions: list[TrainingQuestion]
    same_article: list[list[int]] = field(default_factory=list)
    other_articles: list[list[int]] = field(default_factory=list)
    entities: dict[str, Entities] = field(default_factory=dict)


def load_corpus(
    folder: Path, split: str, tokenizer: Any, sets: Sequence[str] = tuple(DRAWS_PER_EPOCH)
) -> TrainingCorpus:
    """Load one split of the data sets, tokenised, without negatives. Raises FileNotFoundError for a missing set."""
    corpus = TrainingCorpus([], [])
    for dataset in sets:
        numbers: dict[str, int] = {}  # of paragraphs, by document id
        documents = [d for d in rows(path_of(folder, dataset, "docs")) if split_of(dataset, d["title"]) == split]
        for document, paragraph in zip(documents, _tokenize(documents, tokenizer), strict=True):
            numbers[document["doc_id"]] = len(corpus.paragraphs)
            corpus.paragraphs.append(paragraph)
        for row in rows(path_of(folder, dataset, "qa")):
            number = numbers.get(row["doc_id"])
            if number is None:
                continue
            answer = _best_answer(row, corpus.paragraphs[number].text)
            if answer:
                corpus.questions.append(TrainingQuestion(row["question"].strip(), number, *answer, dataset))
    return corpus


def _best_answer(row: dict[str, Any], text: str) -> tuple[int, str] | None:
    """Return the answer that most annotators gave, the shortest of several, as (start, text).

    (0, "") means that the question has no answer; None, that no given answer is at its stated place in the text.
    """
    if row["is_impossible"]:
        return 0, ""
    given = [(a["start"], a["text"]) for a in row["answers"] if a["text"].strip()]
    given = [(start, answer) for start, answer in given if text[start : start + len(answer)] == answer]
    return min(given, key=lambda pair: (-given.count(pair), len(pair[1])), default=None)


def _tokenize(documents: Sequence[dict[str, Any]], tokenizer: Any) -> Iterator[TokenizedParagraph]:
    """Yield each document as a tokenised paragraph."""
    from index.text.sentences import sentence_spans

    for first in range(0, len(documents), _TOKENIZER_BATCH):
        part = documents[first : first + _TOKENIZER_BATCH]
        encoded = tokenizer(
            [d["text"] for d in part], add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        for document, ids, offsets in zip(part, encoded["input_ids"], encoded["offset_mapping"], strict=True):
            begins = np.array([o[0] for o in offsets])
            ends = [
                int(np.searchsorted(begins, s.end)) for s in sentence_spans(document["text"], document.get("language"))
            ]
            sentences = [(a, b) for a, b in zip([0, *ends], ends, strict=False) if a < b]
            yield TokenizedParagraph(document["title"], document["text"], ids, [tuple(o) for o in offsets], sentences)


def add_negatives(corpus: TrainingCorpus, seed: int = 0) -> None:
    """Fill in the negatives and entities of a corpus, in place.

    Negatives from other articles come from a sample of all paragraphs, drawn with `seed`.
    """
    texts = [SearchedText(p.title, p.text, p.title) for p in corpus.paragraphs]
    queries = [
        Query(q.text, corpus.paragraphs[q.paragraph].title, q.answer, frozenset({q.paragraph}))
        for q in corpus.questions
    ]
    found = hard_negatives(texts, queries, len(texts) // _SAMPLED, seed)
    corpus.same_article = [negatives.same_article for negatives in found]
    corpus.other_articles = [negatives.other_articles for negatives in found]
    by_title: dict[str, list[str]] = defaultdict(list)
    for paragraph in corpus.paragraphs:
        by_title[paragraph.title].append(paragraph.text)
    corpus.entities = {title: Entities(own) for title, own in by_title.items()}

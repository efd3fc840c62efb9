"""Articles and questions that the span reader learns from, tokenised, with the paragraphs that mislead most."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.data import path_of, rows
from benchmarks.near_miss import Entities
from benchmarks.splits import split_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SETS = {"squad-train": 1, "squad2-calibration": 3, "afriqa-en": 3}  # data set: how often each question is drawn
_NEGATIVES = 8  # paragraphs kept for each question and kind
Tokens = list[int]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its paragraph's number and the answer's code points there; `answer` is empty where there is none."""

    text: str
    paragraph: int
    start: int
    answer: str
    dataset: str


@dataclass(slots=True)
class Paragraph:
    """A paragraph as tokens with code-point offsets, and where its sentences end, as token counts."""

    title: str
    text: str
    ids: Tokens
    offsets: list[tuple[int, int]]
    sentences: list[tuple[int, int]]


@dataclass(slots=True)
class Corpus:
    """Everything of one split: `near` are paragraphs like the question in the same article, `far` in others."""

    paragraphs: list[Paragraph]
    questions: list[Question]
    near: list[list[int]] = field(default_factory=list)
    far: list[list[int]] = field(default_factory=list)
    entities: dict[str, Entities] = field(default_factory=dict)


def load_corpus(folder: Path, split: str, tokenizer: Any, sets: Sequence[str] = tuple(SETS)) -> Corpus:
    """Load one split of the data sets, tokenised, without negatives."""
    corpus = Corpus([], [])
    for dataset in sets:
        places: dict[str, int] = {}
        docs = [d for d in rows(path_of(folder, dataset, "docs")) if split_of(dataset, d["title"]) == split]
        for doc, paragraph in zip(docs, _tokenised(docs, tokenizer), strict=True):
            places[doc["doc_id"]] = len(corpus.paragraphs)
            corpus.paragraphs.append(paragraph)
        for row in rows(path_of(folder, dataset, "qa")):
            if row["doc_id"] not in places:
                continue
            place = places[row["doc_id"]]
            for start, answer in _gold(row, corpus.paragraphs[place].text)[:1]:
                corpus.questions.append(Question(row["question"].strip(), place, start, answer, dataset))
    return corpus


def _gold(row: dict[str, Any], text: str) -> list[tuple[int, str]]:
    """Return the usable answers of a row as (start, text), shortest majority first; [(0, "")] where it has none."""
    if row["is_impossible"]:
        return [(0, "")]
    found = [(a["start"], a["text"]) for a in row["answers"] if a["text"].strip()]
    found = [(s, a) for s, a in found if text[s : s + len(a)] == a]
    return sorted(found, key=lambda pair: (-found.count(pair), len(pair[1])))


def _tokenised(docs: Sequence[dict[str, Any]], tokenizer: Any) -> Iterator[Paragraph]:
    from index.text.sentences import sentence_spans

    for first in range(0, len(docs), 512):
        part = docs[first : first + 512]
        encoded = tokenizer(
            [d["text"] for d in part], add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        for doc, ids, offsets in zip(part, encoded["input_ids"], encoded["offset_mapping"], strict=True):
            begins = np.array([o[0] for o in offsets])
            ends = [int(np.searchsorted(begins, s.end)) for s in sentence_spans(doc["text"])]
            starts = [0, *ends]
            pieces = [(a, b) for a, b in zip(starts, ends, strict=False) if a < b]
            yield Paragraph(doc["title"], doc["text"], ids, [tuple(o) for o in offsets], pieces)


def add_negatives(corpus: Corpus, seed: int = 0) -> None:
    """Find, by tf-idf, the paragraphs of the same and of other articles that are most like each question.

    None of them holds the answer's words. Other articles are searched in a sample of the paragraphs.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
    texts = vectorizer.fit_transform([f"{p.title} {p.text}" for p in corpus.paragraphs])
    questions = vectorizer.transform([q.text for q in corpus.questions])
    by_title: dict[str, list[int]] = defaultdict(list)
    for place, paragraph in enumerate(corpus.paragraphs):
        by_title[paragraph.title].append(place)
    sample = np.array(sorted(random.Random(seed).sample(range(len(corpus.paragraphs)), len(corpus.paragraphs) // 6)))
    lowered = [p.text.casefold() for p in corpus.paragraphs]
    asked: dict[str, list[int]] = defaultdict(list)
    for number, question in enumerate(corpus.questions):
        asked[corpus.paragraphs[question.paragraph].title].append(number)
    corpus.near = [[] for _ in corpus.questions]
    corpus.far = [[] for _ in corpus.questions]
    sampled = texts[sample].T.tocsr()
    for title, numbers in asked.items():
        places = np.array(by_title[title])
        for target, pool, similar in (
            (corpus.near, places, questions[numbers] @ texts[places].T),
            (corpus.far, sample, questions[numbers] @ sampled),
        ):
            scores = np.asarray(similar.todense())
            for row, number in zip(scores, numbers, strict=True):
                q = corpus.questions[number]
                order = pool[np.argsort(-row)[: 3 * _NEGATIVES]]
                answer = q.answer.casefold()
                target[number] = [
                    int(p) for p in order
                    if p != q.paragraph and (not answer or answer not in lowered[p])
                    and (target is corpus.near or corpus.paragraphs[p].title != title)
                ][:_NEGATIVES]  # fmt: skip
    corpus.entities = {t: Entities([corpus.paragraphs[p].text for p in places]) for t, places in by_title.items()}

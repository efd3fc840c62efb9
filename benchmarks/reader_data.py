"""Training data for the span reader: questions with a window of text, negatives from retrieval and near-misses."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.near_miss import Entities, perturb, swap
from benchmarks.splits import split_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SETS = {"squad-train": 1, "squad2-calibration": 3, "afriqa-en": 3}  # data set: how often each question is drawn
_NEGATIVES = 8  # paragraphs kept for each question and kind
_SPARE = 16  # sentences end at tokens; one longer than the window is cut around the answer
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


@dataclass(frozen=True, slots=True)
class Example:
    """One sequence: tokens, the answer's first and last token in the window (-1: none), and its pair.

    Examples of one group that share a `pair` of True ask the same question of different texts.
    """

    question: Tokens
    prefix: Tokens
    window: Tokens
    first: int
    last: int
    pair: bool

    def __len__(self) -> int:
        return len(self.question) + len(self.prefix) + len(self.window) + 3


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file, gzipped or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def find(folder: Path, stem: str) -> Path:
    """Return the one file of the folder that starts with `stem`. Raises FileNotFoundError with what is missing."""
    found = sorted(folder.glob(f"{stem}.jsonl*"))
    if not found:
        raise FileNotFoundError(f"{folder} has no {stem}.jsonl or {stem}.jsonl.gz")
    return found[0]


def load_corpus(folder: Path, split: str, tokenizer: Any, sets: Sequence[str] = tuple(SETS)) -> Corpus:
    """Load one split of the data sets, tokenised, without negatives."""
    corpus = Corpus([], [])
    for dataset in sets:
        places: dict[str, int] = {}
        docs = [d for d in rows(find(folder, f"{dataset}.docs")) if split_of(dataset, d["title"]) == split]
        for doc, paragraph in zip(docs, _tokenised(docs, tokenizer), strict=True):
            places[doc["doc_id"]] = len(corpus.paragraphs)
            corpus.paragraphs.append(paragraph)
        for row in rows(find(folder, f"{dataset}.qa")):
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
    from index.sentences import sentence_spans

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


def window(paragraph: Paragraph, budget: int, rng: random.Random, span: tuple[int, int] | None) -> tuple[int, int]:
    """Return whole sentences around the answer's tokens, about `budget` code points in all, as tokens `first:last`."""
    pieces = paragraph.sentences
    if span:
        low = max(i for i, (a, _) in enumerate(pieces) if a <= span[0])
        high = min((i for i, (_, b) in enumerate(pieces) if b > span[1]), default=len(pieces) - 1)
    else:
        low = high = rng.randrange(len(pieces))

    def size(low: int, high: int) -> int:
        return paragraph.offsets[pieces[high][1] - 1][1] - paragraph.offsets[pieces[low][0]][0]

    sides = [-1, 1]
    while sides:
        side = rng.choice(sides)
        new = (low - 1, high) if side < 0 else (low, high + 1)
        if new[0] < 0 or new[1] >= len(pieces) or size(*new) > budget:
            sides.remove(side)
        else:
            low, high = new
    first, last = pieces[low][0], pieces[high][1]
    if last - first > 300:
        first = max(first, (span[0] if span else first) - 100)
        last = min(last, first + 300)
    return first, last


class Sampler:
    """Draws groups of examples: a question with its answer, and often the same question with a text without it."""

    def __init__(self, corpus: Corpus, tokenizer: Any, seed: int) -> None:
        self._corpus, self._tokenizer, self._seed = corpus, tokenizer, seed
        self._prefixes: dict[str, Tokens] = {}

    def epoch(self, number: int) -> Iterator[list[Example]]:
        """Yield the groups of one pass over the questions, each drawn as often as `SETS` says, in a fixed order."""
        rng = random.Random(self._seed * 1000 + number)
        order = [i for i, q in enumerate(self._corpus.questions) for _ in range(SETS[q.dataset])]
        rng.shuffle(order)
        for place in order:
            yield self.group(place, rng)

    def group(self, number: int, rng: random.Random) -> list[Example]:
        """Return one to two examples of a question."""
        q = self._corpus.questions[number]
        paragraph = self._corpus.paragraphs[q.paragraph]
        budget = rng.randint(300, 700)
        asked = perturb(q.text, rng)
        span = _token_span(paragraph, q)
        first, last = window(paragraph, budget, rng, span)
        if span is None or span[1] >= last or span[0] < first:
            return [self._example(asked, paragraph, (first, last), None, rng)]
        positive = self._example(asked, paragraph, (first, last), (span[0] - first, span[1] - first), rng, pair=True)
        other = self._negative(number, asked, (first, last), budget, rng)
        return [positive, *other]

    def _negative(self, number: int, asked: str, at: tuple[int, int], budget: int, rng: random.Random) -> list[Example]:
        """Return what stands beside a positive example: a text without the answer, a changed question, or nothing."""
        q, draw = self._corpus.questions[number], rng.random()
        paragraph = self._corpus.paragraphs[q.paragraph]
        if draw < 0.15:
            changed = swap(q.text, q.answer, self._corpus.entities[paragraph.title], paragraph.text, rng)
            return [self._example(perturb(changed, rng), paragraph, at, None, rng)] if changed else []
        if draw < 0.25:
            left = self._without_answer(paragraph, q, at)
            return [self._example(asked, left, (0, len(left.ids)), None, rng, pair=True)] if left else []
        pool = (self._corpus.near if draw < 0.65 else self._corpus.far)[number] if draw < 0.75 else []
        if not pool:
            return []
        (place,) = rng.choices(pool, [1 / rank for rank in range(1, len(pool) + 1)])  # the likest mislead most
        text = self._corpus.paragraphs[place]
        return [self._example(asked, text, window(text, budget, rng, None), None, rng, pair=True)]

    def _without_answer(self, paragraph: Paragraph, q: Question, at: tuple[int, int]) -> Paragraph | None:
        """Return the window with the sentences that hold the answer's words taken out, if anything is left."""
        ids: Tokens = []
        for a, b in paragraph.sentences:
            if at[0] <= a and b <= at[1]:
                text = paragraph.text[paragraph.offsets[a][0] : paragraph.offsets[b - 1][1]]
                if q.answer.casefold() not in text.casefold():
                    ids += paragraph.ids[a:b]
        return Paragraph(paragraph.title, "", ids, [], []) if len(ids) >= _SPARE else None

    def _example(
        self,
        asked: str,
        paragraph: Paragraph,
        at: tuple[int, int],
        span: tuple[int, int] | None,
        rng: random.Random,
        *,
        pair: bool = False,
    ) -> Example:
        from qa.reader_model import MAX_PREFIX, MAX_QUESTION

        question = self._tokenizer(asked, add_special_tokens=False, verbose=False)["input_ids"][:MAX_QUESTION]
        first, last = span or (-1, -1)
        prefix = [] if rng.random() < 0.3 else self._prefix(paragraph.title)[:MAX_PREFIX]
        return Example(question, prefix, paragraph.ids[at[0] : at[1]], first, last, pair)

    def _prefix(self, title: str) -> Tokens:
        from qa.reader_model import prefix_text

        if title not in self._prefixes:
            text = prefix_text(title, "")
            self._prefixes[title] = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return self._prefixes[title]


def _token_span(paragraph: Paragraph, q: Question) -> tuple[int, int] | None:
    """Return the answer's first and last token (inclusive) in its paragraph, or None."""
    if not q.answer:
        return None
    end = q.start + len(q.answer)
    inside = [i for i, (a, b) in enumerate(paragraph.offsets) if a < end and b > q.start]
    return (inside[0], inside[-1]) if inside else None


def batches(sampler: Sampler, epoch: int, tokens: int, pool: int = 2048) -> Iterator[list[list[Example]]]:
    """Yield batches of groups of like lengths, each at most `tokens` with padding; deterministic for an epoch."""
    rng = random.Random(epoch)
    groups: list[list[Example]] = []
    for group in sampler.epoch(epoch):
        groups.append(group)
        if len(groups) == pool:
            yield from _packed(groups, tokens, rng)
            groups = []
    yield from _packed(groups, tokens, rng)


def _packed(groups: list[list[Example]], tokens: int, rng: random.Random) -> list[list[list[Example]]]:
    groups.sort(key=lambda group: max(len(e) for e in group))
    found: list[list[list[Example]]] = []
    batch: list[list[Example]] = []
    for group in groups:
        longest = max(len(e) for e in group)
        if batch and (sum(len(g) for g in batch) + len(group)) * longest > tokens:
            found.append(batch)
            batch = []
        batch.append(group)
    found += [batch] if batch else []
    rng.shuffle(found)
    return found

"""Draw training examples for the span reader from a corpus, and pack them into batches."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.near_miss import swap
from benchmarks.typos import perturb
from training.batching import pack
from training.reader_corpus import DRAWS_PER_EPOCH, TokenIds, TokenizedParagraph, TrainingCorpus, TrainingQuestion

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUDGET = (300, 700)  # code points of a window, drawn uniformly
_LONGEST_WINDOW = 300  # tokens; a window with a longer sentence is cut
_BEFORE_ANSWER = 100  # tokens kept before the answer where a window is cut
_SHORTEST_REMAINDER = 16  # tokens of a window without its answering sentences, else it is not used
_WITHOUT_PREFIX = 0.3  # of the examples lack the title, so that the reader does not depend on it


@dataclass(frozen=True, slots=True)
class Example:
    """One sequence: token ids of question, title and window; the answer's first and last token in the window, or -1.

    `pair` marks both examples of a group that asks one question of a text with and a text without its answer.
    """

    question: TokenIds
    prefix: TokenIds
    window: TokenIds
    first: int
    last: int
    pair: bool

    def __len__(self) -> int:
        """Return the sequence's length in tokens, its three special tokens included."""
        return len(self.question) + len(self.prefix) + len(self.window) + 3


Group = list[Example]  # one or two examples drawn for one question; a batch never separates them


def draw_window(
    paragraph: TokenizedParagraph, budget: int, rng: random.Random, answer: tuple[int, int] | None
) -> tuple[int, int]:
    """Return a half-open token range of whole sentences, about `budget` code points long, around the answer if any.

    `answer` is the first and last token of the answer. Only a window over 300 tokens is cut inside a sentence.
    """
    sentences = paragraph.sentences
    if answer:
        low = max(i for i, (first, _) in enumerate(sentences) if first <= answer[0])
        high = min((i for i, (_, end) in enumerate(sentences) if end > answer[1]), default=len(sentences) - 1)
    else:
        low = high = rng.randrange(len(sentences))

    def size(low: int, high: int) -> int:
        return paragraph.offsets[sentences[high][1] - 1][1] - paragraph.offsets[sentences[low][0]][0]

    sides = [-1, 1]
    while sides:
        side = rng.choice(sides)
        new = (low - 1, high) if side < 0 else (low, high + 1)
        if new[0] < 0 or new[1] >= len(sentences) or size(*new) > budget:
            sides.remove(side)
        else:
            low, high = new
    first, end = sentences[low][0], sentences[high][1]
    if end - first > _LONGEST_WINDOW:
        first = max(first, (answer[0] if answer else first) - _BEFORE_ANSWER)
        end = min(end, first + _LONGEST_WINDOW)
    return first, end


class ExampleSampler:
    """Draws groups of examples: a question with its answer, and often a text beside it that does not answer.

    What an epoch yields depends on the corpus, the seed and the epoch's number alone. Not thread-safe.
    """

    def __init__(self, corpus: TrainingCorpus, tokenizer: Any, seed: int) -> None:
        self._corpus, self._tokenizer, self._seed = corpus, tokenizer, seed
        self._prefixes: dict[str, TokenIds] = {}

    def epoch(self, number: int) -> Iterator[Group]:
        """Yield the groups of one pass over the questions, each drawn as often as `DRAWS_PER_EPOCH` says."""
        rng = random.Random(self._seed * 1000 + number)
        order = [i for i, q in enumerate(self._corpus.questions) for _ in range(DRAWS_PER_EPOCH[q.dataset])]
        rng.shuffle(order)
        for question in order:
            yield self.draw(question, rng)

    def draw(self, number: int, rng: random.Random) -> Group:
        """Return one or two examples of the question of this number."""
        question = self._corpus.questions[number]
        paragraph = self._corpus.paragraphs[question.paragraph]
        budget = rng.randint(*_BUDGET)
        wording = perturb(question.text, rng)
        answer = _answer_tokens(paragraph, question)
        first, end = draw_window(paragraph, budget, rng, answer)
        if answer is None or answer[1] >= end or answer[0] < first:
            return [self._example(wording, paragraph, (first, end), None, rng)]
        place = (answer[0] - first, answer[1] - first)
        positive = self._example(wording, paragraph, (first, end), place, rng, pair=True)
        return [positive, *self._negative(number, wording, (first, end), budget, rng)]

    def _negative(self, number: int, wording: str, at: tuple[int, int], budget: int, rng: random.Random) -> Group:
        """Return at most one example that does not answer, for a positive one whose window is `at`.

        It is the window with the question changed (25 %), the window without its answering sentences (8 %), a
        paragraph of the same article (37 %) or of another one (10 %), or nothing.
        """
        question, draw = self._corpus.questions[number], rng.random()
        paragraph = self._corpus.paragraphs[question.paragraph]
        if draw < 0.25:
            entities = self._corpus.entities[paragraph.title]
            changed = swap(question.text, question.answer, entities, paragraph.text, rng)
            return [self._example(perturb(changed, rng), paragraph, at, None, rng)] if changed else []
        if draw < 0.33:
            left = _without_answer(paragraph, question.answer, at)
            return [self._example(wording, left, (0, len(left.ids)), None, rng, pair=True)] if left else []
        ranked = self._corpus.same_article if draw < 0.70 else self._corpus.other_articles
        pool = ranked[number] if draw < 0.80 else []
        if not pool:
            return []
        (other,) = rng.choices(pool, [1 / rank for rank in range(1, len(pool) + 1)])  # the most similar most often
        text = self._corpus.paragraphs[other]
        return [self._example(wording, text, draw_window(text, budget, rng, None), None, rng, pair=True)]

    def _example(
        self,
        wording: str,
        paragraph: TokenizedParagraph,
        at: tuple[int, int],
        answer: tuple[int, int] | None,
        rng: random.Random,
        *,
        pair: bool = False,
    ) -> Example:
        """Return the question in this wording over a window of a paragraph; `answer` counts tokens of the window."""
        from qa.reading.network import MAX_PREFIX, MAX_QUESTION

        question = self._token_ids(wording)[:MAX_QUESTION]
        first, last = answer or (-1, -1)
        prefix = [] if rng.random() < _WITHOUT_PREFIX else self._prefix(paragraph.title)[:MAX_PREFIX]
        return Example(question, prefix, paragraph.ids[at[0] : at[1]], first, last, pair)

    def _prefix(self, title: str) -> TokenIds:
        from qa.reading.network import prefix_text

        if title not in self._prefixes:
            self._prefixes[title] = self._token_ids(prefix_text(title, ""))
        return self._prefixes[title]

    def _token_ids(self, text: str) -> TokenIds:
        ids: TokenIds = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return ids


def _without_answer(paragraph: TokenizedParagraph, answer: str, at: tuple[int, int]) -> TokenizedParagraph | None:
    """Return the sentences of a window that do not hold the answer's words, or None if they are under 16 tokens."""
    ids: TokenIds = []
    for first, end in paragraph.sentences:
        if at[0] <= first and end <= at[1]:
            text = paragraph.text[paragraph.offsets[first][0] : paragraph.offsets[end - 1][1]]
            if answer.casefold() not in text.casefold():
                ids += paragraph.ids[first:end]
    return TokenizedParagraph(paragraph.title, "", ids, [], []) if len(ids) >= _SHORTEST_REMAINDER else None


def _answer_tokens(paragraph: TokenizedParagraph, question: TrainingQuestion) -> tuple[int, int] | None:
    """Return the answer's first and last token (inclusive) in its paragraph, or None if it has none."""
    if not question.answer:
        return None
    end = question.start + len(question.answer)
    inside = [i for i, (a, b) in enumerate(paragraph.offsets) if a < end and b > question.start]
    return (inside[0], inside[-1]) if inside else None


def batches(sampler: ExampleSampler, epoch: int, tokens: int, pool: int = 2048) -> Iterator[list[Group]]:
    """Yield one epoch as batches of groups of similar length, each at most `tokens` long with padding.

    Groups are sorted by length within pools of `pool` groups, and each pool's batches are shuffled. A group longer
    than `tokens` is a batch of its own.
    """
    rng = random.Random(epoch)
    groups: list[Group] = []
    for group in sampler.epoch(epoch):
        groups.append(group)
        if len(groups) == pool:
            yield from pack(groups, tokens, rng)
            groups = []
    yield from pack(groups, tokens, rng)

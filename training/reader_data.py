"""Training examples for the span reader: a window of text for each question, beside it a text without the answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.near_miss import swap
from benchmarks.typos import perturb
from training.reader_corpus import SETS, Corpus, Paragraph, Question, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPARE = 16  # sentences end at tokens; one longer than the window is cut around the answer


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
        if draw < 0.25:
            changed = swap(q.text, q.answer, self._corpus.entities[paragraph.title], paragraph.text, rng)
            return [self._example(perturb(changed, rng), paragraph, at, None, rng)] if changed else []
        if draw < 0.33:
            left = self._without_answer(paragraph, q, at)
            return [self._example(asked, left, (0, len(left.ids)), None, rng, pair=True)] if left else []
        pool = (self._corpus.near if draw < 0.70 else self._corpus.far)[number] if draw < 0.80 else []
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
        from qa.reading.network import MAX_PREFIX, MAX_QUESTION

        question = self._tokenizer(asked, add_special_tokens=False, verbose=False)["input_ids"][:MAX_QUESTION]
        first, last = span or (-1, -1)
        prefix = [] if rng.random() < 0.3 else self._prefix(paragraph.title)[:MAX_PREFIX]
        return Example(question, prefix, paragraph.ids[at[0] : at[1]], first, last, pair)

    def _prefix(self, title: str) -> Tokens:
        from qa.reading.network import prefix_text

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

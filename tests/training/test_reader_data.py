"""Examples mark the answer in whole sentences, and batches hold each draw once."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from training.reader_corpus import DRAWS_PER_EPOCH, TrainingCorpus
from training.reader_data import Example, ExampleSampler, Group, batches, draw_window

TOKENS = 200
EPOCHS = 8


@pytest.fixture(scope="module")
def groups(corpus: TrainingCorpus, tokenizer: Any) -> list[Group]:
    """Return the groups of several epochs."""
    sampler = ExampleSampler(corpus, tokenizer, seed=1)
    return [group for epoch in range(EPOCHS) for group in sampler.epoch(epoch)]


def _answer(example: Example, tokenizer: Any) -> str:
    return str(tokenizer.decode(example.window[example.first : example.last + 1]))


def test_an_example_points_at_its_answer(corpus: TrainingCorpus, tokenizer: Any, groups: list[Group]) -> None:
    """The tokens from the first to the last are an answer of the corpus, all of which are drawn."""
    answers = {q.answer.casefold() for q in corpus.questions if q.answer}
    drawn = {_answer(example, tokenizer) for group in groups for example in group if example.first >= 0}

    assert drawn == answers


def test_a_pair_asks_one_question_of_two_texts(tokenizer: Any, groups: list[Group]) -> None:
    """The second text of a pair has no answer marked, and does not hold the first one's."""
    pairs = [group for group in groups if len(group) == 2 and group[1].pair]

    assert pairs
    for positive, negative in pairs:
        assert positive.question == negative.question
        assert (negative.first, negative.last) == (-1, -1)
        assert _answer(positive, tokenizer) not in tokenizer.decode(negative.window)


def test_an_epoch_depends_on_seed_and_number_alone(corpus: TrainingCorpus, tokenizer: Any) -> None:
    """Two samplers with one seed draw the same, and with another seed or in another epoch something else."""
    first, same, other = (ExampleSampler(corpus, tokenizer, seed) for seed in (1, 1, 2))
    drawn = list(first.epoch(3))

    assert drawn == list(same.epoch(3))
    assert drawn != list(other.epoch(3))
    assert drawn != list(first.epoch(4))


def test_batches_hold_every_draw_and_stay_small(corpus: TrainingCorpus, tokenizer: Any) -> None:
    """Padded, no batch exceeds its tokens, and an epoch has each group once."""
    sampler = ExampleSampler(corpus, tokenizer, seed=1)
    packed = list(batches(sampler, 0, TOKENS, pool=16))

    for batch in packed:
        examples = [example for group in batch for example in group]
        assert len(examples) * max(map(len, examples)) <= TOKENS
    groups = [group for batch in packed for group in batch]
    assert Counter(map(repr, groups)) == Counter(map(repr, sampler.epoch(0)))
    assert len(groups) == sum(DRAWS_PER_EPOCH[q.dataset] for q in corpus.questions)


def test_a_group_too_long_for_a_batch_is_one_of_its_own(corpus: TrainingCorpus, tokenizer: Any) -> None:
    """No question is lost because its examples exceed the batch's tokens."""
    packed = list(batches(ExampleSampler(corpus, tokenizer, seed=1), 0, tokens=1))

    assert {len(batch) for batch in packed} == {1}
    assert len(packed) == sum(DRAWS_PER_EPOCH[q.dataset] for q in corpus.questions)


@pytest.mark.parametrize("seed", range(5))
def test_a_window_is_whole_sentences_around_the_answer(corpus: TrainingCorpus, seed: int) -> None:
    """It begins and ends with sentences, holds the answer, and grows only within its budget."""
    paragraph, rng = corpus.paragraphs[0], random.Random(seed)
    first_of_second, end_of_second = paragraph.sentences[1]
    answer = (first_of_second + 2, first_of_second + 3)
    alone = draw_window(paragraph, 1, rng, answer)
    whole = draw_window(paragraph, len(paragraph.text), rng, answer)

    assert alone == (first_of_second, end_of_second)
    assert whole == (0, len(paragraph.ids))

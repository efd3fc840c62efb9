"""Lists hold answering passages first, and depend on seed and epoch alone."""

from __future__ import annotations

import random
from typing import Any

import pytest

from training.ranking_corpus import RankingCorpus, RankingPassage, RankingQuestion
from training.ranking_data import ListSampler, RankingList, _negatives, _wording

TOKENS = 600


@pytest.fixture(scope="module")
def lists(ranking_corpus: RankingCorpus, tokenizer: Any) -> list[RankingList]:
    """Return the lists of an epoch."""
    return [one for batch in ListSampler(ranking_corpus, tokenizer, 1).batches(0, TOKENS) for one in batch]


def _question(**changes: Any) -> RankingQuestion:
    given = {
        "dataset": "community",
        "kind": "question",
        "text": "How do I get a library card?",
        "scenario": "",
        "positives": [0, 1, 2],
        "ignored": [],
        "same_article": list(range(10, 18)),
        "other_articles": list(range(20, 28)),
    }
    return RankingQuestion(**(given | changes))


def test_positives_come_first(ranking_corpus: RankingCorpus, tokenizer: Any, lists: list[RankingList]) -> None:
    """A list asks one question of at most eight passages, one or two of which answer."""
    answering = {p for q in ranking_corpus.questions for p in q.positives}
    texts = {tokenizer.decode(tokenizer(ranking_corpus.passages[p].text)["input_ids"][1:-1]) for p in answering}
    for one in lists:
        assert 1 <= one.positives <= 2
        assert one.positives < len(one) <= 8
        assert len({tuple(candidate.question) for candidate in one}) == 1
        assert all(tokenizer.decode(c.passage) in texts for c in one.candidates[: one.positives])
    assert {one.also_unanswered for one in lists} == {False, True}


def test_an_epoch_depends_on_seed_and_number_alone(ranking_corpus: RankingCorpus, tokenizer: Any) -> None:
    """Two samplers with one seed draw the same, in any order, and with another seed something else."""
    first, same, other = (ListSampler(ranking_corpus, tokenizer, seed) for seed in (1, 1, 2))
    first.batches(2, TOKENS)
    drawn = first.batches(3, TOKENS)

    assert drawn == same.batches(3, TOKENS)
    assert drawn != other.batches(3, TOKENS)
    assert drawn != first.batches(4, TOKENS)


def test_batches_hold_every_list_and_stay_small(ranking_corpus: RankingCorpus, tokenizer: Any) -> None:
    """Padded, a batch of several lists does not exceed its tokens; an epoch has 128 lists."""
    packed = ListSampler(ranking_corpus, tokenizer, 1).batches(0, TOKENS)

    assert sum(map(len, packed)) == 128
    for batch in packed:
        candidates = [candidate for one in batch for candidate in one]
        assert len(batch) == 1 or len(candidates) * max(map(len, candidates)) <= TOKENS


@pytest.mark.parametrize(("same", "others", "expected"), [(8, 8, (4, 2)), (1, 8, (1, 5)), (0, 3, (0, 3))])
def test_most_negatives_are_of_the_same_article(same: int, others: int, expected: tuple[int, int]) -> None:
    """Three fifths, as far as the article has so many; other articles give the rest."""
    question = _question(same_article=list(range(10, 10 + same)), other_articles=list(range(20, 20 + others)))
    drawn = _negatives(question, 6, random.Random(1))

    assert len(set(drawn)) == len(drawn)
    assert (sum(n < 20 for n in drawn), sum(n >= 20 for n in drawn)) == expected


def test_questions_are_asked_in_several_ways() -> None:
    """They are asked as they are, as keywords, and with or without what the asker said before."""
    rng = random.Random(1)
    drawn = {_wording(_question(scenario="I live in Vell."), rng) for _ in range(200)}

    assert {
        f"{before}{text}" for before in ("", "I live in Vell. ") for text in (_question().text, "get library card")
    } <= drawn


@pytest.mark.parametrize(
    ("title", "deepest", "prefix"),
    [
        (True, True, "fees > cards > lost. you pay :"),
        (True, False, "fees > cards. you pay :"),
        (False, True, "cards > lost. you pay :"),
    ],
)
def test_title_and_deepest_heading_may_be_left_out(tokenizer: Any, title: bool, deepest: bool, prefix: str) -> None:
    """The rest of the context is the reader's."""
    passage = RankingPassage("Fees", "Cards > Lost", "You pay:", "Two crowns.", "fees")
    ids = ListSampler(RankingCorpus([passage], []), tokenizer, 1)._prefix_ids(passage, title, deepest)

    assert tokenizer.decode(ids) == prefix

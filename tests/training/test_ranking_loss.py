"""The loss of a list rewards the passages that answer, and "none of these" where none does."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch.nn import functional

from qa.reading.network import Logits
from training.ranking_data import Candidate, RankingList
from training.ranking_loss import list_loss, ranking_loss

SCORES = torch.tensor([1.5, -0.5, 2.0])


def test_one_answer_is_a_cross_entropy_with_none_of_these() -> None:
    """The softmax is over the candidates and a logit of zero."""
    expected = functional.cross_entropy(torch.tensor([[1.5, -0.5, 2.0, 0.0]]), torch.tensor([0]))

    torch.testing.assert_close(list_loss(SCORES, 1, also_unanswered=False), expected)


def test_several_answers_share_the_probability() -> None:
    """The loss is that of their sum: it does not matter which of them scores higher."""
    probabilities = torch.tensor([1.5, -0.5, 2.0, 0.0]).softmax(0)

    torch.testing.assert_close(list_loss(SCORES, 2, also_unanswered=False), -probabilities[:2].sum().log())
    torch.testing.assert_close(list_loss(SCORES[[1, 0, 2]], 2, False), list_loss(SCORES, 2, False))


def test_without_its_answers_a_list_should_be_refused() -> None:
    """High scores of the other passages cost more then, weighed by a half."""
    none = functional.cross_entropy(torch.tensor([[-0.5, 2.0, 0.0]]), torch.tensor([2]))
    added = list_loss(SCORES, 1, also_unanswered=True) - list_loss(SCORES, 1, also_unanswered=False)

    torch.testing.assert_close(added, none / 2)


def test_a_batch_is_the_mean_of_its_lists() -> None:
    """Each list gets the scores of its own candidates."""
    lists = [
        RankingList([Candidate([2000], [], [3000 + n]) for n in range(size)], 1, also_unanswered=False)
        for size in (2, 1)
    ]

    def model(ids: torch.Tensor, *_: Any) -> Logits:
        nothing = torch.zeros(ids.shape)
        return Logits(nothing, nothing, SCORES[: len(ids)])

    expected = (list_loss(SCORES[:2], 1, False) + list_loss(SCORES[2:], 1, False)) / 2
    assert float(ranking_loss(cast("Any", model), lists)) == pytest.approx(float(expected))

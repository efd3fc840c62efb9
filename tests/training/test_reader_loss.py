"""The loss rewards the right tokens, alone and against the text that does not answer."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch.nn import functional

from training.reader_data import Example, Group
from training.reader_loss import _shared_cross_entropy, span_loss

QUESTION, PREFIX = [2000] * 4, [2001] * 2
BEGIN = len(QUESTION) + 2 + len(PREFIX)  # of the window in its row
PAIR: Group = [
    Example(QUESTION, PREFIX, [3000] * 5, 1, 2, pair=True),
    Example(QUESTION, PREFIX, [3001] * 5, -1, -1, pair=True),
]


def _loss(best: tuple[tuple[int, int], ...], shared_weight: float) -> float:
    """Return the loss of PAIR for a model that gives these (start, end) tokens of each row a high logit."""

    def model(ids: torch.Tensor, *_: Any) -> tuple[torch.Tensor, torch.Tensor]:
        logits = torch.zeros(2, *ids.shape)
        for row, tokens in enumerate(best):
            logits[0, row, tokens[0]] = logits[1, row, tokens[1]] = 20.0
        return logits[0], logits[1]

    return float(span_loss(cast("Any", model), [PAIR], shared_weight))


def test_right_tokens_cost_nothing() -> None:
    """The answer's tokens in one row and [CLS] in the other leave no loss; any other token does."""
    right = ((BEGIN + 1, BEGIN + 2), (0, 0))

    assert _loss(right, 0.5) == pytest.approx(0, abs=1e-3)
    assert _loss(((BEGIN, BEGIN + 2), (0, 0)), 0.5) > 1
    assert _loss(((BEGIN + 1, BEGIN + 2), (BEGIN, BEGIN)), 0.5) > 1


def test_an_answer_in_the_wrong_text_costs_more_with_shared_normalisation() -> None:
    """A second text that claims an answer as strongly as the first is compared with it."""
    both = ((BEGIN + 1, BEGIN + 2), (BEGIN, BEGIN))

    assert _loss(both, 1.0) > _loss(both, 0.0)


def test_shared_normalisation_is_one_softmax_over_both_texts() -> None:
    """It equals the cross-entropy of both rows' logits, each relative to its [CLS], side by side."""
    scores = torch.randn((2, 6), generator=torch.Generator().manual_seed(0))
    margins = scores[:, 1:] - scores[:, :1]
    expected = functional.cross_entropy(margins.reshape(1, -1), torch.tensor([3]))

    torch.testing.assert_close(_shared_cross_entropy(scores, torch.tensor([4, 0]), [(0, 1)]), expected)

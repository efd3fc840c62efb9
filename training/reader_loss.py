"""The span reader's training loss.

It is the sum of two cross-entropies, each the mean of start and end. One reads each text alone, with [CLS] as "no
answer" (Devlin et al. 2019), so that a score means something by itself. The other, where a question comes with a text
that answers and one that does not, is a softmax over both texts (shared normalisation, Clark & Gardner 2018,
arXiv:1710.10723), so that scores of different texts are comparable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from qa.reading.network import pad_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from qa.reading.network import SpanModel
    from training.reader_data import Group


def span_loss(model: SpanModel, groups: Sequence[Group], shared_weight: float) -> Tensor:
    """Return the scalar loss of a batch; `shared_weight` scales the shared normalisation."""
    examples = [example for group in groups for example in group]
    ids, mask, types, allowed = pad_rows([(e.question, e.prefix, e.window, 0) for e in examples])
    logits = model(ids, mask, types, allowed)
    begins = [len(e.question) + 2 + len(e.prefix) for e in examples]  # of the windows: [CLS] question [SEP] prefix
    pairs = _pair_rows(groups)
    total = torch.zeros(())
    for scores, places in zip(logits[:2], ([e.first for e in examples], [e.last for e in examples]), strict=True):
        gold = torch.tensor([at + begin if at >= 0 else 0 for at, begin in zip(places, begins, strict=True)])
        total = total + functional.cross_entropy(scores, gold) / 2
        if pairs:
            total = total + shared_weight * _shared_cross_entropy(scores, gold, pairs) / 2
    return total


def _pair_rows(groups: Sequence[Group]) -> list[tuple[int, int]]:
    """Return the row numbers (with the answer, without it) of the groups that ask one question of two texts."""
    pairs, row = [], 0
    for group in groups:
        if len(group) == 2 and group[0].pair and group[1].pair:
            pairs.append((row, row + 1))
        row += len(group)
    return pairs


def _shared_cross_entropy(scores: Tensor, gold: Tensor, pairs: list[tuple[int, int]]) -> Tensor:
    """Return the mean cross-entropy of one softmax over both texts of each pair.

    `scores` are (rows, tokens) logits, taken relative to that of [CLS]; `gold` is (rows,), the token of the answer.
    """
    margins = scores[:, 1:] - scores[:, :1]
    whole = margins.logsumexp(1)
    positive, negative = torch.tensor(pairs).T
    right = margins[positive, gold[positive] - 1]
    return (torch.logaddexp(whole[positive], whole[negative]) - right).mean()

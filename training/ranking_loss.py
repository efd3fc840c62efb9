"""The training loss of the passage score: one softmax over the candidates of a question and "none of these".

Scores of different passages are comparable because they are normalised together, as are the spans of several paragraphs
in Clark & Gardner 2018 (shared normalisation, arXiv:1710.10723). As in the top-one loss of Cao et al. 2007 (ListNet),
one softmax ranks the whole list; where several passages answer, the loss is that of their summed probability. "None of
these" has a fixed logit of 0, so that a score is the log-odds against it; lists without their positives teach that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from qa.reading.network import pad_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from qa.reading.network import SpanModel
    from training.ranking_data import RankingList

_UNANSWERED_WEIGHT = 0.5  # of a list without its positives


def ranking_loss(model: SpanModel, lists: Sequence[RankingList]) -> Tensor:
    """Return the scalar loss of a batch, the mean over its lists."""
    rows = [(c.question, c.prefix, c.passage, 0) for candidates in lists for c in candidates]
    scores = model(*pad_rows(rows)).passage
    parts = scores.split([len(candidates) for candidates in lists])
    losses = [list_loss(part, one.positives, one.also_unanswered) for part, one in zip(parts, lists, strict=True)]
    return torch.stack(losses).mean()


def list_loss(scores: Tensor, positives: int, also_unanswered: bool) -> Tensor:
    """Return the scalar loss of a list, from the scores (n,) of its candidates, the first `positives` of which answer.

    With `also_unanswered`, the loss of the list without them, whose right answer is "none of these", is added.
    """
    loss = _log_partition(scores) - scores[:positives].logsumexp(0)
    if also_unanswered:
        loss = loss + _UNANSWERED_WEIGHT * _log_partition(scores[positives:])
    return loss


def _log_partition(scores: Tensor) -> Tensor:
    """Return the logarithm of the softmax's denominator over the scores and "none of these"."""
    return torch.cat([scores, scores.new_zeros(1)]).logsumexp(0)

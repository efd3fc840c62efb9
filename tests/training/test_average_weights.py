"""The mean of trained readers changes the encoder by the mean of their changes."""

from __future__ import annotations

import pytest
import torch

from training.average_weights import average

OUT, IN, RANK = 24, 16, 4
LINEAR, NORM, WORDS = "layers.layer.0.weight", "layers.layer.0.norm", "words.weight"


def _base() -> dict[str, torch.Tensor]:
    made = torch.Generator().manual_seed(0)
    shapes = {LINEAR: (OUT, IN), NORM: (OUT,), WORDS: (30, IN)}
    return {name: torch.randn(shape, generator=made) for name, shape in shapes.items()}


def _reader(seed: int, rank: int) -> dict[str, torch.Tensor]:
    """Return parameters whose linear layer is changed by a matrix of this rank; word embeddings are unchanged."""
    made, base = torch.Generator().manual_seed(seed), _base()
    change = torch.randn((OUT, rank), generator=made) @ torch.randn((rank, IN), generator=made)
    return base | {LINEAR: base[LINEAR] + change, NORM: torch.randn(OUT, generator=made)}


def test_mean_of_two_readers_changes_the_layers_by_the_mean_change() -> None:
    """Two changes of half the rank are kept without loss; parameters that did not change are left out."""
    one, other = _reader(1, RANK // 2), _reader(2, RANK // 2)
    mean, lost = average([one, other], _base(), RANK)
    change = mean["layers.layer.0.b"] @ mean["layers.layer.0.a"]

    torch.testing.assert_close(_base()[LINEAR] + change, (one[LINEAR] + other[LINEAR]) / 2)
    torch.testing.assert_close(mean[NORM], (one[NORM] + other[NORM]) / 2)
    assert mean["layers.layer.0.a"].shape == (RANK, IN)
    assert lost == pytest.approx(0, abs=1e-5)
    assert WORDS not in mean


def test_whole_layers_are_averaged_with_rank_0() -> None:
    """Nothing is lost, and parameters that did not change are left out."""
    one, other = _reader(1, IN), _reader(2, IN)
    mean, lost = average([one, other], _base(), 0)

    assert mean.keys() == {LINEAR, NORM}
    torch.testing.assert_close(mean[LINEAR], (one[LINEAR] + other[LINEAR]) / 2)
    assert lost == 0


def test_the_loss_of_a_lower_rank_is_returned() -> None:
    """It is the share of the change's squared norm that the kept rank lacks."""
    one = _reader(1, IN)
    mean, lost = average([one], _base(), RANK)
    change = one[LINEAR] - _base()[LINEAR]
    rest = change - mean["layers.layer.0.b"] @ mean["layers.layer.0.a"]

    assert 0 < lost < 1
    assert lost == pytest.approx(float(rest.square().sum() / change.square().sum()), abs=1e-4)

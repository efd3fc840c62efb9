"""The mean of trained readers acts as the mean of what each does to the encoder."""

from __future__ import annotations

import torch

from benchmarks.average_reader import average

OUT, IN, RANK = 24, 16, 4


def _reader(seed: int) -> dict[str, torch.Tensor]:
    made = torch.Generator().manual_seed(seed)
    shapes = {"layer.a": (RANK, IN), "layer.b": (OUT, RANK), "norm.weight": (OUT,)}
    return {name: torch.randn(shape, generator=made).half() for name, shape in shapes.items()}


def _update(reader: dict[str, torch.Tensor]) -> torch.Tensor:
    return reader["layer.b"].float() @ reader["layer.a"].float()


def test_mean_of_one_reader_is_that_reader() -> None:
    """Its update is the same to half precision, though its factors may be others."""
    one = _reader(1)
    mean = average([one, one])
    assert torch.allclose(_update(mean), _update(one), atol=0.02)
    assert torch.equal(mean["norm.weight"], one["norm.weight"].float())


def test_mean_of_updates_and_not_of_factors() -> None:
    """Two factorisations of updates that share their directions average to the mean update, at the same size."""
    one = _reader(1)
    other = one | {"layer.a": -3 * one["layer.a"], "layer.b": -one["layer.b"], "norm.weight": 3 * one["norm.weight"]}
    mean = average([one, other])
    assert torch.allclose(_update(mean), 2 * _update(one), atol=0.05)
    assert torch.allclose(mean["norm.weight"], 2 * one["norm.weight"].float(), atol=0.01)
    assert {name: t.shape for name, t in mean.items()} == {name: t.shape for name, t in one.items()}

"""Promises of the reader's network: all trained weights are saved, and their digest identifies them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from index.passages.embedder import bundled_model
from qa.reading.network import (
    SpanModel,
    add_adapters,
    load_model,
    merge_weights,
    pad_rows,
    read_weights,
    save_weights,
    trained_weights,
    weights_digest,
)

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = pad_rows([([2040, 2003], [3007, 1012], [1996, 3007, 1997, 2605, 2003, 3000], 0), ([2073], [], [2182], 0)])


def _model(seed: int) -> SpanModel:
    """Return the bundled encoder with a random head."""
    torch.manual_seed(seed)
    return load_model(bundled_model())


@pytest.mark.parametrize("rank", [0, 4])
def test_what_training_changes_is_kept_whole(tmp_path: Path, rank: int) -> None:
    """Weights that were trained, saved, read and merged into a new encoder give the trained network's outputs."""
    trained = _model(1)
    add_adapters(trained, rank)
    with torch.no_grad():
        for value in trained_weights(trained).values():
            value += 0.02 * torch.randn(value.shape)
    save_weights(trained_weights(trained), tmp_path / "reader.safetensors", {"version": "1"})
    weights, metadata = read_weights(tmp_path / "reader.safetensors")
    merged = _model(2)
    merge_weights(merged, weights)

    with torch.inference_mode():
        for own, other in zip(trained(*INPUTS), merged(*INPUTS), strict=True):
            torch.testing.assert_close(own, other, atol=0.06, rtol=0.02)  # bfloat16 beside float32
    assert metadata == {"version": "1"}


def test_digest_is_of_the_weights_and_not_of_their_file() -> None:
    """The order of tensors does not change the digest; a value or a name does."""
    one = {"a": torch.tensor([1.0, 2.0]).half(), "b": torch.tensor([3.0]).half()}
    same = dict(reversed(one.items()))
    others = [one | {"b": torch.tensor([4.0]).half()}, {"a": one["a"], "c": one["b"]}]

    assert weights_digest(one) == weights_digest(same)
    assert len({weights_digest(weights) for weights in (one, *others)}) == 3

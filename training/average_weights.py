"""Average trained readers: `python -m training.average_weights FIRST.safetensors SECOND.safetensors ... --out FILE`.

The mean of weights that were trained one from the other is often better than each, and costs no more to run ("model
soups", Wortsman et al. 2022, arXiv:2203.05482). Each file is merged into the encoder first, so adapters and whole
layers can be mixed; the mean change of the linear layers is stored as adapters, by a singular value decomposition, or
with `--rank 0` as whole layers.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from index.passages.embedder import bundled_model
from qa.reading.network import BASE, WEIGHT_ERRORS, load_model, merge_weights, read_weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor


def average(
    readers: Sequence[Mapping[str, Tensor]], base: Mapping[str, Tensor], rank: int
) -> tuple[dict[str, Tensor], float]:
    """Return the mean of readers as trained weights, and the share that adapters of `rank` lose of its change.

    `readers` hold all parameters of each merged reader, and `base` those of the untrained encoder, in float32. The
    share is of the squared norm of the change of the linear layers, 0 to 1. With rank 0 whole layers are returned.
    """
    mean: dict[str, Tensor] = {}
    kept = whole = 0.0
    for name, untrained in base.items():
        value = torch.stack([reader[name] for reader in readers]).mean(0)
        if rank and ".layer." in name and value.dim() == 2:
            layer = name.removesuffix(".weight")
            b, a = _factors(value - untrained, rank)
            mean[f"{layer}.b"], mean[f"{layer}.a"] = b, a
            kept, whole = kept + float((b @ a).square().sum()), whole + float((value - untrained).square().sum())
        elif not torch.equal(value, untrained):
            mean[name] = value
    return mean, 1 - kept / whole if whole else 0.0


def merged(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return all parameters of the bundled encoder with trained weights merged; with none, of the encoder alone.

    Raises KeyError or RuntimeError for weights of another architecture.
    """
    model = load_model(bundled_model())
    merge_weights(model, weights)
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


def _factors(update: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return B (out, rank) and A (rank, in) whose product is nearest to the update (Eckart & Young 1936)."""
    u, s, v = torch.linalg.svd(update, full_matrices=False)
    root = s[:rank].sqrt()
    return u[:, :rank] * root, root[:, None] * v[:rank]


def main() -> None:
    """Read the options, average and write."""
    parser = argparse.ArgumentParser(prog="python -m training.average_weights", description=__doc__)
    parser.add_argument("readers", nargs="+", type=Path)
    parser.add_argument("--name", required=True, help="version that the weights carry")
    parser.add_argument("--rank", type=int, default=64, help="of the adapters that are written; 0 writes whole layers")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if options.rank < 0:
        parser.error("a rank is at least 0; name another --rank")
    try:
        readers = [merged(read_weights(path)[0]) for path in options.readers]
    except WEIGHT_ERRORS as error:
        parser.error(f"these cannot be averaged ({error}); name weights that training left")
    mean, lost = average(readers, merged({}), options.rank)
    metadata = {"version": options.name, "rank": str(options.rank), "base": BASE}
    save_weights(mean, options.out, metadata)
    print(f"{options.out.name}: rank {options.rank} loses {lost:.2%} of what training changed in the layers")


if __name__ == "__main__":
    main()

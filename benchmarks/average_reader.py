"""Average trained readers: `python -m benchmarks.average_reader FIRST.safetensors SECOND.safetensors ... --out FILE`.

The mean of weights that were trained one from the other is often better than each, at the price of one ("model
soups", Wortsman et al. 2022, arXiv:2203.05482). The mean of adapters is taken of their products B A, and brought back
to their rank by a singular value decomposition; everything else is averaged as it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError

from qa.reader_model import read_weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor


def average(readers: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of trained weights of the same names, float32; adapters keep the rank of the first.

    Raises KeyError or RuntimeError for weights of different architectures.
    """
    mean: dict[str, Tensor] = {}
    for name, value in readers[0].items():
        if name.endswith(".a"):
            layer = name.removesuffix(".a")
            update = torch.stack([r[f"{layer}.b"].float() @ r[name].float() for r in readers]).mean(0)
            mean[f"{layer}.b"], mean[name] = _factors(update, len(value))
        elif not name.endswith(".b"):
            mean[name] = torch.stack([r[name].float() for r in readers]).mean(0)
    return mean


def _factors(update: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return B (out, rank) and A (rank, in), whose product is the nearest to the update (Eckart & Young 1936)."""
    u, s, v = torch.linalg.svd(update, full_matrices=False)
    root = s[:rank].sqrt()
    return u[:, :rank] * root, root[:, None] * v[:rank]


def main() -> None:
    """Read the options, average and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.average_reader", description=__doc__)
    parser.add_argument("readers", nargs="+", type=Path)
    parser.add_argument("--name", required=True, help="version that the weights carry")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    try:
        read = [read_weights(path) for path in options.readers]
        mean = average([weights for weights, _ in read])
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        parser.error(f"these cannot be averaged ({error}); name weights of one kind of training, please")
    kept = {key: value for key, value in read[0][1].items() if key in {"base", "rank"}}
    save_weights(mean, options.out, kept | {"version": options.name})


if __name__ == "__main__":
    main()

"""Measures the memory of the reader while it reads passages of many lengths.

    python -m benchmarks.model_memory [--batches 300] [--kept 1024]

Prints the anonymous memory of the process in MB and the processor time in seconds, after every hundred batches.
`--kept` is how many compiled kernels oneDNN and torch each keep, instead of the number that the bot sets.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import time
from pathlib import Path

_MOST_TOKENS = 640  # of a batch, as in `qa.reading.span_reader`


def main() -> None:
    """Read random tokens and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=300)
    parser.add_argument("--kept", type=int)
    options = parser.parse_args()
    if options.kept is not None:  # read when torch is imported
        for name in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
            os.environ[name] = str(options.kept)
    read(options.batches)


def read(batches: int) -> list[float]:
    """Read batches of random lengths; return the anonymous memory in MB before, and after every hundred."""
    from qa.reading.span_reader import SpanReader

    reader, rng = SpanReader(), random.Random(1)
    import torch

    from qa.reading.network import pad_rows

    torch.set_num_threads(1)
    memory = [_anonymous()]
    print(f"loaded: {memory[0]:.0f} MB")
    began = time.process_time()
    for done in range(1, batches + 1):
        length, question = rng.randrange(20, 330), _tokens(rng, rng.randrange(4, 30))
        rows = [
            (question, _tokens(rng, 10), _tokens(rng, length), 0) for _ in range(max(1, _MOST_TOKENS // (length + 40)))
        ]
        with torch.inference_mode():
            reader._model(*pad_rows(rows))  # noqa: SLF001 - without the tokenizer, whose caches are not measured here
        if done % 100 == 0:
            memory.append(_anonymous())
            print(f"{done} batches: {memory[-1]:.0f} MB, {time.process_time() - began:.1f} s", flush=True)
    return memory


def _tokens(rng: random.Random, count: int) -> list[int]:
    return [rng.randrange(1000, 20_000) for _ in range(count)]


def _anonymous() -> float:
    text = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Anonymous:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()

"""Vectors of many texts, embedded once and kept in a folder; a stopped run goes on where it was.

    python -m benchmarks.scale_vectors FOLDER CACHE --passages 1000000 [--part 0 --parts 2]

The folder has pairs of files: `MODEL-PART.digests`, 16 bytes a text, and `MODEL-PART.vectors`, its float16 vector;
MODEL is the digest of the model's weights. Several processes may each embed a part.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import scale_units
from benchmarks.harness import say
from benchmarks.scale_approximation import Approximation
from index.passages import batch_embedding
from index.passages.embedder import load_embedder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.scale_units import Unit
    from index.passages.embedder import Embedder

_AGAIN = 60.0  # seconds after which the folder is read again
_CHUNK = 1024  # texts that are embedded, ordered by length, before they are written


class KeptVectors:
    """An embedder of passages that looks vectors up in a folder and computes only those that are not there.

    Nothing is written but by `write`, to the files of one `part`. With an `approximation` missing vectors are
    approximated instead, and counted in `approximated`.
    """

    def __init__(self, folder: Path, model: Embedder, part: int | None = None) -> None:
        self._model = model
        self.approximation: Approximation | None = None
        self.approximated = 0
        self.name, self.revision = model.name, model.revision
        self.dimension, self.max_tokens = model.dimension, model.max_tokens
        self._folder, self._part = folder, part
        self._rows: dict[bytes, np.ndarray] = {}
        self._read_at = 0.0
        self._read()

    def __len__(self) -> int:
        return len(self._rows)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text."""
        return self._model.count_tokens(texts)

    def query(self, text: str) -> np.ndarray:
        """Return (dimension,) float32 of unit length, for a question."""
        return self._model.query(text)

    def has(self, text: str) -> bool:
        """Whether the vector of a text is kept."""
        return _digest(text) in self._rows

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, dimension) float32 with unit rows: kept ones, rounded to float16, and new ones likewise."""
        missing = self._missing(texts)
        if missing and self._read_at < time.monotonic() - _AGAIN:  # other processes may have embedded them by now
            self._read()
            missing = self._missing(texts)
        guessed: dict[bytes, np.ndarray] = {}
        if missing and self.approximation:
            guessed = {_digest(text): self.approximation.of(text) for text in missing}
            self.approximated += len(missing)
        elif missing:
            self._keep(missing, self._model.passages(missing))
        digests = map(_digest, texts)
        rows = np.stack([guessed[one] if one in guessed else self._rows[one] for one in digests]).astype(np.float32)
        unit: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def fit(self, texts: Iterable[str], most: int = 20_000) -> None:
        """Approximate missing vectors from now on, fitted to the first texts whose vectors are kept."""
        known = list(islice((text for text in texts if self.has(text)), most))
        self.approximation = Approximation.fit(known, self.passages(known)) if known else None

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Compute missing vectors inside the block even if others are approximated."""
        approximation, self.approximation = self.approximation, None
        try:
            yield
        finally:
            self.approximation = approximation

    def write(self, texts: Sequence[str]) -> None:
        """Embed texts, shortest first, and append their vectors to the files of this part."""
        assert self._part is not None
        ordered = sorted(texts, key=len)
        vectors = self._model.passages(ordered).astype(np.float16)
        self._keep(ordered, vectors)
        stem = self._folder / f"{self.revision}-{self._part}"
        for ending, content in (
            ("vectors", vectors.tobytes()),  # before their digests: what is cut off is embedded again
            ("digests", b"".join(map(_digest, ordered))),
        ):
            with stem.with_suffix(f".{ending}").open("ab") as file:
                file.write(content)

    def _missing(self, texts: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(text for text in texts if not self.has(text)))

    def _keep(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        self._rows.update(zip(map(_digest, texts), vectors.astype(np.float16), strict=True))

    def _read(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._read_at = time.monotonic()
        for path in sorted(self._folder.glob(f"{self.revision}-*.digests")):
            digests = path.read_bytes()
            vectors = path.with_suffix(".vectors")
            width = 2 * self.dimension
            count = min(len(digests) // 16, vectors.stat().st_size // width)
            if path.stem == f"{self.revision}-{self._part}":  # what a stopped run left half written
                _truncate(path, count * 16)
                _truncate(vectors, count * width)
            if count:
                kept = np.memmap(vectors, np.float16, "r", shape=(count, self.dimension))
                self._rows.update((digests[16 * at : 16 * at + 16], kept[at]) for at in range(count))


class _Collector:
    """An embedder that only remembers what it was given."""

    def __init__(self, model: Embedder) -> None:
        self.name, self.revision = model.name, model.revision
        self.dimension, self.max_tokens = model.dimension, model.max_tokens
        self.count_tokens = model.count_tokens
        self.query = model.query
        self.texts: list[str] = []

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return np.zeros((len(texts), self.dimension), np.float32)


def embedded_texts(articles: Iterable[Unit], model: Embedder) -> Iterator[str]:
    """Yield the texts that are embedded for the passages of articles: context and passage."""
    collector = _Collector(model)
    for draft, chunks in articles:
        batch_embedding.embed(draft.title, draft.text, chunks, collector)
        yield from collector.texts
        collector.texts.clear()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _truncate(path: Path, size: int) -> None:
    with path.open("rb+") as file:
        file.truncate(size)


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == _CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch


def main() -> None:
    """Embed the first passages of the file, as many as asked for, or one part of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="has load-en.jsonl[.gz]")
    parser.add_argument("cache", type=Path)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    options = parser.parse_args()
    kept = KeptVectors(options.cache, load_embedder(), options.part)
    texts = embedded_texts(scale_units.units(scale_units.rows(options.folder)), kept)
    seen = 0
    for number, batch in enumerate(_batches(texts)):
        seen += len(batch)
        if number % options.parts == options.part and (
            missing := [text for text in dict.fromkeys(batch) if not kept.has(text)]
        ):
            started, processor = time.perf_counter(), time.process_time()
            kept.write(missing)
            spent = time.perf_counter() - started, time.process_time() - processor
            speeds = [f"{len(missing) / seconds:.0f}" for seconds in spent]
            say(f"{seen:,}: {speeds[0]} texts a second, {speeds[1]} a second of processor")
        if seen >= options.passages:
            return


if __name__ == "__main__":
    main()

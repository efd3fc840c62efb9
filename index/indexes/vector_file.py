"""The file of a dense index: a header, the parts of its segments, ids, digests and vectors, and a digest of it all.

It is read and written here, not by FAISS, which takes no path that the locale cannot encode.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from index.indexes.position import CatalogPosition
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

_KIND: Final = b"vbtmvec2"
_EARLIER: Final = (b"vbtmvec1", b"IxMp")  # formats of earlier versions
# kind, dimension, segments, vectors, generation (-1 without a position), token and how many of its bytes count
_HEADER: Final = struct.Struct("<8sQQQq16sB7x")
_SEGMENT: Final = struct.Struct("<32sQ")  # the end of its file's name, and its rows; then a bit for each row
_TOKEN_BYTES: Final = 16
_DIGEST_BYTES: Final = 16
_ROWS_AT_ONCE: Final = 16_384


class SavedSegment(NamedTuple):
    """A segment in a file of its own: the end of that file's name, and (n,) bools: which of its rows are in use."""

    name: str
    alive: np.ndarray


class Saved(NamedTuple):
    """The content of a file: where it stands, its segments, and the ids, digests and vectors of all other rows."""

    position: CatalogPosition | None
    segments: Sequence[SavedSegment]
    held: Fingerprints
    vectors: np.ndarray


def write(stream: BinaryIO, saved: Saved) -> None:
    """Write an index."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for part in _parts(saved):
        digest.update(part)
        stream.write(part)
    stream.write(digest.digest())


def _parts(saved: Saved) -> Iterator[bytes | memoryview]:
    generation, token = (saved.position.generation, saved.position.token) if saved.position else (-1, b"")
    count, dimension = saved.vectors.shape
    yield _HEADER.pack(_KIND, dimension, len(saved.segments), count, generation, token, len(token))
    for segment in saved.segments:
        yield _SEGMENT.pack(segment.name.encode(), len(segment.alive))
        yield np.packbits(segment.alive).tobytes()
    yield saved.held.ids.astype("<i8").tobytes()
    yield saved.held.digests.astype("<u8").tobytes()
    for start in range(0, count, _ROWS_AT_ONCE):
        yield np.ascontiguousarray(saved.vectors[start : start + _ROWS_AT_ONCE], "<f4").data.cast("B")


def read(path: Path, dimension: int) -> Saved | None:
    """Return what a file holds; None for one of an earlier format.

    Raises ValueError if it is not as it was written, and OSError.
    """
    with path.open("rb") as stream:
        start = stream.read(_HEADER.size)
        if start.startswith(_EARLIER):
            return None
        if len(start) < _HEADER.size or not start.startswith(_KIND):
            raise ValueError("it is in another format")
        _, found, segments, count, generation, token, length = _HEADER.unpack(start)
        size = path.stat().st_size
        if found != dimension or length > _TOKEN_BYTES or count * (16 + 4 * dimension) > size or segments > size:
            raise ValueError("it is truncated or of another dimension")
        source = _Source(stream, start, size)
        position = None if generation < 0 else CatalogPosition(generation, token[:length])
        parts = [_read_segment(source) for _ in range(segments)]
        held = Fingerprints(source.array("<i8", count), source.array("<u8", count))
        vectors = source.array("<f4", count * dimension).reshape(-1, dimension)
        source.check()
    return Saved(position, parts, held, vectors)


def segment_names(path: Path) -> set[str]:
    """Return the names of the segments of the index in a file, as far as it can be read; its digest is not checked."""
    names = set[str]()
    with suppress(OSError, ValueError, struct.error), path.open("rb") as stream:
        start = stream.read(_HEADER.size)
        if start.startswith(_KIND):
            source = _Source(stream, start, path.stat().st_size)
            names.update(_read_segment(source).name for _ in range(_HEADER.unpack(start)[2]))
    return names


def _read_segment(source: _Source) -> SavedSegment:
    name, rows = _SEGMENT.unpack(source.bytes(_SEGMENT.size))
    alive = np.unpackbits(source.array("u1", -(-rows // 8)), count=rows).astype(bool)
    return SavedSegment(name.rstrip(b"\0").decode("ascii", "replace"), alive)


class _Source:
    """Reads parts of a file, and computes their digest. All raise ValueError at the end of the file."""

    def __init__(self, stream: BinaryIO, start: bytes, size: int) -> None:
        self._stream, self._size = stream, size
        self._digest: Any = blake2b(start, digest_size=_DIGEST_BYTES)

    def bytes(self, count: int) -> bytes:
        data = self._stream.read(count) if count <= self._size else b""
        if len(data) != count:
            raise ValueError("it is truncated")
        self._digest.update(data)
        return data

    def array(self, kind: str, count: int) -> np.ndarray:
        return np.frombuffer(self.bytes(count * np.dtype(kind).itemsize), kind).astype(kind.lstrip("<"))

    def check(self) -> None:
        if self._stream.read() != self._digest.digest():
            raise ValueError("its content is not what was written")

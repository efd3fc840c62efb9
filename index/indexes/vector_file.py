"""The file of a dense index: a header, ids, digests, rows, and a digest of it all.

It is read and written here, not by FAISS, which takes no path that the locale cannot encode.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import BinaryIO

EXACT: Final = b"vbtmvec1"
"""Marks a file whose rows are float32 vectors."""

QUANTIZED: Final = b"vbtmpqc1"
"""Marks a file whose rows are codes, in the format of FAISS."""

_HEADER: Final = struct.Struct("<8sQQ")  # kind, dimension, number of rows
_FAISS_FORMAT: Final = b"IxMp"  # of earlier versions, without a digest
_DIGEST_BYTES: Final = 16


class Saved(NamedTuple):
    """The content of a file: its kind, the ids and digests, and the bytes of the rows."""

    kind: bytes
    held: Fingerprints
    rows: bytes


def write(stream: BinaryIO, kind: bytes, dimension: int, held: Fingerprints, rows: Iterable[memoryview]) -> None:
    """Write an index."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    header = _HEADER.pack(kind, dimension, len(held.ids))
    parts: Iterable[bytes | memoryview] = (
        header,
        held.ids.astype("<i8").tobytes(),
        held.digests.astype("<u8").tobytes(),
        *rows,
    )
    for part in parts:
        digest.update(part)
        stream.write(part)
    stream.write(digest.digest())


def read(path: Path, dimension: int) -> Saved | None:
    """Return what a file holds; None for one of an earlier format.

    Raises ValueError if it is not as it was written, and OSError.
    """
    with path.open("rb") as stream:
        header = stream.read(_HEADER.size)
        if header.startswith(_FAISS_FORMAT):
            return None
        kind, found, count = _HEADER.unpack(header) if len(header) == _HEADER.size else (b"", 0, 0)
        if kind not in {EXACT, QUANTIZED}:
            raise ValueError("it is in another format")
        rest = path.stat().st_size - _HEADER.size - 16 * count - _DIGEST_BYTES
        if found != dimension or rest < 0 or (kind == EXACT and rest != 4 * count * dimension):
            raise ValueError("it is truncated or of another dimension")
        digest = blake2b(header, digest_size=_DIGEST_BYTES)
        ids = _read_array(stream, "<i8", count, digest)
        digests = _read_array(stream, "<u8", count, digest)
        rows = stream.read(rest)
        digest.update(rows)
        if stream.read() != digest.digest():
            raise ValueError("its content is not what was written")
    return Saved(kind, Fingerprints(ids, digests), rows)


def _read_array(stream: BinaryIO, kind: str, count: int, digest: Any) -> np.ndarray:
    """Read an array, and add its bytes to a digest. Raises ValueError at the end of the file."""
    data = stream.read(count * np.dtype(kind).itemsize)
    digest.update(data)
    return np.frombuffer(data, kind, count).astype(kind[1:])

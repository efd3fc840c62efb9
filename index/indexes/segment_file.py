"""The file of a segment of codes, which is not changed once it is written, and may be searched where it lies.

After a header and the centroids of its quantizer come, from a whole page on, the codes and row numbers as FAISS has
them in memory, then ids and digests. The file's name ends with a digest of all of it.
"""

from __future__ import annotations

import logging
import os
import struct
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.indexes.code_segment import CodeSegment, Quantizer
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

CAN_MAP: Final = os.name == "posix"
"""Whether FAISS can map files; where it cannot, segments are read into memory."""

_KIND: Final = b"vbtmseg1"
_HEADER: Final = struct.Struct("<8sQQQQQ")  # kind, the shape of the centroids, rows, rows that they were trained for
_PAGE: Final = 4096
_DIGEST_BYTES: Final = 16
_HASHED_AT_ONCE: Final = 1 << 22

_log = logging.getLogger(__name__)


class SegmentContent(NamedTuple):
    """What `write_segment` writes: the codes, ids and digests of a segment, without those of removed rows."""

    quantizer: Quantizer
    blocks: np.ndarray
    held: Fingerprints


def name_of(content: SegmentContent) -> str:
    """Return what the end of the file's name must be, by which files are not mistaken for each other: a digest."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for part in _parts(content):
        digest.update(part)
    return digest.hexdigest()


def write_segment(stream: BinaryIO, content: SegmentContent) -> None:
    """Write a segment."""
    stream.writelines(_parts(content))


def _parts(content: SegmentContent) -> Iterator[bytes | memoryview]:
    centroids, count = content.quantizer.centroids, len(content.held.ids)
    start = _HEADER.pack(_KIND, *centroids.shape, count, content.quantizer.trained_for)
    start += centroids.astype("<f4").tobytes()
    yield start + bytes(-len(start) % _PAGE)
    yield np.ascontiguousarray(content.blocks).data.cast("B")
    yield np.arange(count, dtype="<i8").tobytes()
    yield content.held.ids.astype("<i8").tobytes()
    yield content.held.digests.astype("<u8").tobytes()


def read_segment(path: Path, dimension: int, alive: np.ndarray, capacity: int, *, may_map: bool) -> CodeSegment:
    """Return the segment in a file, in which the rows are in use that (n,) bools `alive` say.

    With `may_map` it is searched where it lies in the file, if the system can. Raises ValueError if the file is not as
    it was written, and OSError.
    """
    with path.open("rb") as stream:
        header = stream.read(_HEADER.size)
        data: np.ndarray = (
            np.asarray(np.memmap(stream, np.uint8, "r")) if len(header) == _HEADER.size else np.empty(0, np.uint8)
        )
    if not header.startswith(_KIND) or len(data) < _HEADER.size:
        raise ValueError(f"{path.name} is in another format")
    _, parts, codes, size, count, trained_for = _HEADER.unpack(header)
    if parts * size != dimension or count != len(alive):
        raise ValueError(f"{path.name} is of another index")
    _check(data, path)
    centroids = data[_HEADER.size : _HEADER.size + 4 * dimension * codes].view("<f4").reshape(parts, codes, size)
    segment = CodeSegment(Quantizer(np.array(centroids, np.float32), trained_for), capacity)
    start = -(-(_HEADER.size + centroids.nbytes) // _PAGE) * _PAGE
    after = start + -(-count // segment.block_rows) * segment.block_bytes + 8 * count
    if len(data) != after + 16 * count:
        raise ValueError(f"{path.name} is truncated")
    ids, digests = (data[at : at + 8 * count].view(kind) for at, kind in ((after, "<i8"), (after + 8 * count, "<u8")))
    held = Fingerprints(ids, digests)
    if not (may_map and _map(segment, path, start, held, alive)):
        blocks = data[start : after - 8 * count].reshape(-1, segment.block_bytes)
        segment.load(Fingerprints(ids.copy(), digests.copy()), blocks, alive)
    return segment


def _map(segment: CodeSegment, path: Path, start: int, held: Fingerprints, alive: np.ndarray) -> bool:
    """Let an empty segment read its codes from a file, if the system can; return whether it does."""
    if not CAN_MAP:
        return False
    try:
        segment.map(path, start, held, alive)
    except (RuntimeError, UnicodeError) as error:  # such as too many maps, or a name that FAISS cannot open
        _log.warning("%s is read into memory, since it cannot be mapped: %s", path.name, error)
        return False
    return True


def _check(data: np.ndarray, path: Path) -> None:
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for at in range(0, len(data), _HASHED_AT_ONCE):
        digest.update(data[at : at + _HASHED_AT_ONCE].data)
    if not path.name.endswith(f".{digest.hexdigest()}"):
        raise ValueError(f"{path.name} is not what was written")

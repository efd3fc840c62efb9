"""Saves a dense index, and opens it again: one file, and others for its segments, which are written only once.

The one file names the others. It is replaced when they are there, so that a crash leaves the old index or the new one.
"""

from __future__ import annotations

import logging
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

from index.durable_files import delete_abandoned, write_durably
from index.indexes import vector_file
from index.indexes.code_segment import CodeSegment
from index.indexes.exact_rows import ExactRows
from index.indexes.segment_file import SegmentContent, name_of, read_segment, write_segment
from index.indexes.vector_file import Saved, SavedSegment
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.indexes.position import CatalogPosition
    from index.indexes.segments import Segments

_NAME: Final = re.compile(r"[0-9a-f]{32}")
_ABANDONED_SECONDS: Final = 86_400.0  # files of segments that are named nowhere for longer are deleted

_log = logging.getLogger(__name__)


class _Part(NamedTuple):
    """A segment as it was: its file if it is written, the rows in use, and copies of rows that may change."""

    segment: CodeSegment
    file: str | None
    alive: np.ndarray
    copied: SegmentContent | None

    @classmethod
    def of(cls, segment: CodeSegment) -> Self:
        file, alive = segment.file if segment.is_written else None, segment.alive.copy()
        copied = SegmentContent(segment.quantizer, *segment.erased(alive)) if segment.room else None
        return cls(segment, file, alive, copied)

    def content(self) -> SegmentContent:
        return self.copied or SegmentContent(self.segment.quantizer, *self.segment.erased(self.alive))


class Snapshot(NamedTuple):
    """The state of an index, which does not follow its changes, so that another thread can write it."""

    position: CatalogPosition | None
    changes: int
    capacity: int
    held: Fingerprints
    vectors: np.ndarray
    parts: Sequence[_Part]

    @classmethod
    def take(cls, position: CatalogPosition | None, changes: int, exact: ExactRows, segments: Segments) -> Self:
        """Copy what may change: all but the codes of full segments."""
        held = Fingerprints(*(part.copy() for part in exact.held()))
        parts = list(map(_Part.of, segments.all))
        return cls(position, changes, segments.capacity, held, exact.matrix().copy(), parts)

    def write(self, path: Path) -> Written:
        """Write the segments that have no file, then the file that names them all. Raises OSError."""
        files = [_write_part(part, path) for part in self.parts]
        before = vector_file.segment_names(path)
        named = [SavedSegment(name, part.alive) for name, part in zip(files, self.parts, strict=True)]
        saved = Saved(self.position, named, self.held, self.vectors)
        write_durably(path, lambda stream: vector_file.write(stream, saved))
        for name in before.difference(files):
            _delete(_segment_path(path, name))
        mapped = [self._map(part, name, path) for name, part in zip(files, self.parts, strict=True)]
        return Written(self.position, self.changes, list(zip(self.parts, files, mapped, strict=True)))

    def _map(self, part: _Part, file: str, path: Path) -> CodeSegment | None:
        """Return a full segment as it is in a file, unless it is read from there: so it takes no memory."""
        if part.segment.room or part.file is not None:
            return None
        try:
            path = _segment_path(path, file)
            return read_segment(path, self.vectors.shape[1], part.alive, self.capacity, may_map=True)
        except FileNotFoundError:  # another process has replaced the index
            return None
        except (OSError, ValueError) as error:
            _log.warning("The file of a dense index cannot be read: %s", error)
            return None


class Written(NamedTuple):
    """What has been written, with the file of each segment, and what is to be used instead of some."""

    position: CatalogPosition | None
    changes: int
    parts: Sequence[tuple[_Part, str, CodeSegment | None]]

    def replace_in(self, segments: Segments) -> None:
        """Note the files in segments that have not changed, and use those that are mapped."""
        for part, file, mapped in self.parts:
            one = part.segment
            if len(one.column) != len(part.alive) or not any(one is other for other in segments.all):
                continue  # it was appended to, or is no longer used
            if mapped is None:
                one.file = file if np.array_equal(one.alive, part.alive) or one.is_mapped else None
            else:
                mapped.file = file
                mapped.drop(np.flatnonzero(~one.alive))
                segments.all[next(at for at, other in enumerate(segments.all) if other is one)] = mapped


def load(path: Path, dimension: int, capacity: int) -> tuple[ExactRows, Sequence[CodeSegment], CatalogPosition | None]:
    """Return the vectors, segments and position in the file at a path, as far as they are as they were written.

    The position is None if anything is missing. Files of other indexes, and damaged ones, are deleted.
    """
    delete_abandoned(path.parent)
    exact, segments, position, names = ExactRows(dimension), list[CodeSegment](), None, set[str]()
    try:
        saved = vector_file.read(path, dimension)
        if saved is not None:
            exact, position = ExactRows.of(saved.held, saved.vectors), saved.position
            names = {segment.name for segment in saved.segments}
            segments = list(_load_segments(path, saved.segments, dimension, capacity))
            position = position if len(segments) == len(saved.segments) else None
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        _log.warning("%s is filled again: %s", path.name, error)
        _delete(path)
    _delete_stale(path, names)
    return exact, segments, position


def _load_segments(path: Path, saved: Sequence[SavedSegment], dimension: int, capacity: int) -> Iterator[CodeSegment]:
    for number, one in enumerate(saved, 1):
        file = _segment_path(path, one.name)
        is_appended_to = number == len(saved) and len(one.alive) < capacity
        try:
            segment = read_segment(file, dimension, one.alive, capacity, may_map=not is_appended_to)
        except (OSError, ValueError) as error:
            _log.warning("A part of %s is filled again: %s", path.name, error)
            _delete(file)
        else:
            segment.file = one.name
            yield segment


def _write_part(part: _Part, path: Path) -> str:
    """Write a segment if it has no file, and return the end of the file's name."""
    if part.file is not None and _segment_path(path, part.file).exists():  # another process may have replaced it
        return part.file
    content = part.content()
    name = name_of(content)
    write_durably(_segment_path(path, name), lambda stream: write_segment(stream, content))
    return name


def _segment_path(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}.{name}")


def _delete_stale(path: Path, names: set[str]) -> None:
    """Delete the files of other indexes, and those of segments that a process which was killed did not name."""
    for other in path.parent.glob("vectors-*.faiss*"):
        name = other.name.removeprefix(f"{path.name}.")
        with suppress(OSError):
            if not other.name.startswith(path.name) or (
                _NAME.fullmatch(name) and name not in names and time.time() - other.stat().st_mtime > _ABANDONED_SECONDS
            ):
                other.unlink()


def _delete(path: Path) -> None:
    with suppress(OSError):  # in a folder that cannot be written
        path.unlink()

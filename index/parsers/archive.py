"""Unpack ZIP and tar archives in memory, within limits. Nothing is written to disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from index.messages import archives
from index.models import UserError
from index.parsers.file_types import kind_from_name
from index.text.file_names import safe_member_name

MAX_MEMBERS: Final = 10_000  # files in one archive, including those of nested archives
MAX_UNPACKED: Final = 200_000_000  # bytes of all files together
MAX_MEMBER: Final = 50_000_000  # bytes of one file
MAX_DEPTH: Final = 2  # levels of nested archives
MAX_RATIO: Final = 200  # unpacked bytes for each packed byte; text reaches 20
_ALWAYS_ALLOWED: Final = 1_000_000  # bytes that every archive may unpack to, whatever the ratio
_BROKEN: Final = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its bytes, or why it cannot be read. Its name is a relative path with forward slashes."""

    name: str
    data: bytes = b""
    reason: str = ""


class TooLargeError(UserError):
    """The archive as a whole exceeds a limit."""


class Unpacker:
    """Unpacks one archive of `size` bytes. `skipped` is the number of files of unsupported types so far."""

    def __init__(self, size: int) -> None:
        self.skipped = 0
        self._members = 0
        self._left = min(MAX_UNPACKED, max(_ALWAYS_ALLOWED, size * MAX_RATIO))

    def members(self, data: bytes, depth: int = 1) -> Iterator[Member]:
        """Yield the files that may be articles, in order. A damaged member has a reason, and the others follow.

        Raises `UserError` if the data is not an archive, and `TooLargeError` if it exceeds a limit.
        """
        if data.startswith((b"PK\3\4", b"PK\5\6")):
            yield from self._nested(self._zip_members(data), depth)
        elif (stream := _tar_stream(data)) is not None:
            yield from self._nested(self._tar_members(stream), depth)
        else:
            raise UserError(archives.ARCHIVE_DAMAGED)

    def count_bytes(self, size: int) -> None:
        """Count unpacked bytes. Raises `TooLargeError` if they exceed the limit."""
        self._left -= size
        if self._left < 0:
            raise TooLargeError(archives.ARCHIVE_TOO_LARGE)

    def _nested(self, members: Iterator[Member], depth: int) -> Iterator[Member]:
        """Yield members, replacing nested archives with their members."""
        for member in members:
            if member.reason or kind_from_name(member.name) != "archive":
                yield member
            elif depth >= MAX_DEPTH:
                yield Member(member.name, reason=archives.ARCHIVE_TOO_DEEP.format(depth=MAX_DEPTH))
            else:
                try:
                    for inner in self.members(member.data, depth + 1):
                        yield Member(f"{member.name}/{inner.name}", inner.data, inner.reason)
                except TooLargeError:
                    raise
                except UserError as error:
                    yield Member(member.name, reason=error.sentence)

    def _accept(self, path: str) -> str | None:
        """Return the safe name of a member, or None if it is hidden or of an unsupported type."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise TooLargeError(archives.ARCHIVE_TOO_MANY_FILES, limit=MAX_MEMBERS)
        name = safe_member_name(path)
        if name is None:
            return None
        if kind_from_name(name) is None:
            self.skipped += 1
            return None
        return name

    def _zip_members(self, data: bytes) -> Iterator[Member]:
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except (*_BROKEN, NotImplementedError):
            raise UserError(archives.ZIP_DAMAGED) from None
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if info.is_dir() or (name := self._accept(info.filename)) is None:
                continue
            if info.flag_bits & 1:
                yield Member(name, reason=archives.MEMBER_PROTECTED.format())
            elif info.file_size > MAX_MEMBER:
                yield Member(name, reason=_too_large())
            else:
                yield self._read(name, info, archive)

    def _read(self, name: str, info: zipfile.ZipInfo, archive: zipfile.ZipFile) -> Member:
        try:
            with archive.open(info) as stream:
                return Member(name, self._read_all(cast("BinaryIO", stream)))
        except (*_BROKEN, NotImplementedError, RuntimeError):
            return Member(name, reason=archives.MEMBER_DAMAGED.format())

    def _read_all(self, stream: BinaryIO) -> bytes:
        """Return all bytes of a stream, counting them."""
        parts = []
        while part := stream.read(1 << 16):
            self.count_bytes(len(part))
            parts.append(part)
        return b"".join(parts)

    def _tar_members(self, stream: BinaryIO) -> Iterator[Member]:
        """Yield the files of a tar archive. If it is truncated or damaged, a last member without a name says so."""
        counting = cast("BinaryIO", io.BufferedReader(_CountingStream(stream, self), 1 << 16))
        count = 0
        try:
            with tarfile.open(fileobj=counting, mode="r|") as archive:
                for info in archive:
                    count += 1
                    if not info.isreg() or (name := self._accept(info.name)) is None:
                        continue
                    if info.size > MAX_MEMBER:
                        yield Member(name, reason=_too_large())
                        continue
                    file = archive.extractfile(info)
                    yield Member(name, file.read() if file else b"")
        except _BROKEN:
            if not count:
                raise UserError(archives.ARCHIVE_DAMAGED) from None
            yield Member("", reason=archives.ARCHIVE_CUT_OFF.format())


class _CountingStream(io.RawIOBase):
    """A stream that counts every byte read towards the limit of an unpacker."""

    def __init__(self, stream: BinaryIO, unpacker: Unpacker) -> None:
        self._stream = stream
        self._unpacker = unpacker

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        part = self._stream.read(len(view))
        self._unpacker.count_bytes(len(part))
        view[: len(part)] = part
        return len(part)


def _tar_stream(data: bytes) -> BinaryIO | None:
    """Return a stream of the tar archive in a file, decompressed while reading, or None if it is not a tar archive."""
    packed = io.BytesIO(data)
    if data.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.GzipFile(fileobj=packed))
    if data.startswith(b"BZh"):
        return cast("BinaryIO", bz2.BZ2File(packed))
    if data.startswith(b"\xfd7zXZ"):
        return cast("BinaryIO", lzma.LZMAFile(packed))
    return packed if data[257:262] == b"ustar" else None


def _too_large() -> str:
    return archives.MEMBER_TOO_LARGE.format(limit=MAX_MEMBER // 1_000_000)

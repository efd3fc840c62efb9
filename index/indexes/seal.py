"""A checksum beside a file, by which damage is noticed that the file's own format does not show."""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b, file_digest
from typing import TYPE_CHECKING

from index.durable_files import write_durably

if TYPE_CHECKING:
    from pathlib import Path


class Seal:
    """The checksum of a file as it was when it was last closed, in a second file next to it.

    If it matches, no byte has changed since. If it does not, the file is damaged, or was written by a process that did
    not close it, and has to be verified by other means.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seal = path.with_name(f"{path.name}.checksum")

    def matches(self) -> bool:
        """Whether the file is, byte for byte, as it was when it was sealed."""
        try:
            return self._seal.read_bytes() == self._checksum()
        except OSError:
            return False

    def write(self) -> None:
        """Record the checksum of the file as it is now. Raises OSError."""
        try:
            checksum = self._checksum()
            write_durably(self._seal, lambda stream: stream.write(checksum))
        except FileNotFoundError:  # the library was deleted in the meantime
            with suppress(OSError):
                self._seal.unlink()

    def _checksum(self) -> bytes:
        with self._path.open("rb") as stream:
            return file_digest(stream, lambda: blake2b(digest_size=16)).digest()

"""Files that survive a crash: written beside the old one, flushed to the disk, and only then put in its place."""

from __future__ import annotations

import errno
import os
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

UNFINISHED: Final = ".unfinished"
"""Suffix of files that are being written."""

_CREATE: Final = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_ABANDONED_SECONDS: Final = 86_400.0  # a file that is unfinished for longer belongs to a process that was killed
_NO_FOLDER_SYNC: Final = frozenset(
    {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}
)  # some network file systems


def write_durably(path: Path, write: Callable[[BinaryIO], object], *, private: bool = False) -> None:
    """Create or replace a file with what `write` writes; afterwards it survives a power cut.

    With `private` only its owner may read it.

    The order is: write a new file with a unique name, fsync it, rename it, fsync the folder. If an error is raised
    (OSError, or what `write` raises), the old file is unchanged and the new one is deleted.
    """
    unfinished = path.with_name(f".{os.getpid()}-{secrets.token_hex(8)}{UNFINISHED}")
    try:
        descriptor = os.open(unfinished, _CREATE, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, path)  # noqa: PTH105 - tests record the order of the calls to `os`
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Create a folder, with those above it, for its owner alone, so that the new entries survive a power cut."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
        sync_folder(one.parent)


def sync_file(path: Path) -> None:
    """Flush a file, which another library may have written, to the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, where the system can: Windows opens no folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


def delete_abandoned(folder: Path) -> None:
    """Delete the unfinished files, and logs of copies, of processes that were killed; those of others are younger."""
    for path in folder.glob(f".*{UNFINISHED}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()

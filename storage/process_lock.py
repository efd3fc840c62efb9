"""One bot per data folder: a lock that the system releases when the process ends, however it ends."""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from index.durable_files import make_folder, write_durably
from index.models import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK: Final = "bot.lock"
_HOLDER: Final = "bot.lock.json"  # who holds it: Windows lets nobody read a locked file


@contextmanager
def sole_process(data_dir: Path) -> Iterator[None]:
    """Hold the lock of a data folder, which is created if necessary.

    Raises UserError that names the other process if one holds it. A lock file that was left behind is harmless: it is
    the system's lock on the file that counts, not the file.
    """
    make_folder(data_dir)
    lock = FileLock(data_dir / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(
            f"Another bot is running with the data folder {data_dir}: {_holder(data_dir)}. Stop it first, or set "
            "DATA_DIR to another folder."
        ) from None
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        holder = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": now})
        write_durably(data_dir / _HOLDER, lambda stream: stream.write(holder.encode()))
        yield
    finally:
        lock.release()


def running_process(data_dir: Path) -> str | None:
    """Return which process holds the lock of a data folder, in words, None if none does. Changes nothing there."""
    path = data_dir / _LOCK
    if not path.exists():
        return None
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _holder(data_dir)
    except OSError:  # of another user: it cannot be opened
        return None
    lock.release()
    return None


def _holder(data_dir: Path) -> str:
    try:
        found = json.loads((data_dir / _HOLDER).read_bytes())
        return f"process {int(found['pid'])} on {found['host']}, since {found['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has just started"

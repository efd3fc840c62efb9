"""What is measured of a process from outside, or from inside by the system: memory, cold files, start to answer."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_MEGABYTE = 1024  # kilobytes


class Memory(NamedTuple):
    """Megabytes of this process: `anonymous` memory, and pages of files `mapped` beside it."""

    anonymous: float
    mapped: float

    def beyond(self, other: Memory) -> Memory:
        """Return what is used beyond another reading."""
        return Memory(self.anonymous - other.anonymous, self.mapped - other.mapped)


def memory() -> Memory:
    """Return the memory of this process, of Linux's smaps_rollup."""
    found = {}
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, value = line.split(":")
        found[name] = float(value.split()[0]) / _MEGABYTE
    return Memory(found["Anonymous"], found["Rss"] - found["Anonymous"])


def evict(folder: Path) -> None:
    """Make the system forget the pages of a folder's files, so that they are read from the disk again."""
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)


class Run(NamedTuple):
    """What a run of the program came to: `seconds` that passed, and `processor` those of the processor.

    The status is -1, and the seconds are infinite, if it took longer than it was given.
    """

    status: int
    output: str
    seconds: float
    processor: float


def run(folder: Path, *arguments: str, limit: float = 900.0) -> Run:
    """Run `bot.py` on a data folder, for at most `limit` seconds."""
    command = [sys.executable, str(ROOT / "bot.py"), *arguments, "--data-dir", str(folder)]
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False, cwd=ROOT)  # noqa: S603 - fixed
    except subprocess.TimeoutExpired:
        return Run(-1, "", float("inf"), float("inf"))
    passed, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(done.returncode, done.stdout + done.stderr, passed, processor)


def start_to_answer(folder: Path, question: str) -> Run:
    """Run the program from its start to the end of its first answer. Raises ValueError if it fails."""
    done = run(folder, "ask", "--json", question)
    if done.status:
        raise ValueError(f"bot.py ask failed: {done.output}")
    return done

"""Run the parsers in a separate process, so that a crash or hang is an error of that file alone."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any, Final

from index.models import Draft, NoArticleError, Section, UserError
from index.parsers.archive import Member

TIMEOUT: Final = 60.0  # seconds per file; a book takes a few
IDLE: Final = 60.0  # seconds without a request after which the process is ended to free its memory
_ROOT: Final = Path(__file__).resolve().parents[2]


class Sandbox:
    """The parser process: started on demand, ended when idle or hanging. Thread-safe; one request at a time.

    `timeout` is the limit for one file and `idle` the time until an idle process is ended, in seconds.
    """

    def __init__(self, timeout: float = TIMEOUT, idle: float = IDLE) -> None:
        self._timeout = timeout
        self._idle = idle
        self._closing: Timer | None = None
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def links(self, data: bytes, address: str, charset: str | None) -> list[str]:
        """Return the addresses that a web page links to, in order. Raises `UserError` as `draft` does."""
        links: list[str] = self._answer(data, {"kind": "links", "address": address, "charset": charset})["links"]
        return links

    def listing(self, data: bytes, address: str) -> tuple[list[str], list[str]]:
        """Return the pages and the sitemaps that a sitemap or feed lists. Raises `UserError` as `draft` does."""
        answer = self._answer(data, {"kind": "listing", "address": address, "charset": None})
        return answer["pages"], answer["maps"]

    def draft(self, data: bytes, **request: str | None) -> Draft:
        """Parse a file and return its draft.

        `request` has the keys `kind`, `address` and `charset`, and the arguments `key`, `source` and `title` of
        `to_draft`. Raises `UserError` if the file cannot be read, or its parser crashes or takes too long.
        """
        values = self._answer(data, request)["draft"]
        sections = tuple(Section(**section) for section in values.pop("sections"))
        places = {name: tuple(values[name]) for name in ("pages", "times", "missing_pages")}
        return Draft(**values | places | {"sections": sections})

    def members(self, data: bytes) -> tuple[list[Member], int]:
        """Return the readable files of an archive, and the number of others. Raises `UserError` as `draft` does."""
        answer = self._answer(data, {"kind": "archive"})
        return [Member(*row) for row in answer["members"]], answer["skipped"]

    def _answer(self, data: bytes, request: dict[str, str | None]) -> dict[str, Any]:
        with self._lock:
            if self._closing:
                self._closing.cancel()
            answer = self._ask(data, request)
            self._closing = Timer(self._idle, self.close)
            self._closing.daemon = True  # do not keep the program alive
            self._closing.start()
        if "refused" in answer:
            raise (NoArticleError if answer.get("no_article") else UserError)(str(answer["refused"]))
        return answer

    def _ask(self, data: bytes, request: dict[str, str | None]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        expired: list[bool] = []

        def expire() -> None:
            expired.append(True)
            process.kill()

        timer = Timer(self._timeout, expire)
        timer.start()
        try:
            process.stdin.write(json.dumps(request | {"size": len(data)}).encode() + b"\n" + data)
            process.stdin.flush()
            line = process.stdout.readline()
            answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
            if answer and "members" in answer and not _complete(answer["members"], process.stdout):
                answer = None
        except OSError:
            answer = None
        finally:
            timer.cancel()
        if answer is not None:
            return answer
        self._end()
        if expired:
            raise UserError(
                f"Reading the file took longer than {self._timeout:.0f} seconds; split it, or add its text."
            )
        raise UserError("The file crashes its parser; open it and save it again, or add its text as a .txt file.")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            command = [sys.executable, "-m", "index.parsers.worker_process"]
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(  # noqa: S603 - the running interpreter and a module of this package
                command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=_ROOT
            )
            atexit.register(self.close)
        return self._process

    def close(self) -> None:
        """End the process if it is running."""
        with self._lock:
            if self._closing:
                self._closing.cancel()
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        atexit.unregister(self.close)
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):  # closing flushes to a process that is gone
                    stream.close()


def _complete(members: list[list[Any]], stream: IO[bytes]) -> bool:
    """Replace the size in each member row by the bytes, which follow the answer; return whether all were received."""
    for row in members:
        size, row[1] = row[1], stream.read(row[1])
        if len(row[1]) != size:
            return False
    return True

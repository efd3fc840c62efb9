"""Run the parsers in a separate process without rights, so that a crash or hang is an error of that file alone."""

from __future__ import annotations

import atexit
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any, Final, Self

from index.messages.files import PARSER_CRASHED, PARSER_MISSING, READING_TOO_SLOW
from index.messages.sentence import from_json
from index.models import Draft, Link, NoArticleError, Section, UserError
from index.parsers.archive import Member
from index.parsers.file_types import Kind

TIMEOUT: Final = 60.0  # seconds per file; a book takes a few
IDLE: Final = 300.0  # seconds without a request after which the process is ended to free its memory
_CLOSE_SECONDS: Final = 0.2  # for a file that is being read when the process is to end
_ROOT: Final = Path(__file__).resolve().parents[2]
_INHERITED: Final = ("SYSTEMROOT", "LD_LIBRARY_PATH")  # without these, some systems find no libraries
_LOG: Final = logging.getLogger(__name__)

Request = Mapping[str, str | bool | None]


@dataclass(frozen=True, slots=True)
class SandboxUsage:
    """The parser processes that run, and how many were started, exceeded the time for a file, or crashed."""

    running: int = 0
    started: int = 0
    timed_out: int = 0
    crashed: int = 0


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
        self._owner = 0  # the process that started the parser process: after a fork, the child starts its own
        self._missing: dict[str, str] | None = None
        self._started = self._timed_out = self._crashed = 0

    def usage(self) -> SandboxUsage:
        """Return what the parser process has done since the start of the program."""
        running = self._process is not None and self._owner == os.getpid()
        return SandboxUsage(int(running), self._started, self._timed_out, self._crashed)

    def missing_protections(self) -> dict[str, str]:
        """Return what the parser process can do although no parser needs it, each with the reason.

        Each key is a step of `confine` that this system does not offer. Raises `UserError` if the process does not
        start.
        """
        with self._lock:
            if self._missing is None or self._process is None:
                self._start()
            return dict(self._missing or {})

    def links(self, data: bytes, address: str, charset: str | None) -> list[str]:
        """Return the addresses that a web page links to, in order. Raises `UserError` as `draft` does."""
        links: list[str] = self.answer(data, {"kind": "links", "address": address, "charset": charset})["links"]
        return links

    def listing(self, data: bytes, address: str) -> tuple[list[str], list[str]]:
        """Return the pages and the sitemaps that a sitemap or feed lists. Raises `UserError` as `draft` does."""
        answer = self.answer(data, {"kind": "listing", "address": address, "charset": None})
        return answer["pages"], answer["maps"]

    def draft(self, data: bytes, **request: str | None) -> Draft:
        """Parse a file and return its draft.

        `request` has the keys `kind`, `address` and `charset`, and the arguments `key`, `source` and `title` of
        `to_draft`. Raises `UserError` if the file cannot be read, or its parser crashes or takes too long.
        """
        return self._draft(data, request)

    def text(self, text: str, *, key: str, source: str, markdown: bool, title: str | None) -> Draft:
        """Parse a text that is not a file, as `text_draft` does. Raises `UserError` as `draft` does."""
        about: Request = {"kind": "typed", "key": key, "source": source, "markdown": markdown, "title": title}
        return self._draft(text.encode("utf-8", "surrogatepass"), about)

    def chat(
        self, messages: Sequence[tuple[str, str]], *, key: str, source: str, title: str, published: str | None
    ) -> Draft:
        """Parse chat messages (author and text), as `chat_draft` does. Raises `UserError` as `draft` does."""
        about = {"kind": "chat", "key": key, "source": source, "title": title, "published": published}
        return self._draft(json.dumps(messages).encode(), about)

    def kind(self, data: bytes) -> Kind:
        """Return the kind of a text without a suffix. Raises `UserError` as `draft` does, and if it is not text."""
        kind: Kind = self.answer(data, {"kind": "unknown"})["kind"]
        return kind

    def _draft(self, data: bytes, request: Request) -> Draft:
        values = self.answer(data, request)["draft"]
        sections = tuple(Section(**section) for section in values.pop("sections"))
        places = {name: tuple(values[name]) for name in ("pages", "times", "missing_pages")}
        links = values.pop("links")
        found = None if links is None else tuple(Link(*link) for link in links)
        return Draft(**values | places | {"sections": sections, "links": found, "tags": tuple(values["tags"])})

    def members(self, data: bytes) -> tuple[list[Member], int]:
        """Return the readable files of an archive, and the number of others. Raises `UserError` as `draft` does."""
        answer = self.answer(data, {"kind": "archive"})
        return [Member(name, data, from_json(reason)) for name, data, reason in answer["members"]], answer["skipped"]

    def answer(self, data: bytes, request: Request) -> dict[str, Any]:
        """Return the answer of the process to a request. Raises `UserError` as `draft` does."""
        with self._lock:
            if self._closing:
                self._closing.cancel()
            answer = self._ask(data, request)
            self._closing = Timer(self._idle, self._end_idle)
            self._closing.daemon = True  # do not keep the program alive
            self._closing.start()
        if "refused" in answer:
            raise (NoArticleError if answer.get("no_article") else UserError)(from_json(answer["refused"]))
        return answer

    def _ask(self, data: bytes, request: Request) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        with _Limit(process, self._timeout) as limit:
            try:
                process.stdin.write(json.dumps({**request, "size": len(data)}).encode() + b"\n" + data)
                process.stdin.flush()
                answer = _read_answer(process.stdout)
                if answer and "members" in answer and not _complete(answer["members"], process.stdout):
                    answer = None
            except OSError:
                answer = None
        if answer is not None:
            return answer
        self._end()
        if limit.is_exceeded:
            self._timed_out += 1
            raise UserError(READING_TOO_SLOW, seconds=self._timeout)
        self._crashed += 1
        raise UserError(PARSER_CRASHED)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._start()
        assert self._process is not None
        return self._process

    def _start(self) -> None:
        """Start the parser process. Raises `UserError` if it does not answer."""
        self._end()
        command = [sys.executable, "-m", "index.parsers.worker_process"]
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        pipe = subprocess.PIPE
        process = subprocess.Popen(  # noqa: S603 - the running interpreter and a module of this package
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=_ROOT, env=environment
        )
        self._process, self._owner = process, os.getpid()
        self._started += 1
        atexit.register(self.close)
        assert process.stdout is not None
        with _Limit(process, self._timeout):
            steps = _read_answer(process.stdout)
        if steps is None:
            self._end()
            raise UserError(PARSER_MISSING)
        first, self._missing = self._missing is None, {name: reason for name, reason in steps.items() if reason}
        if first and self._missing:
            _LOG.warning("The process that reads files has rights that it does not need: %s", self._missing)

    def close(self) -> None:
        """End the process if it is running, also while it reads a file."""
        if not self._lock.acquire(timeout=_CLOSE_SECONDS):
            process = self._process
            if process is None or self._owner != os.getpid():
                return
            process.kill()  # the request fails, and gives the lock back
            self._lock.acquire()
        try:
            if self._closing:
                self._closing.cancel()
            self._end()
        finally:
            self._lock.release()

    def _end_idle(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        atexit.unregister(self.close)
        if process is None or self._owner != os.getpid():  # after a fork, the parent goes on using its process
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):  # closing flushes to a process that is gone
                    stream.close()


class _Limit:
    """Ends a process unless the block ends within `timeout` seconds."""

    def __init__(self, process: subprocess.Popen[bytes], timeout: float) -> None:
        self.is_exceeded = False
        self._process = process
        self._timer = Timer(timeout, self._end)
        self._timer.daemon = True  # do not keep the program alive

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.is_exceeded = True
        self._process.kill()


def _read_answer(stream: IO[bytes]) -> dict[str, Any] | None:
    """Return the next answer of the parser process, or None if the process has ended."""
    line = stream.readline()
    answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
    return answer


def _complete(members: list[list[Any]], stream: IO[bytes]) -> bool:
    """Replace the size in each member row by the bytes, which follow the answer; return whether all were received."""
    for row in members:
        size, row[1] = row[1], stream.read(row[1])
        if len(row[1]) != size:
            return False
    return True

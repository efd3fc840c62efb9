"""Several sandboxed parser processes with the interface of one."""

from __future__ import annotations

from dataclasses import fields
from queue import LifoQueue
from typing import Any, Final

from index.parsers.sandbox import IDLE, TIMEOUT, Request, Sandbox, SandboxUsage

PROCESSES: Final = 4  # that read files at the same time, at most


class SandboxPool(Sandbox):
    """Several parser processes with the interface of one, so that a slow file delays no other. Thread-safe.

    A process is started only when all others are reading; if `processes` are, a request waits for the first to end.
    """

    def __init__(self, processes: int = PROCESSES, timeout: float = TIMEOUT, idle: float = IDLE) -> None:
        super().__init__(timeout, idle)
        self._all = [Sandbox(timeout, idle) for _ in range(processes)]
        self._free: LifoQueue[Sandbox] = LifoQueue()  # the one that was used last is used first
        for sandbox in reversed(self._all):
            self._free.put(sandbox)

    def missing_protections(self) -> dict[str, str]:
        """Return what a parser process can do although no parser needs it, as `Sandbox` does."""
        return self._all[0].missing_protections()

    def usage(self) -> SandboxUsage:
        """Return what all parser processes have done since the start of the program."""
        each = [sandbox.usage() for sandbox in self._all]
        return SandboxUsage(*(sum(getattr(one, field.name) for one in each) for field in fields(SandboxUsage)))

    def close(self) -> None:
        """End the processes that are running."""
        for sandbox in self._all:
            sandbox.close()

    def answer(self, data: bytes, request: Request) -> dict[str, Any]:
        """Return the answer of a free process to a request. Raises `UserError` as `draft` does."""
        sandbox = self._free.get()
        try:
            return sandbox.answer(data, request)
        finally:
            self._free.put(sandbox)


SANDBOX: Final = SandboxPool()

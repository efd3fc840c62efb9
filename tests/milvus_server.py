"""A real Milvus Lite server for tests, started on a free loopback port in a folder of its own, and ended with them.

Milvus Lite speaks the protocol of Milvus but is no cluster: docs/scale.md says what differs. Without it such tests are
skipped. Scripts use `running_milvus()`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_PATIENCE = 120.0  # seconds for which a start or an end is waited for
_POLL = 0.1


class MilvusMissingError(Exception):
    """The package milvus-lite is not installed."""


@dataclass(slots=True)
class MilvusProcess:
    """A server. It can be killed, frozen, and started again with what it had, on the same port."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """The address, as the setting VECTOR_STORE has it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it accepts connections."""
        command = [sys.executable, "-m", "milvus_lite.cmdline", "server", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--data-dir", str(self.folder / "data")]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "log").read_text(errors="replace")) from None
                time.sleep(_POLL)
            else:
                return

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the server, such as SIGSTOP and SIGCONT."""
        assert self.process is not None
        self.process.send_signal(number)

    def flush(self) -> None:
        """Make it build its indexes, as it does by itself once there is more data."""
        from pymilvus import MilvusClient

        client = MilvusClient(uri=self.url)
        for name in client.list_collections():
            client.flush(name)
        client.close()

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(_PATIENCE)
            self.process = None


def require_milvus() -> None:
    """Raise MilvusMissingError unless Milvus Lite can be started."""
    for name in ("milvus_lite", "pymilvus"):
        if importlib.util.find_spec(name) is None:
            message = f"the package {name} is not installed"
            raise MilvusMissingError(message)


@contextmanager
def running_milvus() -> Iterator[MilvusProcess]:
    """Start a server with an empty folder, and end it at the end."""
    require_milvus()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="verbatim-milvus-"))
    server = MilvusProcess(folder, port)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def milvus_server() -> Iterator[MilvusProcess]:
    """Return the server of the test session. Tests that disturb it start one of their own."""
    try:
        require_milvus()
    except MilvusMissingError as error:
        pytest.skip(str(error))
    with running_milvus() as server:
        yield server

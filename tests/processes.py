"""The real program in a process of its own."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from settings import Settings
from tests.conftest import ROOT

_FIXED = {"HF_HUB_OFFLINE": "1", "METRICS_PORT": "0"}  # several bots run at the same time
_lock = threading.Lock()  # the server takes one request at a time


@dataclass(frozen=True, slots=True)
class Run:
    """What a process left behind."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment() -> dict[str, str]:
    """Return an environment in which neither the machine's settings nor a developer's .env count."""
    return os.environ | {name.upper(): "" for name in Settings.model_fields} | _FIXED


def bot(*arguments: str | Path, stdin: str = "", cwd: Path = ROOT, **settings: str) -> Run:
    """Run `bot.py` with arguments, input and settings."""
    given, told = stdin.encode("utf-8", "surrogatepass"), [*map(str, arguments)]
    if hasattr(os, "fork"):
        return _forked(told, given, cwd, environment() | settings)
    command = [sys.executable, str(ROOT / "bot.py"), *told]
    done = subprocess.run(
        command, input=given, capture_output=True, cwd=cwd, env=environment() | settings, timeout=300, check=False
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def _forked(arguments: list[str], stdin: bytes, cwd: Path, variables: dict[str, str]) -> Run:
    with tempfile.TemporaryDirectory() as folder, _lock:
        streams = {name: Path(folder) / name for name in ("stdin", "stdout", "stderr")}
        for path in streams.values():
            path.write_bytes(stdin if path.name == "stdin" else b"")
        request = {"arguments": arguments, "cwd": str(cwd), "environment": variables} | {
            name: str(path) for name, path in streams.items()
        }
        server = _server()
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return Run(status, streams["stdout"].read_bytes().decode(), streams["stderr"].read_bytes().decode())


@cache
def _server() -> subprocess.Popen[str]:
    """Start the server, which ends with this process."""
    command = [sys.executable, str(ROOT / "tests" / "fork_server.py")]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    server.communicate()

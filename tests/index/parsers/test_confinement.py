"""What the parser process can no longer do; where the system does not offer a step, the reason is reported."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from index.parsers import confinement
from index.parsers.sandbox import Sandbox

ATTEMPTS = """
import json, os, socket, subprocess, sys
from index.parsers.confinement import confine
import lxml.html

def outcome(attempt):
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"

missing = confine()
done = {
    "connect": outcome(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), 5)),
    "unix": outcome(lambda: socket.socket(socket.AF_UNIX)),
    "read": outcome(lambda: open(sys.argv[1]).read()),
    "list": outcome(lambda: os.listdir(os.path.dirname(sys.argv[1]))),
    "write": outcome(lambda: open(sys.argv[1] + ".new", "w").write("x")),
    "remove": outcome(lambda: os.unlink(sys.argv[1])),
    "run": outcome(lambda: subprocess.run([sys.executable, "-c", ""], check=True)),
    "signal": outcome(lambda: os.kill(os.getppid(), 0)),
    "own code": outcome(lambda: __import__("index.parsers.pdf")),
}
print(json.dumps([missing, done]))
"""


def test_a_confined_process_reaches_nothing(tmp_path: Path) -> None:
    """No network, no files but installed code, no programs and no signals, as far as the system offers the steps."""
    import socket

    secret = tmp_path / ".env"
    secret.write_text("DISCORD_TOKEN=secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-c", ATTEMPTS, str(secret), str(server.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    missing, outcomes = json.loads(done.stdout)
    denied = {name for name, outcome in outcomes.items() if outcome == "PermissionError"}
    expected = set()
    if not missing["files"]:
        expected |= {"read", "list", "write", "remove"}
    if not missing["network"]:
        expected |= {"connect", "unix", "run", "signal"}

    assert expected <= denied
    assert outcomes["own code"] == "done"
    assert secret.exists() or "remove" not in expected


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_report_what_they_do_not_offer(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside Linux nothing raises: each step that is left out has its reason."""

    def refuse() -> None:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(confinement, "limit_memory", refuse)
    steps = confinement.confine()
    assert {name for name, reason in steps.items() if reason} == {"memory limit", "files", "network"}
    assert steps["memory limit"] == "current limit exceeds maximum limit"


def test_missing_protections_are_logged_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The log names the steps that are not in force, the first time that the process starts."""
    monkeypatch.setattr("index.parsers.sandbox._read_answer", lambda _stream: {"files": "no Landlock", "network": ""})
    sandbox = Sandbox()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert sandbox.missing_protections() == {"files": "no Landlock"}
            sandbox.close()
    assert [record.getMessage().count("no Landlock") for record in caplog.records] == [1]

"""Promises of the lock of a data folder: one bot at a time, and a killed one leaves nothing to clean up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.models import UserError
from storage.process_lock import sole_process
from tests.conftest import ROOT, Run

HOLD = """
import sys
from pathlib import Path
from storage.process_lock import sole_process
with sole_process(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    """Return another process that holds the lock until it is killed."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    return other


def test_the_other_process_is_named_and_its_death_is_enough(tmp_path: Path) -> None:
    """A second bot is refused in a sentence with the first one's number; after SIGKILL the next one starts at once."""
    folder = tmp_path / "data"
    other = hold(folder)
    with pytest.raises(UserError, match=rf"process {other.pid} on .*, since .*DATA_DIR"), sole_process(folder):
        pass
    other.kill()
    other.communicate()

    with sole_process(folder):
        pass
    with sole_process(folder):
        pass


def test_what_was_left_behind_is_harmless(tmp_path: Path) -> None:
    """Files of an earlier process, even damaged ones, do not keep anybody out."""
    (tmp_path / "bot.lock").write_text("rest")
    (tmp_path / "bot.lock.json").write_bytes(b"\xff{")

    with (
        sole_process(tmp_path),
        pytest.raises(UserError, match="Another bot is running"),
        sole_process(tmp_path),
    ):
        pass


def test_the_bot_takes_the_lock(tmp_path: Path, command_line: Callable[..., Run]) -> None:
    """`python bot.py` with a token ends with one sentence and status 1, before models are loaded."""
    other = hold(tmp_path)
    done = command_line("--data-dir", tmp_path, DISCORD_TOKEN="a.b.c")
    other.kill()
    other.communicate()

    assert done.status == 1
    assert done.err.startswith("Another bot is running with the data folder")
    assert done.err.count("\n") == 1

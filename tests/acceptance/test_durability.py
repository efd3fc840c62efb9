"""Promises about power cuts, as far as the order of system calls shows them: see `tests.acceptance.durability`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.acceptance.durability import Findings, examine, run


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace; tests/index/test_durable_files.py needs none")
def test_nothing_is_reported_before_it_is_durable(tmp_path: Path) -> None:
    """Articles, titles, passages, exports, migrations and settings are flushed before the program says so."""
    found = run(tmp_path)

    assert found.early == []
    assert found.reports >= 9
    assert found.renames >= 8


def test_what_comes_too_early_is_found() -> None:
    """The test notices a report before the log is flushed, and a rename before the file is."""
    found = Findings()
    log = '1 pwrite64(5</data/catalog.db-wal>, "x", 1, 0) = 1\n1 write(1</pipe>, "Added: 1", 8) = 8\n'
    log += '1 write(5</data/.1-2.unfinished>, "x", 1) = 1\n1 rename("/data/.1-2.unfinished", "/data/all.jsonl") = 0\n'
    examine(log, Path("/data"), found)

    assert len(found.early) == 2

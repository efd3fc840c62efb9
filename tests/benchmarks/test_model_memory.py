"""Promises about the memory of the models."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's account of a process's memory")
def test_passages_of_many_lengths_take_no_memory_for_good() -> None:
    """Reading a hundred batches of different lengths leaves less than 150 MB; with the defaults of torch it is 300."""
    command = [sys.executable, "-m", "benchmarks.model_memory", "--batches", "100"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    loaded, after = (int(number) for number in re.findall(r"(\d+) MB", printed))
    assert after - loaded < 150

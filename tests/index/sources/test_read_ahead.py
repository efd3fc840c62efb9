"""Promises of reading ahead: results in order, bounded, and no job left behind."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from index.models import Draft
from index.sources import read_ahead
from index.sources.loader import Unchanged, drafts
from index.sources.read_ahead import results_ahead


def test_results_come_in_order() -> None:
    """A slow job holds up those after it."""

    def job(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0)
        return number

    assert list(results_ahead((1, lambda number=number: job(number)) for number in range(200))) == list(range(200))


def test_an_error_is_raised_in_its_place() -> None:
    """The results before it are there."""

    def fail() -> int:
        raise ValueError("no")

    results = results_ahead([(1, lambda: 1), (1, fail), (1, lambda: 3)])
    assert next(results) == 1
    with pytest.raises(ValueError, match="no"):
        next(results)


def test_jobs_hold_a_bounded_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more are begun before the first results are taken."""
    monkeypatch.setattr(read_ahead, "_MOST_BYTES", 10)
    begun = []

    def job(number: int) -> int:
        begun.append(number)
        return number

    results = results_ahead((4, lambda number=number: job(number)) for number in range(9))
    assert next(results) == 0
    assert len(begun) <= 3
    assert list(results) == list(range(1, 9))
    assert list(results_ahead([(99, lambda: 1), (99, lambda: 2)])) == [1, 2]


def test_threads_end_with_the_generator() -> None:
    """Also where it is not read to its end."""
    results = results_ahead((1, lambda: 1) for _ in range(500))
    next(results)
    assert any(thread.name == "verbatim-reading-ahead" for thread in threading.enumerate())
    results.close()
    for _ in range(200):
        if not any(thread.name == "verbatim-reading-ahead" for thread in threading.enumerate()):
            return
        time.sleep(0.05)
    pytest.fail("a thread is still there")


def test_versions_are_asked_for_in_the_callers_thread(tmp_path: Path) -> None:
    """A library, which belongs to one thread, may be asked; files with the known version are unchanged."""
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(f"Ferry {number} is red.")
    first = [item for item in drafts(str(tmp_path)) if isinstance(item, Draft)]
    known = {item.key: item.version for item in first[:4]}
    threads = set()

    def version(key: str) -> str | None:
        threads.add(threading.current_thread())
        return known.get(key)

    items = list(drafts(str(tmp_path), version))
    assert [type(item) for item in items] == [Unchanged] * 4 + [Draft]
    assert threads == {threading.main_thread()}

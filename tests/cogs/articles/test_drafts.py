"""Promises of the previews in memory: bounded in number and bytes, for each server, and for an hour."""

from __future__ import annotations

import time

import pytest

from cogs.articles.drafts import PendingStore

_LARGE = "x" * 100_000


def test_previews_are_bounded_in_bytes() -> None:
    """However large, previews take at most the bytes allowed; the newest are kept."""
    store: PendingStore[str] = PendingStore(max_bytes=1_000_000)

    keys = [store.put(f"{_LARGE}{number}", server_id=number) for number in range(50)]

    assert store.bytes <= 1_000_000
    assert store.get(keys[-1]) == f"{_LARGE}49"
    assert store.get(keys[0]) is None


def test_a_server_displaces_only_its_own_previews() -> None:
    """One server has a quarter at most, in number and in bytes, so that others keep theirs."""
    store: PendingStore[str] = PendingStore(max_items=8, max_bytes=1_000_000)
    other = store.put("kept", server_id=1)

    small = [store.put(f"text {number}", server_id=2) for number in range(20)]
    large = [store.put(f"{_LARGE}{number}", server_id=3) for number in range(20)]

    assert store.get(other) == "kept"
    assert sum(store.get(key) is not None for key in small) == 2
    assert sum(store.get(key) is not None for key in large) == 2


def test_what_a_value_refers_to_counts() -> None:
    """A size that is given counts in addition."""
    store: PendingStore[str] = PendingStore(max_bytes=1000)
    first = store.put("a", server_id=1, size=900)
    store.put("b", server_id=2, size=900)

    assert store.get(first) is None


def test_previews_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour a preview is dropped."""
    store: PendingStore[str] = PendingStore()
    key = store.put("a", server_id=1)
    assert store.get(key) == "a"

    later = time.perf_counter() + 3601
    monkeypatch.setattr(time, "perf_counter", lambda: later)

    assert store.get(key) is None
    assert store.bytes == 0


def test_a_replaced_value_keeps_its_id_and_a_dropped_one_stays_dropped() -> None:
    """`replace` changes known values only."""
    store: PendingStore[str] = PendingStore()
    key = store.put("a", server_id=1)
    store.replace(key, "b")
    assert store.get(key) == "b"

    store.discard(key)
    store.replace(key, "c")
    assert store.get(key) is None

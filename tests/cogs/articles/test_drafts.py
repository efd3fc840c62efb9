"""Promises of the previews in memory: bounded in number and bytes, for each server, for an hour, for their owner."""

from __future__ import annotations

import time

import pytest

from cogs.articles.drafts import Owner, PendingStore
from i18n import texts
from index.models import UserError

_LARGE = "x" * 100_000
_ALICE = Owner(server_id=1, member_id=7)


def test_previews_are_bounded_in_bytes() -> None:
    """However large, previews take at most the bytes allowed; the newest are kept."""
    store: PendingStore[str] = PendingStore(max_bytes=1_000_000)

    keys = [store.put(f"{_LARGE}{number}", Owner(number, 7)) for number in range(50)]

    assert store.bytes <= 1_000_000
    assert store.get(keys[-1], Owner(49, 7)) == f"{_LARGE}49"
    assert store.get(keys[0], Owner(0, 7)) is None


def test_a_server_displaces_only_its_own_previews() -> None:
    """One server has a quarter at most, in number and in bytes, so that others keep theirs."""
    store: PendingStore[str] = PendingStore(max_items=8, max_bytes=1_000_000)
    other = store.put("kept", _ALICE)

    small = [store.put(f"text {number}", Owner(2, number)) for number in range(20)]
    large = [store.put(f"{_LARGE}{number}", Owner(3, number)) for number in range(20)]

    assert store.get(other, _ALICE) == "kept"
    assert sum(key in store for key in small) == 2
    assert sum(key in store for key in large) == 2


def test_what_a_value_refers_to_counts() -> None:
    """A size that is given counts in addition."""
    store: PendingStore[str] = PendingStore(max_bytes=1000)
    first = store.put("a", _ALICE, size=900)
    store.put("b", Owner(2, 7), size=900)

    assert first not in store


def test_previews_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour a preview is dropped."""
    store: PendingStore[str] = PendingStore()
    key = store.put("a", _ALICE)
    assert store.get(key, _ALICE) == "a"

    later = time.perf_counter() + 3601
    monkeypatch.setattr(time, "perf_counter", lambda: later)

    assert store.get(key, _ALICE) is None
    assert store.bytes == 0


def test_a_replaced_value_keeps_its_id_and_a_dropped_one_stays_dropped() -> None:
    """`replace` changes known values only."""
    store: PendingStore[str] = PendingStore()
    key = store.put("a", _ALICE)
    store.replace(key, "b")
    assert store.get(key, _ALICE) == "b"

    store.discard(key)
    store.replace(key, "c")
    assert store.get(key, _ALICE) is None


def test_a_value_is_for_its_owner_only() -> None:
    """Another member, or the same one in another server, can neither read nor take it, even with its id."""
    store: PendingStore[str] = PendingStore()
    key = store.put("a", _ALICE)

    for other, sentence in (
        (Owner(1, 8), texts.PREVIEW_NOT_YOURS),
        (Owner(2, 7), texts.PREVIEW_FORGOTTEN),
    ):
        assert store.get(key, other) is None
        for use in (store.own, store.take):
            with pytest.raises(UserError, match=sentence):
                use(key, other)

    assert store.own(key, _ALICE) == store.take(key, _ALICE) == "a"
    assert key not in store

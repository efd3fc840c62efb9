"""When each shard was last connected, by whichever process."""

from __future__ import annotations

from collections.abc import Callable

from storage.database import Database


def test_each_shard_has_its_own_time(open_store: Callable[[], Database]) -> None:
    """A process that takes a shard over learns when that was connected; the others do not hide that it was away."""
    one, other = open_store().presence, open_store().presence
    assert other.last_connected(0, 2) is None

    one.set_last_connected(10.0, {0}, 2)
    other.set_last_connected(20.0, {1}, 2)
    other.set_last_connected(30.0, {1}, 2)

    assert (other.last_connected(0, 2), one.last_connected(1, 2)) == (10.0, 30.0)
    assert one.last_connected(0, 5) == 30.0  # another number of shards than before

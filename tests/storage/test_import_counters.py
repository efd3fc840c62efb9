"""Imports of a server are counted by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from index.incremental import finish
from storage import import_counters
from storage.database import Database


class Tomorrow(datetime):
    """A clock that is a day ahead."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        """Return the time in a day."""
        return datetime.now(UTC) + timedelta(days=1)


def test_a_server_is_counted_and_forgotten(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imported items are counted by server and day, and the counters deleted with the server."""
    counters = store.import_counters
    for guild_id in (7, 7, 7, 9):
        counters.count_read(guild_id)

    assert [counters.read_today(guild_id) for guild_id in (7, 8, 9)] == [3, 0, 1]
    finish(store.forget_server_in_steps(7))
    assert [counters.read_today(guild_id) for guild_id in (7, 9)] == [0, 1]
    monkeypatch.setattr(import_counters, "datetime", Tomorrow)
    assert counters.read_today(9) == 0

"""Server settings are changed in one transaction, and damaged ones are never taken for the defaults."""

from __future__ import annotations

import json
import threading

import pytest

from storage.database import Database
from storage.models import Mode, ServerSettings
from storage.schema import servers
from storage.server_settings import UnreadableSettingsError


def write(store: Database, settings: str) -> None:
    """Store the settings of server 1 as they are given."""
    with store.writing() as db:
        db.execute(servers.delete())
        db.execute(servers.insert().values(guild_id=1, settings=settings))


def test_changes_from_several_threads_are_all_kept(store: Database) -> None:
    """Nothing can change between reading the settings and storing them."""
    changes = [
        threading.Thread(
            target=store.server_settings.change, args=(1, lambda now, place=place: now.with_mode(place, Mode.OFF))
        )
        for place in range(6)
    ]
    for change in changes:
        change.start()
    for change in changes:
        change.join()

    assert sorted(store.server_settings.get(1).places) == list(range(6))


@pytest.mark.parametrize(
    "damaged",
    [
        '{"paused": tr',
        "[]",
        '{"paused": "yes"}',
        '{"paused": 1}',
        '{"modes": {"8": "sometimes"}}',
        '{"modes": {"8": ["off"]}}',
        '{"modes": {"here": "off"}}',
        '{"floors": {"8": "high"}}',
        '{"in_threads": {"8": 1}}',
        '{"member_limit": null}',
        '{"member_limit": -1}',
        '{"floor": NaN}',
        "[" * 100_000,
        '{"floor": "high"}',
        '{"helpers_role": "7"}',
    ],
)
def test_damaged_settings(store: Database, damaged: str) -> None:
    """They are reported, and not overwritten by a change."""
    write(store, damaged)

    with pytest.raises(UnreadableSettingsError):
        store.server_settings.get(1)
    with pytest.raises(UnreadableSettingsError):
        store.server_settings.change(1, lambda now: now.changed(plain=True))

    with store.reading() as db:
        assert db.execute(servers.select()).one().settings == damaged


def test_damaged_settings_can_be_reset(store: Database) -> None:
    """A reset stores what it is told to take for them."""
    write(store, "[]")

    store.server_settings.change(1, lambda now: now, damaged=ServerSettings(paused=True))

    assert store.server_settings.get(1) == ServerSettings(paused=True)


def test_settings_of_another_version(store: Database) -> None:
    """Unknown settings are ignored, and missing ones have their defaults."""
    write(store, json.dumps({"paused": True, "invented_later": 3, "floor": 1}))

    assert store.server_settings.get(1) == ServerSettings(paused=True, floor=1.0)

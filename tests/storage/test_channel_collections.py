"""Promises of the setting that limits channels to collections."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from storage.database import Database
from storage.models import Mode, ServerSettings
from storage.schema import servers
from storage.server_settings import UnreadableSettingsError


def test_the_innermost_place_decides() -> None:
    """A channel has the limit of its category unless it has its own; without one, everything is quoted."""
    settings = ServerSettings().with_collections(1, ["Rules"]).with_collections(2, ["Staff", "Ferry"])

    assert settings.collections_of(1, 2) == ("Rules",)
    assert settings.collections_of(3, 2) == ("Staff", "Ferry")
    assert settings.collections_of(3, None) == ()
    assert settings.with_collections(1, []).collections_of(1, 2) == ("Staff", "Ferry")
    assert settings.places == [1, 2]
    assert settings.with_mode(1, Mode.OFF).without_place(1).collections_of(1) == ()


def test_it_is_stored(open_store: Callable[[], Database]) -> None:
    """A limit survives a restart; one that the bot would not store makes the settings unreadable, not limitless."""
    database = open_store()
    database.server_settings.change(7, lambda before: before.with_collections(1, ("Rules",)))
    database.close()
    database = open_store()
    assert database.server_settings.get(7).collections_of(1) == ("Rules",)
    for damaged in ([], "Rules", [7], {"x": ["Rules"]}):
        stored = json.dumps({"collections": {"1": damaged} if not isinstance(damaged, dict) else damaged})
        with database.writing() as db:
            db.execute(servers.update().values(settings=stored))
        with pytest.raises(UnreadableSettingsError):
            database.server_settings.get(7)

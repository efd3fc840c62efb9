"""Tests of stored site imports: the next page, and the state of pages."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from index.incremental import finish
from storage.database import Database
from storage.import_models import ImportStage, SiteImport
from storage.site_imports import SiteImportStore


@pytest.fixture
def loads(store: Database) -> SiteImportStore:
    return store.site_imports


def load_of(guild_id: int = 7, most: int = 3, begun_at: float | None = None) -> SiteImport:
    """Return a newly requested import."""
    begun = time.time() if begun_at is None else begun_at
    return SiteImport(guild_id, 8, 9, "https://example.org/", "https://example.org/", most, False, False, begun)


def begun(loads: SiteImportStore, *keys: str, most: int = 3) -> SiteImport:
    """Store a running import."""
    key = finish(loads.offer_in_steps(load_of(most=most), keys))
    assert loads.advance(key, ImportStage.OFFERED, ImportStage.RUNNING)
    found = loads.get(key)
    assert found is not None
    return found


def test_pages_come_in_their_order(loads: SiteImportStore) -> None:
    """Pages are returned in the order in which they were found, each once, and none of an import not yet started."""
    offered = finish(loads.offer_in_steps(load_of(), ["a"]))
    load = begun(loads, "a", "b", "a")
    seen = []
    while (key := loads.pages.next_page(load.id)) is not None:
        seen.append(key)
        loads.pages.record_page(load, key, "added", links=["c", "b", "d"])

    assert seen == ["a", "b", "c"]
    assert loads.pages.next_page(offered) is None


def test_no_more_pages_than_wanted(loads: SiteImportStore) -> None:
    """Links beyond the limit of pages are not stored, and `more` is set."""
    load = begun(loads, "a")

    loads.pages.record_page(load, "a", "added", links=["b", "c", "d"])

    after = loads.get(load.id)
    assert after is not None
    assert after.more
    assert loads.pages.tally(load.id).counts == {"added": 1, "waiting": 2}


def test_what_became_of_pages(loads: SiteImportStore) -> None:
    """Failures are counted and listed with their reasons; another address of a page counts as no article."""
    load = begun(loads, "a", "b", "c")
    loads.pages.record_page(load, "a", "added", shown="https://example.org/a")
    loads.pages.record_page(load, "b", "failed", reason="It is gone.")
    loads.pages.record_page(load, "c", "twin")
    tally = loads.pages.tally(load.id)

    assert (tally.total, tally.done, tally.stored) == (3, 3, 1)
    assert tally.failures == (("b", "It is gone."),)
    assert (tally.incomplete, tally.remarks) == (0, ())

    loads.pages.record_page(load, "a", "added", reason="kept 100 of 7,900 characters", shown="https://example.org/a")
    tally = loads.pages.tally(load.id)
    assert (tally.stored, tally.incomplete, tally.remarks) == (1, 1, (("a", "kept 100 of 7,900 characters"),))
    assert loads.pages.has_address(load.id, "https://example.org/a")
    assert not loads.pages.has_address(load.id, "https://example.org/b")


def test_one_of_two_callers_wins(loads: SiteImportStore) -> None:
    """An import can be started once and ended once."""
    load = begun(loads, "a")

    assert not loads.advance(load.id, ImportStage.OFFERED, ImportStage.RUNNING)
    assert loads.advance(load.id, ImportStage.RUNNING, ImportStage.ENDED, reason="Stopped.")
    assert not loads.advance(load.id, ImportStage.RUNNING, ImportStage.ENDED)
    assert loads.pages.next_page(load.id) is None


def test_old_loads_are_forgotten(loads: SiteImportStore) -> None:
    """An import is stored for a week, a running one until it ends; ids are not reused."""
    old, running = (finish(loads.offer_in_steps(load_of(begun_at=0.0), ["a"])) for _ in range(2))
    loads.advance(running, ImportStage.OFFERED, ImportStage.RUNNING)
    new = finish(loads.offer_in_steps(load_of(), ["a"]))
    finish(loads.expire_in_steps())

    assert [loads.get(key) is not None for key in (old, running, new)] == [False, True, True]
    loads.drop(new)
    assert finish(loads.offer_in_steps(load_of(), [])) > new


def test_a_server_is_forgotten(store: Database, loads: SiteImportStore) -> None:
    """The imports of a server are deleted with its other data."""
    load = begun(loads, "a")
    newest = loads.newest(7)

    assert newest is not None
    assert newest.id == load.id
    finish(store.forget_server_in_steps(7))
    assert loads.get(load.id) is None


def test_an_import_belongs_to_one_process(open_store: Callable[[], Database]) -> None:
    """It is started once; who takes it over with the server gets its pages, and nobody else any more."""
    one, other = open_store().site_imports, open_store().site_imports
    imports = [one.get(finish(one.offer_in_steps(load_of(guild), ["a", "b"]))) for guild in (7, 7, 8)]
    first, second, elsewhere = (found for found in imports if found is not None)

    assert one.start(first, "one")
    assert other.start(second, "other") is None  # the server has one already
    assert other.start(elsewhere, "other")
    assert other.start(first, "other") is None
    assert one.pages.next_page(first.id, "one") == "a"
    assert [found.id for found in other.take_over("other", {7}.__contains__)] == [first.id]
    assert one.pages.next_page(first.id, "one") is None
    assert (one.is_run_by(first.id, "one"), one.is_run_by(first.id, "other")) == (False, True)
    assert other.pages.next_page(first.id, "other") == "a"
    assert other.take_over("other", lambda _: True) == []

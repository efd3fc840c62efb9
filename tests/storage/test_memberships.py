"""Servers are forgotten only by the application that knew them, when missing on two looks seven days apart."""

from __future__ import annotations

from index.incremental import finish
from storage.database import Database
from storage.memberships import GRACE_SECONDS

APPLICATION, OTHER = 100, 200
DAY = 86400.0


def test_a_server_is_gone_after_two_looks(store: Database) -> None:
    """The first look without it starts the time of grace."""
    memberships = store.memberships
    memberships.compare(APPLICATION, [1, 2], now=0.0)

    looks = [memberships.compare(APPLICATION, [1], now=DAY + seconds) for seconds in (0.0, GRACE_SECONDS - 1)]
    last = memberships.compare(APPLICATION, [1], now=DAY + GRACE_SECONDS)

    assert looks == [[], []]
    assert last == [2]


def test_a_server_that_comes_back(store: Database) -> None:
    """The time of grace starts anew."""
    memberships = store.memberships
    memberships.compare(APPLICATION, [1], now=0.0)
    memberships.compare(APPLICATION, [], now=DAY)
    memberships.compare(APPLICATION, [1], now=2 * DAY)

    assert memberships.compare(APPLICATION, [], now=9 * DAY) == []
    assert memberships.compare(APPLICATION, [], now=16 * DAY) == [1]


def test_another_application_never_knew_it(store: Database) -> None:
    """Another token sees no server of the first one; it says nothing about them."""
    memberships = store.memberships
    memberships.compare(APPLICATION, [1], now=0.0)

    assert [memberships.compare(OTHER, [], now=day * DAY) for day in (0, 8, 16)] == [[], [], []]


def test_a_server_that_another_application_is_in(store: Database) -> None:
    """It is forgotten only when no application is in it."""
    memberships = store.memberships
    memberships.compare(APPLICATION, [1], now=0.0)
    memberships.compare(OTHER, [1], now=0.0)
    memberships.compare(APPLICATION, [], now=0.0)

    before = memberships.compare(APPLICATION, [], now=8 * DAY)
    left = memberships.leave(OTHER, 1)

    assert before == []
    assert left
    assert memberships.compare(APPLICATION, [], now=9 * DAY) == [1]


def test_servers_of_other_processes(store: Database) -> None:
    """A process that connects a part of the servers looks only at that part."""
    memberships = store.memberships
    memberships.compare(APPLICATION, [1, 2], now=0.0)
    memberships.compare(APPLICATION, [], lambda guild: guild == 1, now=DAY)

    assert memberships.compare(APPLICATION, [], lambda guild: guild == 1, now=9 * DAY) == [1]


def test_leaving(store: Database) -> None:
    """A server that is left by the only application in it may be forgotten at once."""
    store.memberships.join(APPLICATION, 1)
    store.memberships.join(APPLICATION, 1)
    store.memberships.join(OTHER, 1)

    assert [store.memberships.leave(APPLICATION, 1), store.memberships.leave(OTHER, 1)] == [False, True]


def test_a_forgotten_server_is_not_missing(store: Database) -> None:
    """Nothing remains that would be looked at again."""
    store.memberships.compare(APPLICATION, [1], now=0.0)
    store.memberships.compare(APPLICATION, [], now=0.0)

    finish(store.forget_server_in_steps(1))

    assert store.memberships.compare(APPLICATION, [], now=8 * DAY) == []

"""The states of libraries tell which of them need attention."""

from __future__ import annotations

import pytest

from storage.database import Database
from storage.library_states import LibraryState, NextCheck, Totals
from storage.stale_answers import StaleAnswers
from tests.storage.test_database import recent

DAY = 86400.0
NOW = 1000 * DAY


def record(store: Database, library: str, **values: object) -> LibraryState:
    """Record the state of a library with an article in two passages."""
    state = LibraryState(
        library, **({"stamp": "1", "generation": 1, "articles": 1, "passages": 2, "index_versions": "v"} | values)
    )  # type: ignore[arg-type]
    store.library_states.record([(state, ["7", "7"])], NOW)
    return state


def due(store: Database, now: float = NOW) -> list[str]:
    """Return the libraries that are due."""
    return [library for library, _ in store.library_states.due_checks(now)]


def test_totals(store: Database) -> None:
    """A state replaces the one before."""
    assert store.library_states.totals() == Totals(0, 0, 0)
    record(store, "a")
    record(store, "b")
    record(store, "b", articles=5, passages=50)

    assert store.library_states.totals() == Totals(2, 6, 52)
    assert store.library_states.stamps() == {"a": "1", "b": "1"}
    assert store.contributors.libraries_of("7") == ["a", "b"]


def test_schedules_are_read_when_something_is_due(store: Database) -> None:
    """A new library is looked at, then when its first source is due, or a day later; one without any never again."""
    for name in ("a", "b", "c"):
        record(store, name)
    assert due(store) == ["a", "b", "c"]
    checks = [NextCheck("a", "1", NOW + 600), NextCheck("b", "1", None), NextCheck("c", "1", NOW + 50 * DAY)]
    store.library_states.set_next_checks(checks, NOW)

    assert due(store) == []
    assert due(store, NOW + 600) == ["a"]
    assert due(store, NOW + DAY) == ["a", "c"]
    assert due(store, NOW - 5 * DAY) == ["a", "c"], "the clock was ahead when these were stored"


def test_a_change_brings_the_schedules_back(store: Database) -> None:
    """Within an hour; what was found in an earlier state of the files is not stored."""
    record(store, "a")
    store.library_states.set_next_checks([NextCheck("a", "1", None)], NOW)
    record(store, "a", stamp="2")
    assert due(store) == []
    assert due(store, NOW + 3600) == ["a"]
    store.library_states.set_next_checks([NextCheck("a", "1", None)], NOW)
    assert due(store, NOW + 3600) == ["a"]


def test_another_interval_concerns_all(store: Database) -> None:
    """The setting is compared with that of the last start."""
    store.library_states.use_interval(24.0)
    record(store, "a")
    store.library_states.set_next_checks([NextCheck("a", "1", None)], NOW)
    store.library_states.use_interval(24.0)
    assert due(store) == []
    store.library_states.use_interval(6.0)
    assert due(store) == ["a"]


@pytest.mark.parametrize(
    ("version", "event", "found"),
    [
        (None, None, False),
        (NOW - 29 * DAY, NOW - 300 * DAY, False),
        (NOW - 31 * DAY, NOW - 31 * DAY, True),
        (None, NOW - 366 * DAY, True),
        (NOW + 900 * DAY, None, True),
    ],
)
def test_old_histories(store: Database, version: float | None, event: float | None, found: bool) -> None:
    """Versions go after days that the operator chose, entries after a year, and those of the future are corrected."""
    record(store, "a", oldest_version=version, oldest_event=event)
    assert store.library_states.past_retention(NOW, 30) == ["a"][: int(found)]


def test_other_passages(store: Database) -> None:
    """An empty library has none."""
    record(store, "a", index_versions="old\nv")
    record(store, "b")
    record(store, "c", index_versions="")
    assert store.library_states.with_other_passages("v") == ["a"]


def test_libraries_whose_answers_were_not_compared(store: Database) -> None:
    """Those of another generation than the last one that was compared."""
    stale = StaleAnswers(store, None)  # type: ignore[arg-type] # reads no library
    record(store, "a")
    record(store, "b", generation=4)
    record(store, "empty", generation=0)
    assert stale.unchecked() == [("a", 1), ("b", 4)]
    stale.mark_checked({"a": 1, "b": 3})
    assert stale.unchecked() == [("b", 4)]
    store.keep(recent(guild_id=5))
    assert stale.have_answers([4, 5]) == {5}


def test_many_are_forgotten(store: Database) -> None:
    """With their contributors."""
    for number in range(600):
        record(store, f"guild-{number}")
    store.library_states.forget([f"guild-{number}" for number in range(599)])
    assert store.library_states.all() == store.contributors.libraries_of("7") == ["guild-599"]

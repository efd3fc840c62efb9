"""Pins as they are remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.models import Span
from qa.pins.pinned import Pin
from storage.database import Database

PIN = Pin("shared", "rules", 3, 5, 14, "0f", (Span(5, 7),), ("How is it?", "What is the state of it?"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """Return an empty store, closed after the test."""
    made = Database(tmp_path / "discord.db")
    yield made
    made.close()


def test_pins_are_kept(store: Database) -> None:
    """Pins come back as they were stored, oldest first, each server's for itself."""
    other = replace(PIN, questions=("Where is the keeper?",))
    for pin in (PIN, other):
        store.pins.add(1, pin)
    store.pins.add(2, PIN)

    assert [replace(pin, id=0) for pin in store.pins.of(1)] == [PIN, other]
    assert [replace(pin, id=0) for pin in store.pins.of(2)] == [PIN]
    assert store.pins.of(3) == ()


def test_a_question_has_one_pin(store: Database) -> None:
    """A newer pin takes its questions from older ones of the same server; one without a question left goes."""
    store.pins.add(1, replace(PIN, questions=("Who keeps it?", "Where is the keeper?")))
    store.pins.add(2, replace(PIN, questions=("who keeps it",)))
    store.pins.add(1, replace(PIN, questions=("who keeps it",)))

    assert [pin.questions for pin in store.pins.of(1)] == [("Where is the keeper?",), ("who keeps it",)]
    store.pins.add(1, replace(PIN, questions=("where is the keeper",)))
    assert [pin.questions for pin in store.pins.of(1)] == [("who keeps it",), ("where is the keeper",)]
    assert [pin.questions for pin in store.pins.of(2)] == [("who keeps it",)]


def test_a_pin_is_removed_by_its_server(store: Database) -> None:
    """Only the server that has a pin can remove it, once; a server that is left takes its pins along."""
    store.pins.add(1, PIN)
    store.pins.add(2, PIN)
    (own,) = store.pins.of(1)

    assert not store.pins.remove(2, own.id)
    assert store.pins.remove(1, own.id)
    assert not store.pins.remove(1, own.id)
    store.forget_server(2)
    assert store.pins.of(2) == ()

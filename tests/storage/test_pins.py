"""Tests of stored pins."""

from __future__ import annotations

from dataclasses import replace

from index.incremental import finish
from index.models import Span
from qa.pins.pinned import Pin
from storage.database import Database

PIN = Pin("shared", "rules", 3, 5, 14, "0f", (Span(5, 7),), ("How is it?", "What is the state of it?"))


def test_pins_are_kept(store: Database) -> None:
    """Pins are returned as they were stored, oldest first, for each server separately."""
    other = replace(PIN, questions=("Where is the keeper?",))
    for pin in (PIN, other):
        store.pins.add(1, pin)
    store.pins.add(2, PIN)

    assert [replace(pin, id=0) for pin in store.pins.of(1)] == [PIN, other]
    assert [replace(pin, id=0) for pin in store.pins.of(2)] == [PIN]
    assert store.pins.of(3) == ()


def test_a_question_has_one_pin(store: Database) -> None:
    """A newer pin takes its questions from older ones of the server; a pin without questions is deleted."""
    store.pins.add(1, replace(PIN, questions=("Who keeps it?", "Where is the keeper?")))
    store.pins.add(2, replace(PIN, questions=("who keeps it",)))
    store.pins.add(1, replace(PIN, questions=("who keeps it",)))

    assert [pin.questions for pin in store.pins.of(1)] == [("Where is the keeper?",), ("who keeps it",)]
    store.pins.add(1, replace(PIN, questions=("where is the keeper",)))
    assert [pin.questions for pin in store.pins.of(1)] == [("who keeps it",), ("where is the keeper",)]
    assert [pin.questions for pin in store.pins.of(2)] == [("who keeps it",)]


def test_a_pin_is_removed_by_its_server(store: Database) -> None:
    """A pin can only be removed by its own server, once; deleting a server deletes its pins."""
    store.pins.add(1, PIN)
    store.pins.add(2, PIN)
    (own,) = store.pins.of(1)

    assert not store.pins.remove(2, own.id)
    assert store.pins.remove(1, own.id)
    assert not store.pins.remove(1, own.id)
    finish(store.forget_server_in_steps(2))
    assert store.pins.of(2) == ()

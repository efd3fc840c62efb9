"""Where a catalogue is in the sequence of its changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogPosition:
    """A generation of a catalogue, with the random token of the change that led to it."""

    generation: int
    token: bytes

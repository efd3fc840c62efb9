"""How far an index has followed its catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogPosition:
    """One state of a catalogue: its `generation`, and the random `token` (8 bytes) of the change that led to it."""

    generation: int
    token: bytes

"""How far an index has followed its catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogPosition:
    """One state of a catalogue: its `generation`, and the random `token` (8 bytes) of the change that led to it.

    Two states with the same generation and token are the same: the copy of an earlier state that was put back, and
    changed since, has other tokens.
    """

    generation: int
    token: bytes

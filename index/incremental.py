"""Long work in pieces: a generator that stops wherever something more urgent may be done, and returns its result."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")


def finish(pieces: Generator[object, None, T]) -> T:
    """Do a work to its end without a stop, and return its result."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            result: T = end.value
            return result

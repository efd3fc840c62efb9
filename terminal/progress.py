"""Progress on standard error: nothing unless it is a terminal, and nothing for what takes less than a second."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never, Self

from tqdm import tqdm

from terminal.output import printable, result, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Progress:
    """One bar, or a count where the end is not known; a context manager. Lines said through it do not break it."""

    def __init__(self, doing: str, unit: str) -> None:
        self._bar: tqdm[Never] = tqdm(desc=doing, unit=f" {unit}", disable=None, delay=1, leave=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def to(self, done: int, total: int | None = None) -> None:
        """Show how much is done, of how much."""
        if total is not None:
            self._bar.total = total
        self._bar.update(done - self._bar.n)

    def step(self) -> None:
        """Count one more."""
        self._bar.update()

    def result(self, line: str) -> None:
        """Print a line of the result."""
        self._clear(result, line)

    def say(self, sentence: str) -> None:
        """Tell something that is not the result."""
        self._clear(say, sentence)

    def _clear(self, tell: Callable[[str], None], line: str) -> None:
        with tqdm.external_write_mode():
            tell(printable(line))


@contextmanager
def note(doing: str) -> Iterator[None]:
    """Show what is being done, for work that cannot say how far it is; the line is gone afterwards."""
    if not sys.stderr.isatty():
        yield
        return
    print(doing, end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print(f"\r{' ' * len(doing)}\r", end="", file=sys.stderr, flush=True)

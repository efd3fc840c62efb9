"""Progress on standard error, shown only in a terminal and only for work that takes longer than a second."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never, Self

from tqdm import tqdm

from terminal.output import printable, result, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Progress:
    """A progress bar, or a counter if the total is unknown. Use it as a context manager.

    Lines printed through `result` and `say` appear above the bar.
    """

    def __init__(self, doing: str, unit: str) -> None:
        self._bar: tqdm[Never] = tqdm(desc=doing, unit=f" {unit}", disable=None, delay=1, leave=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def to(self, done: int, total: int | None = None) -> None:
        """Set the number of units done and, if given, the total."""
        if total is not None:
            self._bar.total = total
        self._bar.update(done - self._bar.n)

    def step(self) -> None:
        """Count one more unit as done."""
        self._bar.update()

    def result(self, line: str) -> None:
        """Print a line of the result to standard output."""
        self._print_above(result, line)

    def say(self, sentence: str) -> None:
        """Print a message to standard error."""
        self._print_above(say, sentence)

    def _print_above(self, write: Callable[[str], None], line: str) -> None:
        with tqdm.external_write_mode():
            write(printable(line))


@contextmanager
def status_line(doing: str) -> Iterator[None]:
    """Show a line on standard error while the body runs, for work without known progress, and erase it afterwards."""
    if not sys.stderr.isatty():
        yield
        return
    print(doing, end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print(f"\r{' ' * len(doing)}\r", end="", file=sys.stderr, flush=True)

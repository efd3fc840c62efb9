"""A bound of the bytes that uploads hold in memory, from their download until they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cogs.core.job_queue import BusyError
from i18n import texts

_MOST: Final = 192_000_000  # bytes
_MOST_OF_SERVER: Final = 64_000_000  # so that one server's uploads leave room for those of others


class HeldBytes:
    """Counts the bytes of uploads in memory, by server. For use on the event loop."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._held: Counter[int] = Counter()

    @contextmanager
    def hold(self, guild_id: int, size: int) -> Iterator[None]:
        """Count `size` bytes for a server inside the block. Raises BusyError if it, or all together, hold too many."""
        if self._held[guild_id] + size > _MOST_OF_SERVER or self._held.total() + size > _MOST:
            raise BusyError(texts.BUSY)
        self._held[guild_id] += size
        try:
            yield
        finally:
            self._held[guild_id] -= size
            self._held += Counter()  # without servers that hold nothing

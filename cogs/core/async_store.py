"""Async access to discord.db and the read-only catalogues, on a dedicated thread so reads never queue behind models."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.worker import Worker
from index.libraries.read_only import ReadOnlyLibraries
from qa.pins.pinned import Pin
from storage.database import Database
from storage.models import ServerSettings

T = TypeVar("T")

_log = logging.getLogger(__name__)

_FILE: Final = "discord.db"


class AsyncStore:
    """Owns discord.db and the read-only catalogues of a data directory.

    `database` and `read_only` belong to the store's thread: use them only inside jobs passed to `run`.
    """

    def __init__(self, data_dir: Path) -> None:
        """Start the thread and open discord.db on it. Raises UserError if it cannot be opened."""
        self._thread = Worker(name="verbatim-store")
        self._settings: dict[int, ServerSettings] = {}
        self._pins: dict[int, tuple[Pin, ...]] = {}
        try:
            self.database = self._thread.submit(lambda: Database(data_dir / _FILE)).result()
        except BaseException:
            self._thread.close()
            raise
        self.read_only = ReadOnlyLibraries(data_dir)

    async def run(self, job: Callable[[], T]) -> T:
        """Run `job` on the store's thread; return its result or raise its exception."""
        return await self._thread.run(job)

    async def settings(self, guild_id: int | None) -> ServerSettings:
        """Return a server's settings; the defaults in direct messages or if discord.db cannot be read.

        Cached, because only this process changes them.
        """
        if guild_id is None:
            return ServerSettings()
        cached = self._settings.get(guild_id)
        if cached is None:
            try:
                cached = await self.run(lambda: self.database.settings(guild_id))
            except SQLAlchemyError:
                _log.exception("The settings of server %s could not be read", guild_id)
                return ServerSettings()
            self._settings[guild_id] = cached
        return cached

    async def change_settings(self, guild_id: int, settings: ServerSettings) -> None:
        """Store a server's settings and update the cache."""
        await self.run(lambda: self.database.change_settings(guild_id, settings))
        self._settings[guild_id] = settings

    async def pins(self, guild_id: int | None) -> tuple[Pin, ...]:
        """Return a server's pins; none in direct messages or if discord.db cannot be read. Cached."""
        if guild_id is None:
            return ()
        cached = self._pins.get(guild_id)
        if cached is None:
            try:
                cached = await self.run(lambda: self.database.pins.of(guild_id))
            except SQLAlchemyError:
                _log.exception("The pins of server %s could not be read", guild_id)
                return ()
            self._pins[guild_id] = cached
        return cached

    async def change_pins(self, guild_id: int, change: Callable[[Database], T]) -> T:
        """Run `change` on the store's thread, update the cached pins of the server, and return its result."""

        def apply() -> tuple[T, tuple[Pin, ...]]:
            return change(self.database), self.database.pins.of(guild_id)

        result, self._pins[guild_id] = await self.run(apply)
        return result

    async def forget_server(self, guild_id: int) -> None:
        """Delete everything stored about a server."""
        self._settings.pop(guild_id, None)
        self._pins.pop(guild_id, None)
        await self.run(lambda: self.database.forget_server(guild_id))

    def close(self) -> None:
        """Close the databases and stop the thread."""

        def close() -> None:
            self.read_only.close()
            self.database.close()

        self._thread.submit(close).result()
        self._thread.close()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

"""The way to the bot's memory and to the articles: a thread of their own, so that nobody waits behind the models."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
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
    """Opens the memory of `data_dir`. Raises UserError where it cannot be read.

    `database` and `read_only` belong to the thread: they are used inside jobs given to `run`, and nowhere else.
    """

    def __init__(self, data_dir: Path) -> None:
        """Start the thread and open the file in it."""
        self._thread = Worker(name="verbatim-records")
        self._settings: dict[int, ServerSettings] = {}
        self._pins: dict[int, tuple[Pin, ...]] = {}
        try:
            self.database = self._thread.submit(lambda: Database(data_dir / _FILE)).result()
        except BaseException:
            self._thread.close()
            raise
        self.read_only = ReadOnlyLibraries(data_dir)

    async def run(self, job: Callable[[], T]) -> T:
        """Run `job` in the thread and return its result, or raise what it raised."""
        return await self._thread.run(job)

    async def settings(self, guild_id: int | None) -> ServerSettings:
        """Return a server's settings, the defaults for direct messages. Read once: only this process changes them.

        Where they cannot be read the defaults hold, for a question must be answered all the same.
        """
        if guild_id is None:
            return ServerSettings()
        known = self._settings.get(guild_id)
        if known is None:
            try:
                known = await self.run(lambda: self.database.settings(guild_id))
            except SQLAlchemyError:
                _log.exception("The settings of server %s could not be read", guild_id)
                return ServerSettings()
            self._settings[guild_id] = known
        return known

    async def change_settings(self, guild_id: int, settings: ServerSettings) -> None:
        """Store a server's settings; they hold from now on."""
        await self.run(lambda: self.database.change_settings(guild_id, settings))
        self._settings[guild_id] = settings

    async def pins(self, guild_id: int | None) -> tuple[Pin, ...]:
        """Return a server's pins, none for direct messages. Read once; a question is answered without them, too."""
        if guild_id is None:
            return ()
        known = self._pins.get(guild_id)
        if known is None:
            try:
                known = await self.run(lambda: self.database.pins.of(guild_id))
            except SQLAlchemyError:
                _log.exception("The pins of server %s could not be read", guild_id)
                return ()
            self._pins[guild_id] = known
        return known

    async def change_pins(self, guild_id: int, change: Callable[[Database], T]) -> T:
        """Change a server's pins; they hold from now on."""

        def changed() -> tuple[T, tuple[Pin, ...]]:
            return change(self.database), self.database.pins.of(guild_id)

        done, self._pins[guild_id] = await self.run(changed)
        return done

    async def forget_server(self, guild_id: int) -> None:
        """Forget everything about a server."""
        self._settings.pop(guild_id, None)
        self._pins.pop(guild_id, None)
        await self.run(lambda: self.database.forget_server(guild_id))

    def close(self) -> None:
        """Close the files and end the thread."""

        def end() -> None:
            self.read_only.close()
            self.database.close()

        self._thread.submit(end).result()
        self._thread.close()

    def __enter__(self) -> Self:
        """Return the records themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the records."""
        self.close()

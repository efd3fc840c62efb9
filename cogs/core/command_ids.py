"""The ids that Discord has given to the commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


class CommandIds:
    """The ids of the application's commands by name; empty until the commands have been synced."""

    def __init__(self) -> None:
        """Know no ids yet."""
        self._ids: Mapping[str, int] = {}

    def learn(self, ids: Mapping[str, int]) -> None:
        """Replace all ids."""
        self._ids = dict(ids)

    def get(self, name: str) -> int | None:
        """Return the id of a command or group, None if it is not known."""
        return self._ids.get(name)


COMMAND_IDS: Final = CommandIds()
"""The ids of this process's application: texts are rendered in many places, and all of them belong to one client."""

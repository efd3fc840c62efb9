"""The names of libraries: the shared one, and that of each server."""

from __future__ import annotations

from typing import Final

SHARED: Final = "shared"

_PREFIX: Final = "guild-"


def libraries_of(guild_id: int | None) -> tuple[str, ...]:
    """Return the libraries to search: the server's own and the shared one; in a direct message only the latter."""
    return (SHARED,) if guild_id is None else (own_library(guild_id), SHARED)


def own_library(guild_id: int) -> str:
    """Return the name of a server's own library."""
    return f"{_PREFIX}{guild_id}"


def server_of(library: str) -> int | None:
    """Return the server whose own library this is, None for any other."""
    number = library.removeprefix(_PREFIX)
    return int(number) if library != number and number.isdecimal() else None

"""Which part of the bot's work is this process's, if several processes run one bot."""

from __future__ import annotations

from typing import Final, Protocol

from index.libraries.library_names import server_of


class WorkShare(Protocol):
    """What this process is to do; implemented by `cogs.core.gateway.SteadyClient`.

    The answers change while processes start and end, so that they are asked for again in each run of a job.
    """

    def holds(self, guild_id: int | None) -> bool:
        """Whether this process runs the shard of a server; None stands for direct messages."""
        ...

    @property
    def leads(self) -> bool:
        """Whether this process does what concerns no single server, such as the shared library."""
        ...


class _Everything:
    """The share of the only process."""

    def holds(self, _guild_id: int | None) -> bool:
        return True

    @property
    def leads(self) -> bool:
        return True


EVERYTHING: Final[WorkShare] = _Everything()
"""The share of a bot that is one process."""


def does_library(share: WorkShare, name: str) -> bool:
    """Whether a library is this process's to refresh and update: a server's own one, or the leader any other."""
    server = server_of(name)
    return share.leads if server is None else share.holds(server)

"""What the processes of a bot know of each other (`storage.shard_leases`)."""

from __future__ import annotations

import os
import secrets
import socket
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

PARTS_REMEDY: Final = "Start each process with an I of its own, from 0 to N-1, and all with the same N."
"""What to do if `ClusterView.wrong_parts` finds something."""


def new_process_name() -> str:
    """Return a name for this process that no other one has had: its machine and number, and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Lease:
    """Who runs a shard, and until when by the database's clock (Unix time); `is_free` if nobody does any more."""

    shard: int
    holder: str | None
    expires_at: float
    is_free: bool


@dataclass(frozen=True, slots=True)
class Process:
    """A living process, the "I/N" of `--cluster` or an empty string, and when it was started (Unix time)."""

    name: str
    part: str
    started_at: float


@dataclass(frozen=True, slots=True)
class ClusterView:
    """The state of the cluster: the number of shards, one lease for each, and the living processes, oldest first.

    `resharding` says that another number is needed, for which all processes must give up their shards.
    """

    shards: int
    resharding: bool
    leases: tuple[Lease, ...]
    processes: tuple[Process, ...]

    def held_by(self, process: str) -> set[int]:
        """Return the shards whose lease a process has, expired ones too."""
        return {lease.shard for lease in self.leases if lease.holder == process}

    def wrong_parts(self) -> list[str]:
        """Return a sentence for each "I/N" of `--cluster` that several processes have, and one if their N differ."""
        having: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.processes:
            if one.part:
                having[one.part].append(one.name.rpartition(":")[0] or one.name)
        found = [
            f"{len(names)} processes were started with --cluster {part} ({', '.join(names)}), "
            "so that some of them have no shards."
            for part, names in sorted(having.items())
            if len(names) > 1
        ]
        numbers = sorted({int(part.partition("/")[2]) for part in having})
        if len(numbers) > 1:
            found.append(
                f"Processes were started with different N in --cluster I/N ({', '.join(map(str, numbers))}), "
                "so that some shards may have no process."
            )
        return found


@dataclass(frozen=True, slots=True)
class StartClaim:
    """Whether a session may start now (`wait` is 0), or after how many seconds to ask again.

    `is_used_up` says that Discord allows no further one today as far as is known.
    """

    wait: float = 0.0
    is_used_up: bool = False

"""Which shards a process of the cluster is to take and to give up: its fair share, or those chosen by hand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.cluster_models import ClusterView


@dataclass(frozen=True, slots=True)
class Part:
    """The shards chosen by hand with `--cluster I/N`: those whose number modulo N is I."""

    index: int
    of: int

    def __contains__(self, shard: int) -> bool:
        """Whether a shard is among them."""
        return shard % self.of == self.index

    def __str__(self) -> str:
        """Return it as on the command line."""
        return f"{self.index}/{self.of}"


def fair_share(view: ClusterView, process: str) -> int:
    """Return how many shards a process is to have: all have as many as each other, or one more.

    Those that have more already get the one more, so that no shard moves without need. All processes come to the same
    result from the same view.
    """
    held = {one.name: len(view.held_by(one.name)) for one in view.processes}
    ranked = sorted(view.processes, key=lambda one: (-held[one.name], one.started_at, one.name))
    place = next((place for place, one in enumerate(ranked) if one.name == process), None)
    if place is None:
        return 0
    each, more = divmod(view.shards, len(ranked))
    return each + (place < more)


def to_take(view: ClusterView, process: str, part: Part | None, free: Collection[int]) -> list[int]:
    """Return which of the `free` shards a process is to take: up to its share, or what was chosen by hand."""
    if part is not None:
        return sorted(shard for shard in free if shard in part)
    missing = fair_share(view, process) - len(view.held_by(process))
    return sorted(free)[: max(0, missing)]


def to_give_up(view: ClusterView, process: str, part: Part | None, ready: Collection[int]) -> list[int]:
    """Return the shards that a process is to hand over, in this order.

    Those that are not `ready` come first, as nobody notices, then those with the highest numbers: shard 0 leads.
    """
    if part is not None:
        return []
    held = view.held_by(process)
    excess = len(held) - fair_share(view, process)
    return sorted(held, key=lambda shard: (shard in ready, -shard))[: max(0, excess)]

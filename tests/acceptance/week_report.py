"""What is measured in a simulated week: resident memory, and the sizes of everything that could grow."""

from __future__ import annotations

import gc
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from index.memory import SizedCache
from tests.acceptance.week_world import World

# Containers that may hold more than `_MOST` entries, with their bounds.
_BOUNDS = {
    "_limits._limiter._times": 2000,  # members, channels and servers that asked in the last hour, and as many again
    "recent_questions._texts": 20_000,
    "_history_expired": 10_000,  # one for each library at most
    "library_watch._known": 10_000,  # one for each library
    "visibility._sources._servers": 500,  # servers, with the places that articles come from
}
_MOST = 128
_OWN = ("cogs.", "qa.", "index.", "storage.")
_CONTAINERS = (dict, list, set, deque, OrderedDict, defaultdict)


@dataclass(slots=True)
class Report:
    """Measurements by the hour."""

    rss: list[float] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    questions: int = 0
    changes: int = 0
    evictions: int = 0
    seconds: float = 0.0

    def measure(self, hour: int, world: World) -> None:
        """Note the resident memory in MB, and every sixth hour the greatest number of entries of each container."""
        if hour % 6 == 5:
            gc.collect()
            parts = {
                name: getattr(world, name) for name in ("ask_service", "store", "libraries", "services", "previews")
            }
            for name, size in _containers({**parts, "refresh": world.refresh_job, "retention": world.retention_job}):
                self.sizes[name] = max(size, self.sizes.get(name, 0))
        self.rss.append(_resident())

    def finish(self, world: World, seconds: float) -> None:
        """Note the counts."""
        self.questions, self.changes, self.evictions = world.questions, world.changes, world.evictions
        self.seconds = seconds

    @property
    def growth(self) -> float:
        """The slope of the resident memory after the first day, by least squares, in MB a day."""
        rest = self.rss[24:]
        return float(np.polyfit(np.arange(len(rest)) / 24, rest, 1)[0]) if len(rest) > 1 else 0.0

    def table(self) -> str:
        """Return the figures in Markdown."""
        rows = [f"| {hour // 24 + 1} | {hour % 24:02} | {self.rss[hour]:.1f} |" for hour in range(5, len(self.rss), 6)]
        counts = f"{self.questions} questions, {self.changes} changes, {self.evictions} libraries closed"
        head = "| day | hour | resident MB |\n|---|---|---|"
        return (
            f"{counts}, in {self.seconds:.0f} s of processor time.\nGrowth: {self.growth:.2f} MB a day.\n\n{head}\n"
            + "\n".join(rows)
        )

    def problems(self, questions: int, changes: int, evictions: int, *, most_growth: float | None) -> list[str]:
        """Return what is not as promised."""
        found = [f"{name} has {size} entries" for name, size in self.sizes.items() if size > _bound(name)]
        if self.questions < questions or self.changes < changes or self.evictions < evictions:
            found.append(f"only {self.questions} questions, {self.changes} changes, {self.evictions} evictions")
        if most_growth is not None and self.growth >= most_growth:
            found.append(f"memory grew by {self.growth:.2f} MB a day")
        return found


def _bound(name: str) -> int:
    return next((most for part, most in _BOUNDS.items() if name.endswith(part)), _MOST)


def _containers(roots: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the containers in the attributes of the project's objects, by path, with their numbers of entries."""
    found: list[tuple[str, int]] = []
    met: set[int] = set()
    waiting = list(roots.items())
    while waiting:
        path, value = waiting.pop()
        if id(value) in met:
            continue
        met.add(id(value))
        if isinstance(value, SizedCache):
            continue  # bounded in bytes
        if isinstance(value, _CONTAINERS):
            found.append((path, len(value)))
        elif type(value).__module__.startswith(_OWN):
            names = {*getattr(value, "__dict__", {}), *getattr(type(value), "__slots__", ())}
            waiting += [(f"{path}.{name}", getattr(value, name, None)) for name in names]
    return found


def _resident() -> float:
    """Return the resident memory of this process in MB; 0 where it cannot be read."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

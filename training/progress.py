"""How far a training run has come; kept in its checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class StreamProgress:
    """The place in one kind of batches, and the losses that were not logged yet.

    `batch` counts the batches taken in the current epoch.
    """

    epoch: int = 0
    batch: int = 0
    loss: float = 0.0
    unlogged: int = 0

    def add(self, loss: float) -> None:
        """Count the loss of a batch."""
        self.loss, self.unlogged = self.loss + loss, self.unlogged + 1

    def mean_loss(self) -> float | None:
        """Return the mean loss since the last call, rounded, or None without a batch since then."""
        mean = round(self.loss / self.unlogged, 4) if self.unlogged else None
        self.loss, self.unlogged = 0.0, 0
        return mean


@dataclass(slots=True)
class TrainingProgress:
    """Steps and sequences of a run, and its places in the batches of spans and of lists."""

    step: int = 0
    sequences: int = 0
    spans: StreamProgress = field(default_factory=StreamProgress)
    lists: StreamProgress = field(default_factory=StreamProgress)

    @classmethod
    def of(cls, saved: dict[str, Any]) -> TrainingProgress:
        """Return the progress that `dataclasses.asdict` made this of."""
        streams = {name: StreamProgress(**saved[name]) for name in ("spans", "lists")}
        return cls(**(saved | streams))

"""Train a span reader for a number of steps, with checkpoints to resume from.

A run depends on its options and corpus alone, never on the time: with one torch thread, on one machine and with the
same library versions, two runs are equal to the last bit, also where one was interrupted and resumed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from index.passages.embedder import bundled_model
from qa.reading.network import (
    BASE,
    SpanModel,
    add_adapters,
    load_model,
    merge_weights,
    read_weights,
    save_weights,
    trained_weights,
)
from training.reader_data import ExampleSampler, batches
from training.reader_loss import span_loss

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from torch import Tensor

    from training.reader_data import Group

_WARM_UP = 0.03  # of all steps
_LOG_STEPS = 50
_CHECKPOINT_STEPS = 500


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What a run's weights depend on, besides the corpus and the weights it starts from."""

    steps: int
    seed: int
    rank: int  # of the adapter; 0 trains every layer whole
    rate: float  # peak learning rate
    tokens: int  # in a batch, padding included
    shared: float  # weight of the shared-normalisation loss


@dataclass(slots=True)
class TrainingProgress:
    """How far a run has come; kept in its checkpoint.

    `batch` counts the steps taken in the current epoch, and `loss` sums the losses of the steps not logged yet.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    sequences: int = 0
    loss: float = 0.0
    unlogged: int = 0


class CheckpointMismatchError(Exception):
    """The checkpoint to resume from belongs to a run with other options."""


def seed_generators(seed: int) -> None:
    """Seed the global generators of Python, numpy and torch; the untrained weights are drawn from the last."""
    from transformers import set_seed

    set_seed(seed)


def learning_rate(done: float, peak: float) -> float:
    """Return the learning rate at a share of the run, 0 to 1: a linear warm-up, then a linear decay to zero."""
    return peak * min(done / _WARM_UP, max(0.0, 1 - done) / (1 - _WARM_UP))


class ReaderTrainer:
    """One training run: model, optimiser, progress, and the folder with its checkpoint and weights."""

    def __init__(self, options: TrainingOptions, folder: Path, version: str, start: Path | None = None) -> None:
        """Begin at the weights in the file `start`, or at an untrained head over the bundled encoder.

        Raises one of `qa.reading.network.WEIGHT_ERRORS` where `start` is missing, damaged, or of another rank.
        """
        seed_generators(options.seed)
        self.options = options
        self.progress = TrainingProgress()
        self._folder, self._version = folder, version
        self._model = _new_model(options.rank, start)
        self._parameters = [p for p in self._model.parameters() if p.requires_grad]
        self._optimiser = torch.optim.AdamW(self._parameters, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
        self.weights = trained_weights(self._model)  # these share memory with the model's
        if start and options.rank:
            self._copy(read_weights(start)[0])

    def resume(self) -> bool:
        """Continue from the folder's checkpoint; return whether there is one.

        Raises CheckpointMismatchError for the checkpoint of a run with other options.
        """
        path = self._folder / "checkpoint.pt"
        if not path.exists():
            return False
        saved: dict[str, Any] = torch.load(path, weights_only=True)
        if saved.get("options") != asdict(self.options):
            raise CheckpointMismatchError(f"{path} is of a run with the options {saved.get('options')}")
        self._copy(saved["weights"])
        self._optimiser.load_state_dict(saved["optimiser"])
        self.progress = TrainingProgress(**saved["progress"])
        return True

    def _copy(self, weights: Mapping[str, Tensor]) -> None:
        """Take over trained weights. Raises KeyError or RuntimeError for those of another shape."""
        with torch.no_grad():
            for name, value in weights.items():
                self.weights[name].copy_(value)

    def train(self, sampler: ExampleSampler) -> None:
        """Train to the last step, logging every 50 steps and saving every 500, and save."""
        upcoming = self._batches(sampler)
        while self.progress.step < self.options.steps:
            self._step(next(upcoming))
            if self.progress.step % _LOG_STEPS == 0 or self.progress.step == self.options.steps:
                self._log()
            if self.progress.step % _CHECKPOINT_STEPS == 0:
                self.save()
        self.save()

    def _batches(self, sampler: ExampleSampler) -> Iterator[list[Group]]:
        """Yield batches without end, from the place that the progress names."""
        progress = self.progress
        done = progress.batch
        while True:
            for number, groups in enumerate(batches(sampler, progress.epoch, self.options.tokens)):
                if number >= done:
                    yield groups
            progress.epoch, progress.batch, done = progress.epoch + 1, 0, 0

    def _step(self, groups: list[Group]) -> None:
        """Take one optimiser step on a batch."""
        progress = self.progress
        loss = span_loss(self._model, groups, self.options.shared)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(progress.step / self.options.steps, self.options.rate)
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimiser.step()
        progress.step, progress.batch = progress.step + 1, progress.batch + 1
        progress.sequences += sum(map(len, groups))
        progress.loss, progress.unlogged = progress.loss + loss.item(), progress.unlogged + 1

    def _log(self) -> None:
        """Print the progress as a JSON line on standard error; `loss` is the mean since the line before."""
        progress = self.progress
        line = {
            "step": progress.step,
            "epoch": progress.epoch,
            "done": round(progress.step / self.options.steps, 4),
            "loss": round(progress.loss / progress.unlogged, 4),
            "sequences": progress.sequences,
        }
        print(json.dumps(line), file=sys.stderr, flush=True)
        progress.loss, progress.unlogged = 0.0, 0

    def save(self) -> None:
        """Write the checkpoint and, in half precision, the weights as the reader loads them, each atomically."""
        self._folder.mkdir(parents=True, exist_ok=True)
        checkpoint = {
            "options": asdict(self.options),
            "progress": asdict(self.progress),
            "weights": self.weights,
            "optimiser": self._optimiser.state_dict(),
        }
        partial = self._folder / "checkpoint.partial"
        torch.save(checkpoint, partial)
        partial.replace(self._folder / "checkpoint.pt")
        metadata = {
            "version": self._version,
            "rank": str(self.options.rank),
            "base": BASE,
            "seed": str(self.options.seed),
            "steps": str(self.progress.step),
            "sequences": str(self.progress.sequences),
        }
        save_weights(self.weights, self._folder / "reader.safetensors", metadata)


def _new_model(rank: int, start: Path | None) -> SpanModel:
    """Return the bundled encoder with an untrained adapter and head; with rank 0, with those of `start` merged."""
    model = load_model(bundled_model())
    torch.nn.init.normal_(model.head.weight, std=0.02)
    torch.nn.init.zeros_(model.head.bias)
    if start and not rank:
        merge_weights(model, read_weights(start)[0])
    add_adapters(model, rank)
    return model

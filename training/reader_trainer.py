"""Train a span reader, and with it a passage score, for a number of steps, with checkpoints to resume from.

A run depends on its options and corpus alone, never on the time: with one torch thread, on one machine and with the
same library versions, two runs are equal to the last bit, also where one was interrupted and resumed.
"""

from __future__ import annotations

import json
import random
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
from training.batching import endless
from training.progress import TrainingProgress
from training.ranking_loss import ranking_loss
from training.reader_data import batches
from training.reader_loss import span_loss

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from torch import Tensor

    from training.progress import StreamProgress
    from training.ranking_data import ListSampler, RankingList
    from training.reader_data import ExampleSampler, Group

_WARM_UP = 0.03  # of all steps
_LOG_STEPS = 50
_CHECKPOINT_STEPS = 500
_PASSAGE_HEAD = "passage_head."  # begins the names of its weights
_PASSAGE_HEAD_RATE = 10.0  # its learning rate, relative to that of the other weights: it starts from zero
_SPAN_WEIGHT = 0.5  # of the spans' loss in a run that trains passage scores


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What a run's weights depend on, besides the corpora and the weights it starts from.

    With a `span_share`, each step trains passage scores on a batch of lists, and so large a share of the steps trains
    spans as well, on a batch of half as many tokens. Without, all steps train spans.
    """

    steps: int
    seed: int
    rank: int  # of the adapter; 0 trains every layer whole
    rate: float  # peak learning rate
    tokens: int  # in a batch, padding included
    shared: float  # weight of the shared-normalisation loss
    span_share: float | None = None


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
        self._model.passage_head.requires_grad_(options.span_share is not None)
        self._optimiser = _optimiser(self._model)
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
        self.progress = TrainingProgress.of(saved["progress"])
        return True

    def _copy(self, weights: Mapping[str, Tensor]) -> None:
        """Take over trained weights. Raises KeyError or RuntimeError for those of another shape."""
        with torch.no_grad():
            for name, value in weights.items():
                if name in self.weights or not name.startswith(_PASSAGE_HEAD):
                    self.weights[name].copy_(value)

    def train(self, spans: ExampleSampler, lists: ListSampler | None = None) -> None:
        """Train to the last step, logging every 50 steps and saving every 500, and save.

        `lists` are needed where the options have a `span_share`, and ignored otherwise.
        """
        share, tokens = self.options.span_share, self.options.tokens
        span_tokens = tokens if share is None else tokens // 2
        span_batches = endless(lambda epoch: batches(spans, epoch, span_tokens), self.progress.spans)
        list_batches = None
        if share is not None:
            if lists is None:
                raise ValueError("training passage scores needs lists")
            list_batches = endless(lambda epoch: lists.batches(epoch, tokens), self.progress.lists)
        while self.progress.step < self.options.steps:
            self._step(span_batches, list_batches)
            if self.progress.step % _LOG_STEPS == 0 or self.progress.step == self.options.steps:
                self._log()
            if self.progress.step % _CHECKPOINT_STEPS == 0:
                self.save()
        self.save()

    def _step(self, spans: Iterator[list[Group]], lists: Iterator[list[RankingList]] | None) -> None:
        """Take one optimiser step, on a batch of lists or spans or both."""
        progress, options = self.progress, self.options
        self._optimiser.zero_grad()
        if lists is not None:
            candidates = next(lists)
            self._add_gradients(ranking_loss(self._model, candidates), 1.0, progress.lists)
            progress.sequences += sum(map(len, candidates))
        if options.span_share is None or _random_of_step(options.seed, progress.step) < options.span_share:
            groups = next(spans)
            weight = 1.0 if lists is None else _SPAN_WEIGHT
            self._add_gradients(span_loss(self._model, groups, options.shared), weight, progress.spans)
            progress.sequences += sum(map(len, groups))
        rate = learning_rate(progress.step / options.steps, options.rate)
        for group in self._optimiser.param_groups:
            group["lr"] = rate * group["relative_rate"]
        torch.nn.utils.clip_grad_norm_((p for p in self._model.parameters() if p.requires_grad), 1.0)
        self._optimiser.step()
        progress.step += 1

    def _add_gradients(self, loss: Tensor, weight: float, progress: StreamProgress) -> None:
        """Add the gradients of a weighted loss to the model's, and the loss itself to the progress."""
        (weight * loss).backward()  # type: ignore[no-untyped-call]
        progress.add(loss.item())

    def _log(self) -> None:
        """Print the progress as a JSON line on standard error; the losses are means since the line before."""
        progress = self.progress
        line = {
            "step": progress.step,
            "epoch": progress.spans.epoch,
            "done": round(progress.step / self.options.steps, 4),
            "loss": progress.spans.mean_loss(),
            "list_loss": progress.lists.mean_loss(),
            "sequences": progress.sequences,
        }
        print(json.dumps({k: v for k, v in line.items() if v is not None}), file=sys.stderr, flush=True)

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


def _optimiser(model: SpanModel) -> torch.optim.AdamW:
    """Return the optimiser of all trainable weights; `relative_rate` scales the learning rate of a group."""
    head = [p for p in model.passage_head.parameters() if p.requires_grad]
    others = [p for name, p in model.named_parameters() if p.requires_grad and not name.startswith(_PASSAGE_HEAD)]
    groups = [{"params": others, "relative_rate": 1.0}]
    groups += [{"params": head, "relative_rate": _PASSAGE_HEAD_RATE}] if head else []
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)


def _random_of_step(seed: int, step: int) -> float:
    """Return a random number in [0, 1) that is the same each time, also in a resumed run."""
    return random.Random(f"span {seed} {step}").random()

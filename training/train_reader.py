"""Train the span reader, or evaluate it: `python -m training.train_reader DATA_FOLDER [--minutes N | --steps N]`.

The loss is the mean of two: each text alone, with [CLS] as "no answer" (Devlin et al. 2019), which makes scores
mean something by themselves; and, where a question stands beside a text without the answer, one softmax over both
texts (shared normalisation, Clark & Gardner 2018, arXiv:1710.10723), which makes them comparable between texts.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from index.passages.embedder import bundled_model
from qa.reading.network import (
    BASE,
    UNFIT,
    SpanModel,
    adapt,
    load_model,
    merge_weights,
    pad,
    read_weights,
    save_weights,
    trained_weights,
)
from training.reader_corpus import add_negatives, load_corpus
from training.reader_data import Example, Sampler, batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WARM_UP = 0.03  # of the whole run
_CHECKPOINT_SECONDS = 300.0


@dataclass(slots=True)
class Progress:
    """Where a run stands; kept in the checkpoint. `seconds` counts training alone."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    sequences: int = 0


def loss_of(model: SpanModel, groups: list[list[Example]], shared_weight: float) -> Tensor:
    """Return the scalar loss of a batch of groups."""
    flat = [e for group in groups for e in group]
    ids, mask, types, allowed = pad([(e.question, e.prefix, e.window, 0) for e in flat])
    logits = model(ids, mask, types, allowed)
    offsets = [len(e.question) + 2 + len(e.prefix) for e in flat]
    pairs = _pairs(groups)
    total = torch.zeros(())
    for scores, places in zip(logits, ([e.first for e in flat], [e.last for e in flat]), strict=True):
        gold = torch.tensor([at + begin if at >= 0 else 0 for at, begin in zip(places, offsets, strict=True)])
        total = total + functional.cross_entropy(scores, gold) / 2
        if pairs:
            total = total + shared_weight * _shared(scores, gold, pairs) / 2
    return total


def _pairs(groups: list[list[Example]]) -> list[tuple[int, int]]:
    """Return the (positive, negative) row numbers of the groups that ask one question of two texts."""
    found, row = [], 0
    for group in groups:
        if len(group) == 2 and group[0].pair and group[1].pair:
            found.append((row, row + 1))
        row += len(group)
    return found


def _shared(scores: Tensor, gold: Tensor, pairs: list[tuple[int, int]]) -> Tensor:
    """Return the cross-entropy of one softmax over both texts of each pair, of logits relative to "no answer"."""
    margins = scores[:, 1:] - scores[:, :1]
    whole = margins.logsumexp(1)
    positive, negative = torch.tensor(pairs).T
    right = margins[positive, gold[positive] - 1]
    return (torch.logaddexp(whole[positive], whole[negative]) - right).mean()


def rate_at(done: float, peak: float) -> float:
    """Return the learning rate at a share of the run: a linear warm-up, then a linear decay to zero."""
    return peak * min(done / _WARM_UP, max(0.0, 1 - done) / (1 - _WARM_UP))


def _new_model(rank: int, start: Path | None = None) -> SpanModel:
    """Return the bundled encoder with an untrained adapter and head; with rank 0, with those of `start` merged."""
    model = load_model(bundled_model())
    torch.nn.init.normal_(model.head.weight, std=0.02)
    torch.nn.init.zeros_(model.head.bias)
    if start and not rank:
        merge_weights(model, read_weights(start)[0])
    adapt(model, rank)
    return model


class Run:
    """One training run: model, optimiser, progress, and the checkpoint that they survive in."""

    def __init__(self, options: argparse.Namespace) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.model = _new_model(options.rank, options.start)
        self.trained = trained_weights(self.model)
        self._parameters = [p for p in self.model.parameters() if p.requires_grad]
        self._losses: list[float] = []
        self._error: Exception | None = None
        self._saved = self._since = 0.0
        self.optimiser = torch.optim.AdamW(self._parameters, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
        self.progress = Progress()
        self.checkpoint: Path = options.out / "checkpoint.pt"
        if options.resume and self.checkpoint.exists():
            self._resume()
        elif options.start and options.rank:
            self._copy(read_weights(options.start)[0])

    def _resume(self) -> None:
        saved: dict[str, Any] = torch.load(self.checkpoint, weights_only=True)
        self._copy(saved["weights"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.progress = Progress(**saved["progress"])

    def _copy(self, weights: Mapping[str, Tensor]) -> None:
        """Take over the values of trained weights. Raises KeyError or RuntimeError for those of another shape."""
        with torch.no_grad():
            for name, value in weights.items():
                self.trained[name].copy_(value)

    def save(self) -> None:
        """Write the checkpoint and the half-precision weights, each atomically."""
        self.options.out.mkdir(parents=True, exist_ok=True)
        p = self.progress
        progress = {name: getattr(p, name) for name in Progress.__slots__}
        state = {"weights": self.trained, "optimiser": self.optimiser.state_dict(), "progress": progress}
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)
        metadata = {
            "version": self.options.name,
            "rank": str(self.options.rank),
            "base": BASE,
            "sequences": str(p.sequences),
            "steps": str(p.step),
        }
        save_weights(self.trained, self.options.out / "reader.safetensors", metadata)

    def done(self) -> float:
        """Return the share of the run that lies behind, 0 to 1, by steps or by time."""
        if self.options.steps:
            return min(1.0, self.progress.step / int(self.options.steps))
        return min(1.0, self.progress.seconds / (60 * float(self.options.minutes)))

    def train(self, sampler: Sampler) -> None:
        """Train to the end, saving every few minutes.

        Each worker is a thread with one core and a copy of the weights. Workers do not wait for each other, so a core
        that other programs use slows only its own worker; a gradient may be one step old. One worker is deterministic.
        """
        work, lock = self._batches(sampler), threading.Lock()
        self._saved = self._since = time.monotonic()
        threads = [threading.Thread(target=self._work, args=(work, lock)) for _ in range(self.options.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._error:
            raise self._error
        self.save()

    def _work(self, work: Iterator[list[list[Example]]], lock: threading.Lock) -> None:
        """Take batches, and give their gradients to the one optimiser, until the run is done."""
        torch.set_num_threads(1 if self.options.workers > 1 else torch.get_num_threads())
        try:
            with lock:
                replica = _new_model(self.options.rank)
            own = [p for p in replica.parameters() if p.requires_grad]
            while True:
                with lock, torch.no_grad():
                    if self.done() >= 1.0 or self._error:
                        return
                    groups = next(work)
                    for mine, master in zip(own, self._parameters, strict=True):
                        mine.copy_(master)
                loss = loss_of(replica, groups, self.options.shared)
                gradients = torch.autograd.grad(loss, own)
                with lock:
                    self._apply(gradients, loss.item(), sum(len(group) for group in groups))
        except Exception as error:  # noqa: BLE001 - raised again by `train`
            self._error = error

    def _apply(self, gradients: Sequence[Tensor], loss: float, sequences: int) -> None:
        """Take one optimiser step, and note, log and save the progress."""
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            parameter.grad = gradient
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.done(), self.options.rate)
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self.optimiser.step()
        now, p = time.monotonic(), self.progress
        p.step, p.batch, p.seconds = p.step + 1, p.batch + 1, p.seconds + now - self._since
        p.sequences += sequences
        self._since = now
        self._losses.append(loss)
        if len(self._losses) == 50:
            _log(self, self._losses)
            self._losses.clear()
        if now - self._saved > _CHECKPOINT_SECONDS:
            self.save()
            self._saved = now

    def _batches(self, sampler: Sampler) -> Iterator[list[list[Example]]]:
        """Yield batches for ever, from where the checkpoint stopped."""
        skip = self.progress.batch
        while True:
            for number, groups in enumerate(batches(sampler, self.progress.epoch, self.options.tokens)):
                if number >= skip:
                    yield groups
            self.progress.epoch, self.progress.batch, skip = self.progress.epoch + 1, 0, 0


def _log(run: Run, losses: list[float]) -> None:
    p = run.progress
    line = {
        "step": p.step, "epoch": p.epoch, "done": round(run.done(), 4), "loss": round(sum(losses) / len(losses), 4),
        "sequences": p.sequences, "per_second": round(p.sequences / max(p.seconds, 1e-9), 1),
    }  # fmt: skip
    print(json.dumps(line), file=sys.stderr, flush=True)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(prog="python -m training.train_reader", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with squad-train, squad2-calibration and afriqa-en")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=100.0, help="length of the schedule in training time")
    length.add_argument("--steps", type=int, default=0, help="length of the schedule in batches, instead")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--start", type=Path, help="weights to begin with, instead of an untrained adapter")
    parser.add_argument("--out", type=Path, default=Path("data/reader"), help="folder for checkpoint and weights")
    parser.add_argument("--name", default="1", help="version that the weights carry")
    parser.add_argument("--rank", type=int, default=64, help="of the adapter; 0 trains every layer whole")
    parser.add_argument("--rate", type=float, default=1.0e-3, help="peak learning rate")
    parser.add_argument("--tokens", type=int, default=2560, help="tokens in a batch, padding included")
    parser.add_argument("--shared", type=float, default=0.5, help="weight of the shared-normalisation loss")
    parser.add_argument("--workers", type=int, default=2, help="cores that train independently of each other")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    from transformers import AutoTokenizer

    try:
        run = Run(options)  # before the corpus is read, which takes a while
    except UNFIT as error:
        parser.error(f"nothing to begin with ({error}); name weights of this --rank, please")
    tokenizer = AutoTokenizer.from_pretrained(bundled_model())
    corpus = load_corpus(options.data, "train", tokenizer)
    print(f"{len(corpus.paragraphs)} paragraphs, {len(corpus.questions)} questions", file=sys.stderr, flush=True)
    add_negatives(corpus)
    run.train(Sampler(corpus, tokenizer, options.seed))


if __name__ == "__main__":
    main()

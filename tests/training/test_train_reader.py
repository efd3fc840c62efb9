"""A training counts steps: what it makes depends on its seed, neither on the time nor on interruptions."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import torch

from qa.reading.network import read_weights
from qa.reading.span_reader import SpanReader
from training import reader_trainer
from training.reader_trainer import learning_rate
from training.train_reader import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
STEPS = 100


class Trained(NamedTuple):
    """A finished run: its folder and the JSON lines of its log."""

    folder: Path
    log: list[str]


@pytest.fixture(autouse=True, scope="module")
def _threads_are_left_as_they_were() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def _arguments(sets: Path, out: Path, *more: str) -> list[str]:
    return [str(sets), "--out", str(out), "--threads", "1", "--rank", "2", "--tokens", "64", *more]


def _train(sets: Path, out: Path, *more: str) -> Trained:
    log = io.StringIO()
    with contextlib.redirect_stderr(log):
        main(_arguments(sets, out, *more))
    return Trained(out, _log_lines(log.getvalue()))


def _log_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("{")]


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights of a checkpoint, in full precision."""
    saved: dict[str, Any] = torch.load(folder / "checkpoint.pt", weights_only=True)
    weights: dict[str, torch.Tensor] = saved["weights"]
    return weights


def _equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.fixture(scope="module")
def trained(training_sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a run of a hundred steps with seed 1. Only for reading."""
    return _train(training_sets, tmp_path_factory.mktemp("trained"), "--steps", str(STEPS), "--seed", "1")


def test_two_runs_of_a_hundred_steps_give_equal_weights(training_sets: Path, trained: Trained, tmp_path: Path) -> None:
    """The same command, in a process with another order of sets, gives the same bits and the same log."""
    arguments = _arguments(training_sets, tmp_path, "--steps", str(STEPS), "--seed", "1")
    command = [sys.executable, "-m", "training.train_reader", *arguments]
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert _equal(_weights(tmp_path), _weights(trained.folder))
    assert _equal(*(read_weights(folder / "reader.safetensors")[0] for folder in (tmp_path, trained.folder)))
    assert _log_lines(done.stderr) == trained.log
    assert len(trained.log) == 2


def test_another_seed_gives_other_weights(training_sets: Path, tmp_path: Path) -> None:
    """Seeds 1 and 2 differ after the same few steps, in the log too."""
    one, other = (_train(training_sets, tmp_path / s, "--steps", "3", "--seed", s) for s in ("1", "2"))

    assert not _equal(_weights(one.folder), _weights(other.folder))
    assert one.log != other.log


def test_a_resumed_run_ends_as_an_unbroken_one(
    training_sets: Path, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run killed at step 70 goes on from the checkpoint of step 60: same weights, same optimiser, same log."""
    loss, calls = reader_trainer.span_loss, itertools.count()

    def interrupted(*arguments: Any) -> torch.Tensor:
        if next(calls) == 70:
            raise KeyboardInterrupt
        return loss(*arguments)

    monkeypatch.setattr(reader_trainer, "_CHECKPOINT_STEPS", 30)
    monkeypatch.setattr(reader_trainer, "span_loss", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _train(training_sets, tmp_path, "--steps", str(STEPS))
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["progress"]["step"] == 60
    resumed = _train(training_sets, tmp_path, "--steps", str(STEPS), "--resume")

    assert _equal(_weights(tmp_path), _weights(trained.folder))
    assert resumed.log == trained.log[1:]
    ends = [torch.load(folder / "checkpoint.pt", weights_only=True) for folder in (tmp_path, trained.folder)]
    torch.testing.assert_close(ends[0], ends[1], rtol=0, atol=0)


def test_a_checkpoint_of_other_options_is_refused(
    training_sets: Path, trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    """Going on with another seed would give weights that no command can make again."""
    with pytest.raises(SystemExit, match="2"):
        main(_arguments(training_sets, trained.folder, "--steps", str(STEPS), "--seed", "2", "--resume"))

    assert "cannot resume" in capsys.readouterr().err


def test_the_weights_say_how_they_were_made(trained: Trained) -> None:
    """The metadata names seed, steps and sequences, and the reader loads the folder."""
    metadata = read_weights(trained.folder / "reader.safetensors")[1]

    assert (metadata["version"], metadata["rank"]) == ("1", "2")
    assert (metadata["seed"], metadata["steps"]) == ("1", str(STEPS))
    assert f'"sequences": {metadata["sequences"]}' in trained.log[-1]
    assert SpanReader(trained.folder).identity.startswith("verbatim-1-")


@pytest.fixture(scope="module")
def ranked(ranking_sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a run of eight steps with lists. Only for reading."""
    return _train(ranking_sets, tmp_path_factory.mktemp("ranked"), *_lists(ranking_sets))


def _lists(sets: Path) -> tuple[str, ...]:
    return ("--steps", "8", "--lists", str(sets / "mined"), "--tokens", "400", "--span-share", "0.5")


def test_lists_train_a_passage_score(ranked: Trained, trained: Trained) -> None:
    """Only weights of a run with lists score passages, and only its log has the loss of both."""
    weights = _weights(ranked.folder)

    assert SpanReader(ranked.folder).scores_passages
    assert not SpanReader(trained.folder).scores_passages
    assert bool(weights["passage_head.weight"].any())
    assert {"loss", "list_loss"} <= json.loads(ranked.log[-1]).keys()
    assert "list_loss" not in json.loads(trained.log[-1])


def test_a_resumed_run_with_lists_ends_as_an_unbroken_one(
    ranking_sets: Path, ranked: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run killed at step 5 goes on from the checkpoint of step 3, with the lists and spans that it would have had."""
    loss, calls = reader_trainer.ranking_loss, itertools.count()

    def interrupted(*arguments: Any) -> torch.Tensor:
        if next(calls) == 5:
            raise KeyboardInterrupt
        return loss(*arguments)

    monkeypatch.setattr(reader_trainer, "_CHECKPOINT_STEPS", 3)
    monkeypatch.setattr(reader_trainer, "ranking_loss", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _train(ranking_sets, tmp_path, *_lists(ranking_sets))
    resumed = _train(ranking_sets, tmp_path, *_lists(ranking_sets), "--resume")

    assert resumed.log == ranked.log
    ends = [torch.load(folder / "checkpoint.pt", weights_only=True) for folder in (tmp_path, ranked.folder)]
    torch.testing.assert_close(ends[0], ends[1], rtol=0, atol=0)


def test_a_passage_score_may_be_added_and_left_out(
    training_sets: Path, ranking_sets: Path, trained: Trained, ranked: Trained, tmp_path: Path
) -> None:
    """Lists may be trained from weights without a passage score; a run without lists keeps none of an earlier one."""
    without, scored = (str(run.folder / "reader.safetensors") for run in (trained, ranked))
    _train(ranking_sets, tmp_path / "added", *_lists(ranking_sets), "--steps", "1", "--start", without)
    _train(training_sets, tmp_path / "left", "--steps", "1", "--start", scored)

    assert "passage_head.weight" in _weights(tmp_path / "added")
    assert "passage_head.weight" not in _weights(tmp_path / "left")


def test_a_run_may_start_from_weights_of_its_rank(
    training_sets: Path, trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first step has a learning rate of zero, so one step keeps them; those of another rank are refused."""
    start = str(trained.folder / "reader.safetensors")
    one = _train(training_sets, tmp_path / "one", "--steps", "1", "--start", start)
    with pytest.raises(SystemExit, match="2"):
        main(_arguments(training_sets, tmp_path / "other", "--steps", "1", "--start", start, "--rank", "4"))

    assert _equal(*(read_weights(folder / "reader.safetensors")[0] for folder in (one.folder, trained.folder)))
    assert "nothing to begin with" in capsys.readouterr().err


def test_the_learning_rate_rises_and_then_falls_to_zero() -> None:
    """It is at its peak after 3 % of the run."""
    rates = [learning_rate(done, 0.8) for done in (0.0, 0.015, 0.03, 0.515, 1.0)]

    assert rates == pytest.approx([0.0, 0.4, 0.8, 0.4, 0.0])

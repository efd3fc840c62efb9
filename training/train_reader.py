"""Train the span reader on a folder of question-answering sets, for a number of steps.

    python -m training.train_reader FOLDER --steps 10000 --seed 1 --out data/reader
    python -m training.train_reader FOLDER --lists MINED --start WEIGHTS --rank 0 --rate 1e-4 --tokens 6000 --steps 3000

With `--lists`, it trains a score of whole passages, too: on the sets of `training.ranking_corpus` in FOLDER, and on the
pairs in MINED, as written by `training.mine_headings`.

The last line of the log and the metadata of the weights tell steps and sequences. With `--threads 1` the same command
gives the same weights, bit for bit, on one machine; with more threads it usually does, but torch does not promise it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from index.passages.embedder import bundled_model, load_embedder
from qa.reading.network import WEIGHT_ERRORS
from training.ranking_corpus import load_ranking_corpus
from training.ranking_data import ListSampler
from training.reader_corpus import add_negatives, load_corpus
from training.reader_data import ExampleSampler
from training.reader_trainer import CheckpointMismatchError, ReaderTrainer, TrainingOptions

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options and train."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    trainer = _trainer(parser, options)  # before the corpus is read, which takes a while
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(bundled_model())
    corpus = load_corpus(options.data, "train", tokenizer)
    print(f"{len(corpus.paragraphs)} paragraphs, {len(corpus.questions)} questions", file=sys.stderr, flush=True)
    add_negatives(corpus)
    trainer.train(ExampleSampler(corpus, tokenizer, options.seed), _lists(options, tokenizer))


def _lists(options: argparse.Namespace, tokenizer: Any) -> ListSampler | None:
    """Return a sampler of lists, if the options ask for it."""
    if not options.lists:
        return None
    corpus = load_ranking_corpus(options.data, options.lists, load_embedder())
    print(f"{len(corpus.passages)} passages, {len(corpus.questions)} lists", file=sys.stderr, flush=True)
    return ListSampler(corpus, tokenizer, options.seed)


def _trainer(parser: argparse.ArgumentParser, options: argparse.Namespace) -> ReaderTrainer:
    """Return the trainer that the options describe; end with a message where there is none."""
    chosen = TrainingOptions(
        options.steps,
        options.seed,
        options.rank,
        options.rate,
        options.tokens,
        options.shared,
        options.span_share if options.lists else None,
    )
    try:
        trainer = ReaderTrainer(chosen, options.out, options.name, options.start)
        if options.resume:
            trainer.resume()
    except CheckpointMismatchError as error:
        parser.error(f"cannot resume: {error}")
    except WEIGHT_ERRORS as error:
        parser.error(f"nothing to begin with ({error}); name weights of this --rank")
    return trainer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.train_reader",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("data", type=Path, help="folder with squad-train, squad2-calibration and afriqa-en")
    add("--lists", type=Path, help="folder with mined pairs; trains the passage score, too")
    add("--span-share", type=_share, default=0.3, help="share of the steps that train spans, with --lists")
    add("--steps", type=_positive, default=10_000, help="batches to train on; the learning rate ends at zero")
    add("--resume", action="store_true", help="go on from the checkpoint in --out, if there is one")
    add("--start", type=Path, help="weights to begin with, instead of an untrained adapter")
    add("--out", type=Path, default=Path("data/reader"), help="folder for checkpoint and weights")
    add("--name", default="1", help="version that the weights carry")
    add("--rank", type=int, default=64, help="of the adapter; 0 trains every layer whole")
    add("--rate", type=float, default=1.0e-3, help="peak learning rate")
    add("--tokens", type=int, default=2560, help="tokens in a batch, padding included")
    add("--shared", type=float, default=0.5, help="weight of the shared-normalisation loss")
    add(
        "--threads",
        type=_positive,
        help="threads of torch (default: as torch decides); 1 gives equal weights each time",
    )
    add("--seed", type=int, default=1, help="of the untrained weights and of the examples drawn")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number


if __name__ == "__main__":
    main()

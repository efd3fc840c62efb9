"""What benchmarks share: options, models, the parts of the data sets and a library of each."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from benchmarks import data, pipeline_trial
from benchmarks.splits import split_of
from index.libraries.registry import Libraries
from index.passages.embedder import load_embedder
from qa.answerer import Answerer, Thresholds
from qa.reading import calibration
from qa.reading.loading import load_models

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from benchmarks.data import QASet, Question
    from benchmarks.pipeline_trial import Trial
    from benchmarks.splits import Split


class Kinds(NamedTuple):
    """The trials of one set: questions that its articles answer, near misses, and questions of the other sets."""

    answerable: list[Trial]
    near_miss: list[Trial]
    off_topic: list[Trial]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that all benchmarks share."""
    parser.add_argument("folder", type=Path, help="folder of NAME.docs.jsonl[.gz] and NAME.qa.jsonl[.gz]")
    parser.add_argument("--sets", nargs="+", help="names of the sets (default: every one in the folder)")
    parser.add_argument("--questions", type=int, default=400, help="at most so many of each kind and set")
    parser.add_argument("--embedding-model", default="bundled")
    parser.add_argument("--reader-model", default="verbatim")
    parser.add_argument("--reranker-model", default="verbatim")
    parser.add_argument("--work", type=Path, help="keep the libraries here, so that the next run need not embed")
    parser.add_argument("--data-dir", type=Path, help="a data folder with a calibration of its own")


class Bench:
    """The models and libraries of a run. Use it as a context manager.

    With `measured` trials carry the features of proposals, to fit a calibration, instead of confidences.
    """

    def __init__(self, options: argparse.Namespace, *, measured: bool = False) -> None:
        self.measured = measured
        self._options = options
        self._close = ExitStack()
        work = options.work or Path(self._close.enter_context(tempfile.TemporaryDirectory()))
        self.embedder = load_embedder(options.embedding_model)
        self.models = load_models(options.reader_model, options.reranker_model, self.embedder)
        thresholds = Thresholds(getattr(options, "answer_from", 0.3), 0.1)
        self.libraries = Libraries(work, lambda: self.embedder)
        self._close.callback(self.libraries.close)
        self.answerer = Answerer(
            self.libraries, lambda: self.embedder, lambda: self.models, thresholds, options.data_dir
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close.close()

    @property
    def identities(self) -> tuple[str, str]:
        """The identities of the embedder and of the reading models, as in calibration files."""
        return calibration.identities(self.embedder, self.models)

    def sets(self, split: Split) -> list[QASet]:
        """Return the part of each set that belongs to a split, without sets that have no question in it."""
        chosen = data.names(self._options.folder) if self._options.sets is None else self._options.sets
        parts = [
            data.read(self._options.folder, name).part(in_split(name, split), self._options.questions)
            for name in chosen
        ]
        return [part for part in parts if part.questions]

    def library(self, part: QASet, split: str) -> str:
        """Return the name of the library of a part, and fill the library if it is empty."""
        name = f"{part.name}-{split}"
        library = self.libraries.open(name)
        if len(library.articles()) == 0:
            say(f"{name}: {data.fill(library, part.documents)} documents")
        return name

    def ask(self, library: str, questions: Sequence[Question]) -> list[Trial]:
        """Ask a library questions."""
        return pipeline_trial.run(self.answerer, library, questions, measured=self.measured)

    def trials(self, split: Split) -> dict[str, Kinds]:
        """Ask each set's library its own questions and those of the other sets; return the trials by set."""
        parts = self.sets(split)
        return {part.name: self._kinds(part, parts, split) for part in parts}

    def off_topic(self, name: str, titles: set[str], parts: Sequence[QASet]) -> list[Question]:
        """Return answerable questions of the sets other than `name`, without those about articles with these titles."""
        foreign = [q for other in parts if other.name != name for q in other.questions if q.answers]
        step = max(1, len(foreign) // self._options.questions)
        return [q for q in foreign[::step] if q.title not in titles]

    def _kinds(self, part: QASet, parts: list[QASet], split: str) -> Kinds:
        name = self.library(part, split)
        say(f"{name}: asking")
        asked: list[list[Question]] = [
            [q for q in part.questions if q.answers],
            [q for q in part.questions if not q.answers],
            self.off_topic(part.name, {doc.title for doc in part.documents}, parts),
        ]
        return Kinds(*(self.ask(name, questions) for questions in asked))


def in_split(name: str, split: Split) -> Callable[[str], bool]:
    """Return a predicate of titles: whether an article of the set belongs to the split."""
    return lambda title: split_of(name, title) == split


def say(line: str) -> None:
    """Print a progress message to standard error."""
    print(line, file=sys.stderr, flush=True)

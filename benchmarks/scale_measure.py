"""Measures one library: times by stage, recall, right answers, memory, changes. One process for each library.

    python -m benchmarks.scale_measure DATA_DIR FOLDER --json FILE

DATA_DIR was built by `benchmarks.scale_library`; FOLDER has the question sets.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks import off_topic, scale_library
from benchmarks.harness import say
from benchmarks.pipeline_trial import LONGEST
from benchmarks.scale_changes import changes
from benchmarks.scale_library import finish_building
from benchmarks.scale_process import memory
from benchmarks.scale_stages import STAGES, watched
from benchmarks.typos import KINDS
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.passages.embedder import load_embedder
from qa.answerer import Answerer, Thresholds
from qa.ask import ask_checked
from qa.outcome import Answer
from qa.reading.loading import load_models
from qa.reading.protocol import ReadPassage
from qa.retrieval import search as qa_search
from storage.database import Database
from storage.stored_answers import StoredAnswer, StoredQuote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.data import Question
    from benchmarks.scale_stages import StageClock
    from index.indexes.open_indexes import OpenIndexes
    from index.passages.embedder import Embedder
    from qa.outcome import Outcome, Quote
    from qa.reading.protocol import ReadingModels

NEAREST = 10
_WARMING = 10  # questions before those that are measured
_ROWS = 65_536  # vectors compared at a time
_LEXICAL = ("search", "count", "document_frequencies", "word_sets", "rows")
Figures = dict[str, Any]


class Case(NamedTuple):
    """A question, and what decides whether a quote answers it."""

    text: str
    is_right: Callable[[Quote], bool]


def cases(questions: Sequence[Question]) -> list[Case]:
    """Return questions of a set: right is a quote of the article asked about that has an answer, letter for letter."""

    def judge(question: Question) -> Callable[[Quote], bool]:
        return lambda quote: (
            quote.title == question.title
            and len(quote.text) <= LONGEST
            and any(answer in quote.text for answer in question.answers)
        )

    return [Case(question.text, judge(question)) for question in questions]


class Subject:
    """A library with the program's parts around it, opened as the program opens it."""

    def __init__(
        self,
        folder: Path,
        name: str = scale_library.LIBRARY,
        embedder: Embedder | None = None,
        models: ReadingModels | None = None,
    ) -> None:
        self.embedder = embedder or load_embedder()
        self.models = models or load_models("verbatim", "verbatim", self.embedder)
        self.libraries = Libraries(folder, lambda: self.embedder)
        thresholds = Thresholds(0.3, 0.1)  # the settings' defaults
        self.answerer = Answerer(self.libraries, lambda: self.embedder, lambda: self.models, thresholds)
        self.answerer.warm()
        text = "The swing bridge of the harbour opens at six o'clock on weekdays. " * 8
        for _ in range(3):  # what reading takes counts as memory of the models
            self.models.read("When does the bridge open?", [ReadPassage("Harbour", "Bridge", text)] * 16)
        gc.collect()
        gc.freeze()
        self.name = name

    @property
    def library(self) -> Library:
        """The library."""
        return self.libraries.open(self.name)

    @property
    def indexes(self) -> OpenIndexes:
        """Its indexes. Raises ValueError if it is empty."""
        indexes = self.library.indexes()
        if indexes is None:
            raise ValueError(f"{self.name} holds nothing")
        return indexes

    def wait(self) -> None:
        """Wait until what is built beside answering is in use."""
        finish_building(self.indexes)

    def ask(self, question: str) -> Outcome:
        """Answer a question, with the last check of every quote."""
        return ask_checked(self.answerer, question, (self.name,))


def measure(
    subject: Subject,
    asked: Sequence[Case],
    invented: Sequence[str],
    *,
    changed: int = 5,
    slips: int = 100,
    now: Callable[[], float] = time.perf_counter,
) -> Figures:
    """Return all figures of a library; `changed` articles are added and removed, `slips` questions have a slip.

    Times by stage are by the clock `now`.
    """
    before = memory()
    started = time.perf_counter()
    found: Figures = {"passages": subject.indexes.passages, "open s": time.perf_counter() - started}
    subject.wait()
    with watched(_parts(subject), now) as clock, tempfile.TemporaryDirectory() as notes:
        for case in asked[:_WARMING]:  # what is read from the disk once
            subject.ask(case.text)
        with closing(Database(Path(notes) / "discord.db")) as database:
            found |= _answers(subject, clock, database, asked)
        found["off-topic answered"] = float(np.mean([isinstance(subject.ask(text), Answer) for text in invented]))
        found["typo ms"] = _typos(subject, clock, asked, slips)
    used = memory().beyond(before)
    found |= {"anonymous MB": used.anonymous, "mapped MB": used.mapped}
    found["recall"] = recall(subject, [case.text for case in asked])
    return found | changes(subject, [case.text for case in asked[:changed]])


def _parts(subject: Subject) -> dict[str, Sequence[tuple[object, str]]]:
    """Return the methods whose time is measured, by stage."""
    dense, lexical = type(subject.indexes.dense), type(subject.indexes.lexical)
    return {
        "embedding": [(type(subject.embedder), "query")],
        "dense": [(dense, "search")],
        "lexical": [(lexical, name) for name in _LEXICAL],
        "typo": [(qa_search, "correct_spelling"), (lexical, "similar_terms")],
        "catalogue": [(Library, "passages"), (Library, "vectors")],
    }


def _answers(subject: Subject, clock: StageClock, database: Database, asked: Sequence[Case]) -> Figures:
    """Ask every question, and note each answer as the bot does; return times in milliseconds and shares."""
    times: list[dict[str, float]] = []
    right, answered = [], []
    for case in asked:
        outcome, stages = clock.measure(lambda case=case: subject.ask(case.text))  # type: ignore[misc]
        record = _record(outcome)
        started = clock.now()
        database.keep(record)
        stages["noting"] = (clock.now() - started) * 1000
        times.append(stages)
        right.append(bool(outcome.quotes) and case.is_right(outcome.quotes[0]))
        answered.append(isinstance(outcome, Answer))
    return {
        "median ms": float(np.median([stages["wall"] for stages in times])),
        "p95 ms": float(np.percentile([stages["wall"] for stages in times], 95)),
        "median ms of processor": float(np.median([stages["processor"] for stages in times])),
        "p95 ms of processor": float(np.percentile([stages["processor"] for stages in times], 95)),
        "stages median ms": {name: float(np.median([stages[name] for stages in times])) for name in STAGES},
        "stages p95 ms": {name: float(np.percentile([stages[name] for stages in times], 95)) for name in STAGES},
        "first quote right": float(np.mean(right)),
        "answered": float(np.mean(answered)),
    }


def _record(outcome: Outcome) -> StoredAnswer:
    quotes = tuple(StoredQuote.of(quote) for quote in outcome.quotes)
    settled = outcome.question, outcome.name, outcome.confidence, outcome.elapsed_ms
    return StoredAnswer(1, 1, 1, time.time(), *settled, quotes, min(1, len(quotes)))


def _typos(subject: Subject, clock: StageClock, asked: Sequence[Case], most: int) -> dict[str, float]:
    """Ask at most so many questions with a slip in a name; return median and p95 of answers and of the typo stage."""
    chance = random.Random("slips")
    changed = [(case.text, KINDS["a slip in a name"](case.text, chance)) for case in asked]
    slips = [new for old, new in changed if new != old][:most]
    times = [clock.measure(lambda new=new: subject.ask(new))[1] for new in slips]  # type: ignore[misc]
    return {
        f"{stage} {name}": float(np.percentile([one[stage] for one in times], share))
        for stage in ("total", "typo")
        for name, share in (("median", 50), ("p95", 95))
    }


def recall(subject: Subject, questions: Sequence[str]) -> float:
    """Return the share of the 10 passages nearest to each question that dense search finds among its first 10.

    A passage that is as near as the tenth counts as found.
    """
    queries = np.stack([subject.embedder.query(text) for text in questions])
    best = np.full((len(queries), NEAREST), -2.0, np.float32)
    for rows in _vectors(subject):
        both = np.concatenate([best, queries @ rows.T], axis=1)
        best = -np.sort(-both, axis=1)[:, :NEAREST]
    shares = []
    for query, nearest in zip(queries, best, strict=True):
        ids, _ = subject.indexes.dense.search(query, NEAREST)
        found = np.stack(list(subject.library.vectors(ids.tolist()).values()))
        cosines = found @ query
        shares.append(min(1.0, float(np.mean(cosines >= nearest[-1] - 1e-5)) * len(cosines) / NEAREST))
    return float(np.mean(shares))


def _vectors(subject: Subject) -> Iterator[np.ndarray]:
    """Yield the (n, d) vectors of the catalogue."""
    catalog = subject.library.catalog
    assert catalog is not None
    ids = catalog.passage_ids()
    for start in range(0, len(ids), _ROWS):
        yield catalog.vectors(ids[start : start + _ROWS], subject.embedder.dimension).vectors


def main() -> None:
    """Measure one library and write its figures to a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--processor", action="store_true", help="measure stages by the time of the processor")
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    asked = cases(scale_library.asked(options.folder, options.questions).questions)
    subject = Subject(options.data_dir)
    now = time.process_time if options.processor else time.perf_counter
    found = measure(subject, asked, [question.text for question in off_topic.read()], now=now)
    subject.libraries.close()
    options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    say(json.dumps(found))


if __name__ == "__main__":
    main()

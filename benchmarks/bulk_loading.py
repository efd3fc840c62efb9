"""Loading many articles, against embedding the same passages in bulk and nothing else.

    python -m benchmarks.bulk_loading load-en.jsonl.gz [--articles 4000] [--turns 3] [--singly]

The file has a JSON object with `title` and `text` on each line. Each turn embeds what is embedded for the passages of
these articles, all in one call, and then adds the articles, as text files of a folder, to an empty library with the
command `add`, and closes it. Both use the same model, precision and threads, in one process; loading the model is not
counted. With `--singly` the articles are also stored one after another. A turn's wall time and the CPU time of this
process are printed with the ratio to bulk embedding; the process that parses the files is not in the CPU time.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from index.incremental import finish
from index.libraries.registry import Libraries
from index.models import Draft
from index.passages import batch_embedding
from index.passages.embedder import Embedder, load_embedder
from index.sources.http.client import Fetcher
from index.sources.loader import drafts
from index.text.language import article_language
from terminal.add_command import add


class Taken(NamedTuple):
    """The wall time of a run and its CPU time, in seconds."""

    wall: float
    cpu: float


def write_articles(file: Path, count: int, folder: Path) -> None:
    """Write the texts of a data set, in a fixed random order, as files of a folder."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    random.Random(1).shuffle(rows)
    folder.mkdir()
    for number, row in enumerate(rows[:count]):
        (folder / f"{number:06}.txt").write_text(f"{row['title']}\n\n{row['text']}", encoding="utf-8")


def inputs_of(found: list[Draft], embedder: Embedder) -> list[str]:
    """Return the texts that are embedded for the passages of articles."""
    inputs = []
    for draft in found:
        chunks = batch_embedding.split(draft.text, draft.sections, embedder, draft.language)
        inputs += finish(batch_embedding.inputs_in_steps(draft.title, draft.text, chunks, embedder))
    return inputs


def timed(work: Callable[[], object]) -> Taken:
    """Run some work and return how long it took."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - began, time.process_time() - cpu)


@contextlib.contextmanager
def empty_libraries(embedder: Embedder) -> Iterator[Libraries]:
    """Yield libraries in a new folder; they are closed, and their files written, when the block ends."""
    with tempfile.TemporaryDirectory() as name:
        libraries = Libraries(Path(name), lambda: embedder)
        yield libraries
        libraries.close()


def load(folder: Path, embedder: Embedder) -> None:
    """Add a folder as the command does."""
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        empty_libraries(embedder) as libraries,
    ):
        add(libraries.open, [str(folder)], Fetcher())


def load_singly(folder: Path, embedder: Embedder) -> None:
    """Add the files of a folder one after another."""
    with empty_libraries(embedder) as libraries:
        for item in drafts(str(folder)):
            if isinstance(item, Draft):
                libraries.open().add(item)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=4000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--singly", action="store_true")
    options = parser.parse_args()
    embedder = load_embedder()
    embedder.passages(["warm"])
    article_language("The model is loaded when it is first used.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "articles")
        write_articles(options.file, options.articles, folder)
        found = [item for item in drafts(str(folder)) if isinstance(item, Draft)]
        inputs = inputs_of(found, embedder)
        print(f"{len(found):,} articles, {len(inputs):,} passages\n", flush=True)
        works: dict[str, Callable[[], object]] = {"bulk embedding": lambda: embedder.passages(inputs)}
        works["`add`"] = lambda: load(folder, embedder)
        if options.singly:
            works["one after another"] = lambda: load_singly(folder, embedder)
        turns = [{title: timed(work) for title, work in works.items()} for _ in range(options.turns)]
    print("| | wall time | CPU time | wall time / bulk | CPU time / bulk |\n|---|---|---|---|---|")
    for title in works:
        of_turns = [(turn[title], turn["bulk embedding"]) for turn in turns]
        wall, cpu = (statistics.median(taken[at] for taken, _ in of_turns) for at in (0, 1))
        ratios = (statistics.median(taken[at] / bulk[at] for taken, bulk in of_turns) for at in (0, 1))
        print(
            f"| {title} | {wall:.1f} s | {cpu:.1f} s | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} |", flush=True
        )


if __name__ == "__main__":
    main()

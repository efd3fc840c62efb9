"""Latency of questions while articles are being added, in one process as in the bot.

    python -m benchmarks.concurrent_loading [--questions 40] [--characters 1000000] [--gap 0.3]

Questions are asked one after another, `--gap` seconds apart: while nothing is added, while one long article is added,
and while articles of about 5,000 characters are added, one after another and as an import adds them, many together. The
library has 200 of those beforehand.
A question may have to wait for one piece of adding, so the longest is reported too, in CPU time, which other programs
do not affect.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from cogs.core.worker import Worker
from index.libraries.registry import Libraries
from index.models import Draft
from index.passages.embedder import load_embedder
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.reading.loading import load_models

T = TypeVar("T")

_WORDS: Final = (
    "harbour keeper window lamp gull yard ferry island morning storm ticket guest museum letter engine rope tide "
    "captain kitchen winter record ladder signal paint stone ledger visitor sunday oil mirror bell chart net"
).split()
_LIBRARY: Final = "beside"
_STORED_BEFORE: Final = 200  # articles
_SHORT: Final = 5_000  # characters


def make_article(number: int, characters: int) -> Draft:
    """Return an article of about `characters` characters, with headings."""
    rng = random.Random(number)
    blocks = [f"# Room {number}"]
    while characters > 0:
        said = " ".join(f"The {' '.join(rng.choices(_WORDS, k=12))} of room {number}." for _ in range(5))
        blocks += [f"## Part {len(blocks)}", said] if len(blocks) % 20 == 1 else [said]
        characters -= len(said)
    return draft_from_text("\n\n".join(blocks), key=f"{number}", source=f"{number}.md", markdown=True)


def recording_longest(pieces: Generator[object, None, T], longest: list[float]) -> Generator[None, None, T]:
    """Run `pieces` to the end and store the CPU time of the longest, in milliseconds, in `longest[0]`."""
    while True:
        begun = time.thread_time()
        try:
            next(pieces)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            longest[0] = max(longest[0], (time.thread_time() - begun) * 1000)
        yield


async def ask_questions(answer: Callable[[str], object], worker: Worker, count: int, gap: float) -> list[float]:
    """Ask `count` questions one after another, `gap` seconds apart; return the milliseconds that each took."""
    taken = []
    for number in range(count):
        question = f"Where is the {_WORDS[number % len(_WORDS)]} of room {number * 7 % _STORED_BEFORE}?"
        begun = time.perf_counter()
        await worker.run(lambda question=question: answer(question))  # type: ignore[misc] # bound early
        taken.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(gap)
    return taken


async def ask_while_storing(
    worker: Worker,
    libraries: Libraries,
    answer: Callable[[str], object],
    drafts: Sequence[Draft],
    together: int,
    options: argparse.Namespace,
) -> tuple[list[float], int, float]:
    """Return the times of questions while drafts are added, the number added, and the longest piece; times in ms.

    `together` is how many are added at a time.
    """
    stored, longest = 0, [0.0]

    async def store() -> None:
        nonlocal stored
        library = libraries.open(_LIBRARY)
        for first in range(0, len(drafts), together):
            batch = drafts[first : first + together]
            steps = library.add_in_steps(batch[0]) if together == 1 else library.add_all_in_steps(batch)
            await worker.run_in_steps(recording_longest(steps, longest))
            stored += len(batch)

    task = asyncio.create_task(store())
    taken = await ask_questions(answer, worker, options.questions, options.gap)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return taken, stored, longest[0]


async def measure(worker: Worker, libraries: Libraries, answerer: Answerer, options: argparse.Namespace) -> None:
    """Measure the three cases and print the table."""

    def answer(question: str) -> object:
        return answerer.ask(question, [_LIBRARY])

    for number in range(_STORED_BEFORE):
        draft = make_article(number, _SHORT)
        await worker.run(lambda draft=draft: libraries.open(_LIBRARY).add(draft))  # type: ignore[misc] # bound early
    await worker.run(lambda: answer("warm?"))
    small = [make_article(number, _SHORT) for number in range(_STORED_BEFORE, 4 * _STORED_BEFORE)]
    long = [make_article(-number, options.characters) for number in range(1, 4)]
    print(
        "| | median | slowest of 20 | slowest | stored meanwhile | longest piece |\n|---|---|---|---|---|---|",
        flush=True,
    )
    for name, drafts, together in (
        ("nothing going on", [], 1),
        ("one long article", long, 1),
        ("many articles", small[:_STORED_BEFORE], 1),
        ("many articles together", small[_STORED_BEFORE:], 20),
    ):
        taken, stored, longest = await ask_while_storing(worker, libraries, answer, drafts, together, options)
        slow = statistics.quantiles(taken, n=20)[-1]
        rest = f"{stored} | {longest:.0f} ms" if drafts else "- | -"
        print(
            f"| {name} | {statistics.median(taken):.0f} ms | {slow:.0f} ms | {max(taken):.0f} ms | {rest} |",
            flush=True,
        )
    await worker.run(libraries.close)


def main() -> None:
    """Parse the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--characters", type=int, default=1_000_000, help="of the long article")
    parser.add_argument("--gap", type=float, default=0.3, help="seconds between an answer and the next question")
    options = parser.parse_args()
    embedder = load_embedder()
    models = load_models("verbatim", "verbatim", embedder)
    with tempfile.TemporaryDirectory() as folder, Worker() as worker:
        libraries = Libraries(Path(folder), lambda: embedder)
        answerer = Answerer(libraries, lambda: embedder, lambda: models, Thresholds(0.3, 0.1), Path(folder))
        gc.freeze()  # as the bot does
        asyncio.run(measure(worker, libraries, answerer, options))


if __name__ == "__main__":
    main()

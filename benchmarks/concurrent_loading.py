"""How fast questions are answered while long or many articles are being stored, in one process as the bot runs it.

    python -m benchmarks.concurrent_loading [--questions 40] [--characters 1000000] [--gap 0.3]

Questions are asked one after another, `--gap` seconds apart: with nothing going on, while one long article is stored,
and while articles of about 5,000 characters are stored one after another. The library holds 200 of these before.
The longest piece is what a question may have to wait for, in processor time, so that other programs do not count.
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
from typing import Final

from cogs.core.worker import Worker
from index.libraries.registry import Libraries
from index.models import Draft, Receipt
from index.passages.embedder import load_embedder
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.reading.span_reader import load_reader

_WORDS: Final = (
    "harbour keeper window lamp gull yard ferry island morning storm ticket guest museum letter engine rope tide "
    "captain kitchen winter record ladder signal paint stone ledger visitor sunday oil mirror bell chart net"
).split()
_NAME: Final = "beside"
_HELD: Final = 200
_SMALL: Final = 5_000  # characters


def made(number: int, characters: int) -> Draft:
    """Return an article of about so many characters, in chapters."""
    chance = random.Random(number)
    blocks = [f"# Room {number}"]
    while characters > 0:
        said = " ".join(f"The {' '.join(chance.choices(_WORDS, k=12))} of room {number}." for _ in range(5))
        blocks += [f"## Part {len(blocks)}", said] if len(blocks) % 20 == 1 else [said]
        characters -= len(said)
    return draft_from_text("\n\n".join(blocks), key=f"{number}", source=f"{number}.md", markdown=True)


def timed(pieces: Generator[None, None, Receipt], longest: list[float]) -> Generator[None, None, Receipt]:
    """Do a work in its pieces, and keep the milliseconds of processor time of the longest."""
    while True:
        begun = time.thread_time()
        try:
            next(pieces)
        except StopIteration as end:
            receipt: Receipt = end.value
            return receipt
        finally:
            longest[0] = max(longest[0], (time.thread_time() - begun) * 1000)
        yield


async def asked(answer: Callable[[str], object], worker: Worker, count: int, gap: float) -> list[float]:
    """Ask so many questions, each when the one before is answered; return the milliseconds that each took."""
    taken = []
    for number in range(count):
        question = f"Where is the {_WORDS[number % len(_WORDS)]} of room {number * 7 % _HELD}?"
        begun = time.perf_counter()
        await worker.run(lambda question=question: answer(question))  # type: ignore[misc] # bound, so that it stays
        taken.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(gap)
    return taken


async def beside(
    worker: Worker,
    libraries: Libraries,
    answer: Callable[[str], object],
    drafts: Sequence[Draft],
    options: argparse.Namespace,
) -> tuple[list[float], int, float]:
    """Return the times of questions while drafts are stored, how many were, and the longest piece, in milliseconds."""
    stored, longest = 0, [0.0]

    async def store() -> None:
        nonlocal stored
        for draft in drafts:
            await worker.run_pieces(timed(libraries.open(_NAME).adding(draft), longest))
            stored += 1

    task = asyncio.create_task(store())
    taken = await asked(answer, worker, options.questions, options.gap)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return taken, stored, longest[0]


async def measure(worker: Worker, libraries: Libraries, answerer: Answerer, options: argparse.Namespace) -> None:
    """Measure and print a table."""

    def answer(question: str) -> object:
        return answerer.ask(question, [_NAME])

    for number in range(_HELD):
        draft = made(number, _SMALL)
        await worker.run(lambda draft=draft: libraries.open(_NAME).add(draft))  # type: ignore[misc] # bound
    await worker.run(lambda: answer("warm?"))
    small = [made(number, _SMALL) for number in range(_HELD, 3 * _HELD)]
    long = [made(-number, options.characters) for number in range(1, 4)]
    print(
        "| | median | slowest of 20 | slowest | stored meanwhile | longest piece |\n|---|---|---|---|---|---|",
        flush=True,
    )
    for name, drafts in (("nothing going on", []), ("one long article", long), ("many articles", small)):
        taken, stored, longest = await beside(worker, libraries, answer, drafts, options)
        slow = statistics.quantiles(taken, n=20)[-1]
        told = f"{stored} | {longest:.0f} ms" if drafts else "- | -"
        print(
            f"| {name} | {statistics.median(taken):.0f} ms | {slow:.0f} ms | {max(taken):.0f} ms | {told} |", flush=True
        )
    await worker.run(libraries.close)


def main() -> None:
    """Read the options, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--characters", type=int, default=1_000_000, help="of the long article")
    parser.add_argument("--gap", type=float, default=0.3, help="seconds between an answer and the next question")
    options = parser.parse_args()
    embedder = load_embedder()
    reader = load_reader("verbatim", embedder)
    with tempfile.TemporaryDirectory() as folder, Worker() as worker:
        libraries = Libraries(Path(folder), lambda: embedder)
        answerer = Answerer(libraries, lambda: embedder, lambda: reader, Thresholds(0.3, 0.1), Path(folder))
        gc.freeze()  # as the bot does
        asyncio.run(measure(worker, libraries, answerer, options))


if __name__ == "__main__":
    main()

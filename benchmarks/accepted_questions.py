"""What it costs that each question is stored before it is answered.

    python -m benchmarks.accepted_questions [--times 200] [--at-once 50] [--postgres]

For one question at a time, and for some at the same moment: the milliseconds until it may be acknowledged, and those
that noting it takes in all, with storing it and without; medians, their ratio, and in brackets those that this
process kept a processor busy. Finding and sending the answer are left
out. The two ways take turns, so that other programs slow both. `--postgres` measures on a PostgreSQL server that is
started for it, too.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from cogs.core.async_store import AsyncStore
from cogs.messaging.accepted import AcceptedQuestions
from cogs.messaging.claims import Asked, Claim
from index.models import Span
from storage.stored_answers import StoredAnswer, StoredQuote
from storage.stores import Stores, prepare
from tests.postgres_server import running_postgres

_ids: Final = count(10**17)
_QUOTE: Final = StoredQuote("guild-1", 1, 0, 120, "0" * 64, (Span(3, 9),), 2, 9, 0.8)
_QUESTION: Final = "How long is a ticket valid if I change trains on the way, and may I interrupt the journey?"
_DETAILS: Final = {"command": {"question": _QUESTION}, "token": "a" * 220, "locale": "en-GB", "busy": False}


class Trial:
    """Notes questions as the bot does, and remembers how long that took."""

    def __init__(self, store: AsyncStore) -> None:
        """Take the store, whose database may have other rows."""
        self._store = store
        self._accepted = AcceptedQuestions(store, "not.a.token", "benchmark")
        self.acknowledged: list[float] = []
        self.noted: dict[bool, list[float]] = {True: [], False: []}
        self.busy = {True: 0.0, False: 0.0}  # seconds of a processor

    async def ask(self, *, stored: bool) -> None:
        """Note one question."""
        key, begun = next(_ids), time.perf_counter()
        if stored:
            asked = Asked(key, "command", 1, 2, 3, _DETAILS)
            await self._accepted.answer_once(asked, lambda claim: self._answer(key, claim, begun))
        else:
            await self._answer(key, None, begun)
        self.noted[stored].append(time.perf_counter() - begun)

    async def _answer(self, key: int, claim: Claim | None, begun: float) -> None:
        if claim:
            self.acknowledged.append(time.perf_counter() - begun)
        answer = StoredAnswer(1, 2, 3, time.time(), _QUESTION, "Answer", 0.8, 60.0, (_QUOTE,), 1, question_id=key)
        database, hold = self._store.database, claim.hold if claim else None
        answer_id = await self._store.run(lambda: database.keep(answer, hold))
        await self._store.run(lambda: database.note_sent(answer_id, hold, last=True, message_id=key + 1))
        if claim:
            claim.is_over = True


async def measure(stores: Stores, times: int, at_once: int) -> Trial:
    """Ask `times` times, `at_once` at the same moment, in each of the two ways."""
    with AsyncStore(stores) as store:
        trial = Trial(store)
        await asyncio.gather(*(trial.ask(stored=stored) for stored in (True, False)))  # compiles the statements
        trial.acknowledged.clear()
        trial.noted = {True: [], False: []}
        for _ in range(max(1, times // at_once)):
            for stored in (True, False):
                begun = time.process_time()
                await asyncio.gather(*(trial.ask(stored=stored) for _ in range(at_once)))
                trial.busy[stored] += time.process_time() - begun
    return trial


@contextmanager
def _engines(*, postgres: bool) -> Iterator[dict[str, Stores]]:
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": Stores(Path(folder))}
        if not postgres:
            yield found
            return
        with running_postgres() as server, server.database() as database:
            prepare(database.owner_url, database.bot_url)
            found["PostgreSQL"] = Stores(Path(folder), database.bot_url)
            yield found
            found["PostgreSQL"].close()


def main() -> int:
    """Print a table in Markdown and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    print("| engine | at once | until acknowledged | noting without | noting with | ratio |")
    print("|---|---|---|---|---|---|")
    with _engines(postgres=options.postgres) as engines:
        for name, stores in engines.items():
            for at_once in (1, options.at_once):
                trial = asyncio.run(measure(stores, options.times, at_once))
                acknowledged, stored, plain = (
                    statistics.median(values) * 1000
                    for values in (trial.acknowledged, trial.noted[True], trial.noted[False])
                )
                with_it, without = (1000 * trial.busy[one] / len(trial.noted[one]) for one in (True, False))
                print(
                    f"| {name} | {at_once} | {acknowledged:.1f} ms | {plain:.1f} ({without:.1f}) ms "
                    f"| {stored:.1f} ({with_it:.1f}) ms | {stored / plain:.2f} |",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())

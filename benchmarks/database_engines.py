"""Compares the catalogue on SQLite with that on PostgreSQL: storing and reading articles, and asking a question.

    python -m benchmarks.database_engines --articles 1000 --database-url URL

`URL` is a prepared, empty database (`python bot.py prepare-database`), as the bot's role. Both sides have the same
articles, made of numbered sentences, and the same FAISS and word indexes in files. Vectors are random, so that the time
of a model is not in the figures.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import event

from index.sources.loader import draft_from_text
from storage.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from index.models import Draft
    from index.passages.embedder import Embedder

_BATCH = 64  # articles that are added together, as from a folder
_REPEATED = 200  # times that a short read is measured
_HARBOURS = ("Skarholm", "Vik", "Nordby", "Ostra", "Holmen", "Langø", "Sund", "Bryggen")


class Cost(NamedTuple):
    """What a step costs: milliseconds that passed, and of these that this process was busy; messages to the engine."""

    passed: float
    busy: float
    messages: float


class _Messages:
    """Counts the statements of a catalogue, and the ends of its transactions: each waits for PostgreSQL once."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count = 0
        for name in ("before_cursor_execute", "commit", "rollback"):
            event.listen(engine, name, self._add)

    def _add(self, *_: object) -> None:
        self.count += 1


class _RandomVectors:
    """An `Embedder` that takes no time: a random unit vector for each text, always the same one."""

    name, revision, dimension, max_tokens = "random", "1", 384, 128

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self.query(text) for text in texts], np.float32).reshape(-1, self.dimension)

    def query(self, text: str) -> np.ndarray:
        found = np.random.default_rng(zlib.crc32(text.encode())).standard_normal(self.dimension, np.float32)
        return np.asarray(found / np.linalg.norm(found), np.float32)


def main() -> None:
    """Print a line for each step: for each side milliseconds that passed (this process was busy), and messages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--library", default="measured")
    options = parser.parse_args()
    embedder = _RandomVectors()
    drafts = [_article(number) for number in range(options.articles)]
    with tempfile.TemporaryDirectory() as folder:
        sides = {"SQLite": Stores(Path(folder, "a")), "PostgreSQL": Stores(Path(folder, "b"), options.database_url)}
        found = {name: _measure(stores, options.library, drafts, embedder) for name, stores in sides.items()}
    print(f"{'':<48}" + "".join(f"{name:>22}" for name in found))
    for step in found["SQLite"]:
        figures = (
            f"{one.passed:.2f} ({one.busy:.2f}), {one.messages:.0f}" for one in (side[step] for side in found.values())
        )
        print(f"{step:<48}" + "".join(f"{one:>22}" for one in figures))


def _article(number: int) -> Draft:
    harbour = _HARBOURS[number % len(_HARBOURS)]
    lines = [
        f"Ferry {number} sails from {harbour} at {at:02}:{number % 60:02} and takes {at + number % 40} cars.\n\n"
        f"On day {at} of route {number} the crossing to {harbour} costs {number + at} crowns for each passenger."
        for at in range(6, 14)
    ]
    return _draft("\n\n".join(lines), f"/ferries/{number}", f"Ferry {number}")


def _draft(text: str, key: str, title: str) -> Draft:
    return draft_from_text(text, key=key, source=key, title=title)


def _measure(stores: Stores, name: str, drafts: list[Draft], embedder: Embedder) -> dict[str, Cost]:
    """Return the cost of each step."""
    with closing(stores), closing(stores.libraries(lambda: embedder)) as libraries:
        library = libraries.open(name)
        library.add(_draft("The first article.", "/first", "First"))
        catalog, indexes = library.catalog, library.indexes()
        if catalog is None or indexes is None:
            message = "nothing was stored"
            raise RuntimeError(message)
        cost = _Costs(_Messages(catalog.engine))
        batches = [drafts[at : at + _BATCH] for at in range(0, len(drafts), _BATCH)]
        storing = cost.once(lambda: [list(library.add_all(some)) for some in batches])
        new = [_draft(f"{one.text}\n\nSpare.", f"{one.key}+", one.title) for one in drafts[:20]]
        vector = embedder.query("When does ferry 77 sail?")

        def ask() -> None:
            current = library.indexes() or indexes
            dense, lexical = current.dense.search(vector, 50)[0], current.lexical.search(["ferry", "77", "sail"], 50)[0]
            list(catalog.passages(list(dict.fromkeys([*dense.tolist(), *lexical.tolist()]))[:60]))

        found = {
            "store an article (in batches of 64)": Cost(*(one / len(drafts) for one in storing)),
            "store one more article by itself": cost.median(lambda: library.add(new.pop()), len(new)),
            "find 60 passages for a question, and read them": cost.median(ask),
            "see that nothing has changed": cost.median(catalog.position),
        }
        ids = catalog.passage_ids().tolist()
        return found | {
            "read one article": cost.median(lambda: catalog.article(1)),
            "list all articles": cost.median(catalog.articles, 5),
            "read 500 vectors": cost.median(lambda: catalog.vectors(ids[:500]), 20),
            "read all passages": cost.median(lambda: list(catalog.passages(ids)), 3),
        }


class _Costs:
    """Measures what steps cost."""

    def __init__(self, messages: _Messages) -> None:
        self._messages = messages

    def median(self, step: Callable[[], object], times: int = _REPEATED) -> Cost:
        """Return the medians of several times."""
        taken = [self.once(step) for _ in range(times)]
        return Cost(*(statistics.median(one) for one in zip(*taken, strict=True)))

    def once(self, step: Callable[[], object]) -> Cost:
        """Return the cost of one time."""
        before, started, busy = self._messages.count, time.perf_counter(), time.process_time()
        step()
        passed, busy = (time.perf_counter() - started) * 1000, (time.process_time() - busy) * 1000
        return Cost(passed, busy, self._messages.count - before)


if __name__ == "__main__":
    main()

"""Compares the catalogue on SQLite with that on PostgreSQL: storing and reading articles, and asking a question.

    python -m benchmarks.database_engines --articles 1000 --database-url URL

`URL` is a prepared, empty database (`python bot.py prepare-database`), as the bot's role. Both sides use the same
articles, made of numbered sentences, the shipped embedder and the same FAISS and word indexes; the sides take turns.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from index.passages.embedder import load_embedder
from index.sources.loader import draft_from_text
from storage.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.libraries.library import Library
    from index.models import Draft
    from index.passages.embedder import Embedder

_BATCH = 64  # articles that are added together, as from a folder
_REPEATED = 200  # times that a short read is measured
_HARBOURS = ("Skarholm", "Vik", "Nordby", "Ostra", "Holmen", "Langø", "Sund", "Bryggen")


def main() -> None:
    """Print one line for each measured step: its name, and the milliseconds on both sides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--library", default="measured")
    options = parser.parse_args()
    embedder = load_embedder()
    drafts = [_article(number) for number in range(options.articles)]
    with tempfile.TemporaryDirectory() as folder:
        sides = {"SQLite": Stores(Path(folder, "a")), "PostgreSQL": Stores(Path(folder, "b"), options.database_url)}
        found = {name: _measure(stores, options.library, drafts, embedder) for name, stores in sides.items()}
    print(f"{'':<44}" + "".join(f"{name:>12}" for name in found) + f"{'ratio':>8}")
    for step in found["SQLite"]:
        one, other = (side[step] for side in found.values())
        print(f"{step:<44}{one:>10.2f}ms{other:>10.2f}ms{other / one:>8.1f}")


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


def _measure(stores: Stores, name: str, drafts: list[Draft], embedder: Embedder) -> dict[str, float]:
    """Return the milliseconds of each step."""
    with closing(stores), closing(stores.libraries(lambda: embedder)) as libraries:
        library = libraries.open(name)
        found = {"store, an article (batches of 64)": _storing(library, drafts)}
        catalog = library.catalog
        if catalog is None or (indexes := library.indexes()) is None:
            message = "nothing was stored"
            raise RuntimeError(message)
        ids = catalog.passage_ids().tolist()
        vector = embedder.query("When does ferry 77 sail?")

        def ask() -> None:
            current = library.indexes() or indexes
            dense, lexical = current.dense.search(vector, 50)[0], current.lexical.search(["ferry", "77", "sail"], 50)[0]
            list(catalog.passages(list(dict.fromkeys([*dense.tolist(), *lexical.tolist()]))[:60]))

        found["store, one more article by itself"] = _one_by_one(library, drafts)
        found["find 60 passages for a question, and read them"] = _median(ask)
        found["see that nothing has changed"] = _median(catalog.position)
        found["read one article"] = _median(lambda: catalog.article(catalog.article_ids()[0]))
        found["list all articles"] = _median(catalog.articles, 5)
        found["read 500 vectors"] = _median(lambda: catalog.vectors(ids[:500]), 20)
        found["read all passages"] = _median(lambda: list(catalog.passages(ids)), 3)
    return found


def _storing(library: Library, drafts: list[Draft]) -> float:
    """Return the milliseconds for an article without those of the embedder: the second library has all vectors."""
    started = time.perf_counter()
    for start in range(0, len(drafts), _BATCH):
        list(library.add_all(drafts[start : start + _BATCH]))
    return (time.perf_counter() - started) * 1000 / len(drafts)


def _one_by_one(library: Library, drafts: list[Draft]) -> float:
    new = [_draft(f"{one.text}\n\nSpare.", f"{one.key}+", one.title) for one in drafts[:20]]
    return _median(lambda: library.add(new.pop()), len(new))


def _median(step: Callable[[], object], times: int = _REPEATED) -> float:
    """Return the median of the milliseconds that a step takes."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        step()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()

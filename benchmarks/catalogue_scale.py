"""Time and memory of what concerns the catalogue of a large library.

`python -m benchmarks.catalogue_scale FOLDER WORK [--times N]` - FOLDER is that of a library which was built with the
bundled model, for example of 100,000 passages. In WORK, an empty folder, it is copied and multiplied: each copy of an
article has every tenth word reversed, beginning with another one, so that texts and digests differ. Each phase runs in
a process of its own.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from index.catalog.columns import passage_digest, text_digest
from index.catalog.engine import open_engine
from index.incremental import finish
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.passages.embedder import Embedder, load_embedder
from index.sources.loader import draft_from_text

PHASES = ("migrate", "build", "use", "check")
_WORD = re.compile(r"\w+")
_APART = 10  # words between two that are reversed
_MEGABYTE = 1e6

T = TypeVar("T")


def multiply(path: Path, times: int) -> None:
    """Add `times` - 1 copies of every article of a catalogue of any schema, each with other words."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        last = {table: _last(db, table) for table in ("articles", "passages")}
        for copy in range(1, times):
            texts = {}
            for row in _rows(db, "articles", last["articles"]):
                key = row["id"] + copy * last["articles"]
                row["id"], row["text"] = key, reverse_words(row["text"], copy)
                texts[key], row["text_digest"] = row["text"], text_digest(row["text"])
                _insert(db, "articles", row)
                _insert(db, "sources", {"key": f"copy:{key}", "shown": f"copy:{key}", "article_id": key})
            for row in _rows(db, "passages", last["passages"]):
                row["article_id"] += copy * last["articles"]
                vector = row.get("vector") or _vector(db, row["id"])
                row["id"] += copy * last["passages"]
                text = texts[row["article_id"]][row["start"] : row["end"]]
                row["digest"] = passage_digest(text, np.frombuffer(vector, "<f4"))
                _insert(db, "passages", row)
                if "vector" not in row:
                    _insert(db, "vectors", {"passage_id": row["id"], "vector": vector})
        if "changes" in {name for (name,) in db.execute("SELECT name FROM sqlite_master")}:
            db.execute("UPDATE changes SET token = randomblob(8)")
            db.execute(
                "UPDATE changes SET total_articles = (SELECT count(*) FROM articles), "
                "total_passages = (SELECT count(*) FROM passages), "
                "total_characters = (SELECT sum(length(text)) FROM articles) "
                "WHERE generation = (SELECT max(generation) FROM changes)"
            )
        db.commit()


def reverse_words(text: str, first: int) -> str:
    """Return a text with every tenth word reversed from `first` on; no other letter moves."""
    parts, place = [], 0
    for number, match in enumerate(_WORD.finditer(text)):
        if number % _APART == first % _APART:
            parts += [text[place : match.start()], match.group()[::-1]]
            place = match.end()
    return "".join([*parts, text[place:]])


def _last(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT max(id) FROM {table}").fetchone()[0])  # noqa: S608 - one of two names


def _rows(db: sqlite3.Connection, table: str, last: int) -> Iterator[dict[str, Any]]:
    found = db.execute(f"SELECT * FROM {table} WHERE id <= ?", (last,))  # noqa: S608 - one of two names
    names = [column[0] for column in found.description]
    return (dict(zip(names, row, strict=True)) for row in found)


def _insert(db: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    values = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", tuple(row.values()))  # noqa: S608 - of the schema


def _vector(db: sqlite3.Connection, passage_id: int) -> bytes:
    return bytes(db.execute("SELECT vector FROM vectors WHERE passage_id = ?", (passage_id,)).fetchone()[0])


def timed(what: str, job: Callable[[], T], times: int = 1) -> T:
    """Run a job so many times, print the milliseconds of each that passed and that a processor was busy."""
    passed, busy = time.perf_counter(), time.process_time()
    for _ in range(times):
        found = job()
    passed, busy = (1000 * (now - then) / times for now, then in zip(_clocks(), (passed, busy), strict=True))
    print(f"  {what}: {passed:.1f} ms, busy {busy:.1f} ms", flush=True)
    return found


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _sizes(folder: Path) -> str:
    return ", ".join(f"{path.name} {path.stat().st_size / _MEGABYTE:.0f} MB" for path in sorted(folder.iterdir()))


def migrate(folder: Path) -> None:
    """Open the catalogue, which an earlier version may have written."""
    engine = timed("open", lambda: open_engine(folder / "catalog.db"))
    print(f"  {_sizes(folder)}")
    engine.dispose()


def use(library: Library) -> None:
    """Time the first question's preparation after the start, and after each kind of change."""
    timed("first indexes() of the process", library.indexes)
    other = Libraries(library._folder.parent.parent, library._embedder).open(library.name)  # noqa: SLF001
    catalog = library.catalog
    assert catalog is not None
    timed("position()", catalog.position, 1000)
    timed("indexes() without a change", library.indexes, 1000)
    timed("counts() and size()", lambda: (catalog.counts(), catalog.size()), 1000)
    articles = catalog.article_ids()
    timed("passages of half of the articles", lambda: library.passage_ids_of(articles[::2]))
    timed("passages of half of the articles again", lambda: library.passage_ids_of(articles[1::2]), 5)
    draft = draft_from_text("The harbour ferry leaves at seven.", key="new", source="new", title="New")
    timed("add", lambda: library.add(draft))
    timed("indexes() after it", library.indexes)
    first, second = articles[:2]
    for name, change in (
        ("rename", lambda: finish(library.rename_in_steps(second, "Another title"))),
        ("remove", lambda: library.remove(first)),
        ("restore", lambda: finish(library.restore_in_steps(library.history(first)[0].number))),
        ("rename by another process", lambda: finish(other.rename_in_steps(second, "A third title"))),
        ("remove by another process", lambda: other.remove(second)),
    ):
        timed(name, change)
        timed("indexes() after it", library.indexes)
    indexes = library.indexes()
    assert indexes is not None
    indexes.dense.position = indexes.lexical.position = None
    timed("indexes() where everything is compared", library.indexes)
    timed("close", library.close)


def phase(name: str, work: Path) -> None:
    """Run one phase in this process, and print the memory it took."""
    folder = work / "libraries" / "large"
    embedder: Embedder | None = None

    def bundled() -> Embedder:
        nonlocal embedder
        embedder = embedder or load_embedder()
        return embedder

    libraries = Libraries(work, bundled)
    if name == "migrate":
        migrate(folder)
    elif name == "build":
        timed("open", libraries.open("large").indexes)
        timed("close", libraries.close)
        print(f"  {_sizes(folder)}")
    elif name == "use":
        bundled()
        use(libraries.open("large"))
    else:
        problems = timed("check", libraries.open("large").check)
        print(f"  {len(problems)} problems {problems[:3]}")
    libraries.close()
    print(f"  peak of memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB", flush=True)


def main() -> None:
    """Run the phases and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--phase", choices=PHASES, action="append", help="only these, on what is in WORK already")
    parser.add_argument("--run", choices=PHASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        phase(options.run, options.work)
        return
    target = options.work / "libraries" / "large" / "catalog.db"
    if not target.exists():
        target.parent.mkdir(parents=True)
        shutil.copy(options.folder / "catalog.db", target)
        timed("multiply", lambda: multiply(target, options.times))
    for name in options.phase or PHASES:
        print(name, flush=True)
        again = [
            sys.executable,
            "-m",
            "benchmarks.catalogue_scale",
            str(options.folder),
            str(options.work),
            "--run",
            name,
        ]
        subprocess.run(again, check=True, env=os.environ)  # noqa: S603 - this module


if __name__ == "__main__":
    main()

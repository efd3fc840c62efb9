"""A data folder of many libraries, as a host of many servers has it: most are tiny, a few are large.

A few libraries are made with the real model, and every other one is a copy of one of them, with other members in its
history. The large one has random vectors: its size matters here, not its answers. `discord.db` gets answers, settings
and memberships of all servers.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from index.libraries.library_names import SHARED, own_library
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.data import Document, QASet
    from index.passages.embedder import Embedder

APPLICATION: Final = 5
BUSY_MEMBER: Final = 7
"""A member who is named in the history of one library in a hundred."""

_TINY: Final = (1, 2, 3, 5, 8, 13, 20)  # articles; half as many libraries have twice as many
_MIDDLE, _MIDDLE_SHARE = 200, 100  # articles, and one library in so many has them
_LARGE_SHARE: Final = 3000  # one library in so many is large
_ANSWERS: Final = 20  # stored for each server, on average
_SETTINGS_SHARE: Final = 6  # one server in so many has a digest channel
_DAY: Final = 86400.0
_COLUMNS: Final = (
    "guild_id channel_id message_id question_id asker_id asked_at question outcome confidence elapsed_ms shown plain "
    "private whole human_asked quotes"
).split()


class _RandomVectors:
    """An embedder that stands for another one, and embeds at once."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.revision = embedder.name, embedder.revision
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self._rng = np.random.default_rng(1)

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        rows = self._rng.normal(size=(len(texts), self.dimension)).astype(np.float32)
        unit: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def query(self, text: str) -> np.ndarray:
        row: np.ndarray = self.passages([text])[0]
        return row


@dataclass(frozen=True, slots=True)
class World:
    """The servers of a data folder, and questions that the library of each can answer.

    `templates` has the number of articles, and the questions, of each library that was made; `made_of` says for each
    server which of them its own library is a copy of.
    """

    servers: tuple[int, ...]
    templates: tuple[tuple[int, tuple[str, ...]], ...]
    made_of: tuple[int, ...]

    def question(self, server: int, rng: random.Random) -> str:
        """Return a question for the server with this number, from 0."""
        return rng.choice(self.templates[self.made_of[server]][1])


def build(folder: Path, part: QASet, count: int, large: int, embedder: Embedder, say: Callable[[str], None]) -> World:
    """Make `count` libraries in a folder, of which the large ones have `large` articles, unless it has them."""
    templates = _templates(part.documents, large)
    asked: dict[str, list[str]] = {}
    for question in part.questions:
        if question.answers:
            asked.setdefault(question.doc_id, []).append(question.text)
    described = tuple(
        (len(docs), tuple(one for doc in docs for one in asked.get(doc.doc_id, ()))[:500] or ("What is this about?",))
        for docs in templates
    )
    rng = random.Random(1)
    made_of = tuple(_template_of(number, rng) for number in range(count))
    world = World(tuple((number + 1) << 22 for number in range(count)), described, made_of)
    made, done = folder.parent / f"{folder.name}-templates", folder / "world.json"
    wanted = [part.name, count, large]
    if done.exists() and json.loads(done.read_text()) == wanted:
        return world
    shutil.rmtree(folder, ignore_errors=True)
    _make_templates(made, templates, embedder, say)
    begun = time.perf_counter()
    for number, server in enumerate(world.servers):
        _copy(
            made / "libraries" / f"template-{made_of[number]}", folder / "libraries" / own_library(server), rng, count
        )
    shutil.copytree(made / "libraries" / "template-5", folder / "libraries" / SHARED)
    _fill_database(folder / "discord.db", world, rng)
    done.write_text(json.dumps(wanted))
    say(f"{count} libraries were copied in {time.perf_counter() - begun:.0f} s")
    return world


def _templates(documents: Sequence[Document], large: int) -> list[Sequence[Document]]:
    """Return the articles of each library to make: the tiny ones, the middle one and the large one."""
    sizes, found, start = (*_TINY, _MIDDLE), [], 0
    for size in sizes:
        found.append(documents[start : start + size])
        start += size
    return [*found, documents[start : start + large]]


def _template_of(number: int, rng: random.Random) -> int:
    if number % _LARGE_SHARE == 1:
        return len(_TINY) + 1
    if number % _MIDDLE_SHARE == 2:
        return len(_TINY)
    return rng.choices(range(len(_TINY)), [2.0**-place for place in range(len(_TINY))])[0]


def _make_templates(
    folder: Path, templates: Sequence[Sequence[Document]], embedder: Embedder, say: Callable[[str], None]
) -> None:
    large = _RandomVectors(embedder)
    libraries = Libraries(folder, lambda: large if number > len(_TINY) else embedder)
    for number, documents in enumerate(templates):
        library = libraries.open(f"template-{number}")
        for doc in documents[len(library.articles()) :]:
            library.add(draft_from_text(doc.text, key=doc.doc_id, source=doc.doc_id, title=doc.title), "1")
        library.indexes()
        articles, passages = library.catalog.counts() if library.catalog else (0, 0)
        say(f"template {number}: {articles} articles, {passages} passages")
    libraries.close()


def _copy(made: Path, folder: Path, rng: random.Random, count: int) -> None:
    """Copy a library, with another member in its history."""
    folder.mkdir(parents=True)
    for path in made.iterdir():
        shutil.copyfile(path, folder / path.name)
    members = [str(BUSY_MEMBER)] if rng.random() < 0.01 else []
    members.append(str(rng.randrange(1000, 1000 + count)))
    with closing(sqlite3.connect(folder / "catalog.db")) as db, db:
        db.execute("PRAGMA synchronous = OFF")
        for place, member in enumerate(members):
            db.execute("UPDATE events SET by = ? WHERE id % ? = ?", (member, len(members), place))


def _fill_database(path: Path, world: World, rng: random.Random) -> None:
    """Store answers, settings and memberships of the servers."""
    Database(path).close()
    now, count = time.time(), len(world.servers)
    asked = rng.choices(range(count), [1 / (place + 1) for place in range(count)], k=_ANSWERS * count)
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany(
            f"INSERT INTO answers ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",  # noqa: S608
            (_answer(number, world.servers[place], now, count, rng) for number, place in enumerate(asked)),
        )
        settings = ((server, json.dumps({"digest_channel": server + 2})) for server in world.servers[::_SETTINGS_SHARE])
        db.executemany("INSERT INTO servers (guild_id, settings) VALUES (?, ?)", settings)
        members = [(server, APPLICATION) for server in world.servers]
        db.executemany("INSERT INTO memberships (guild_id, application_id) VALUES (?, ?)", members)


def _answer(number: int, server: int, now: float, count: int, rng: random.Random) -> tuple[object, ...]:
    """Return the row of an answer, in the order of `_COLUMNS`."""
    asker = BUSY_MEMBER if number % 1000 == 0 else rng.randrange(1000, 1000 + count)
    quotes = json.dumps([[own_library(server), 1, 0, 20, "0" * 64, [], 1, 1, 0.9]])
    asked_at = now - rng.random() * 80 * _DAY
    place = (server, server + 1, number + 10, number + 10**7)
    return *place, asker, asked_at, "What is it?", "answer", 0.9, 90.0, 1, False, False, True, False, quotes

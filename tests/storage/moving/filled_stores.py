"""Stores with something in every table that is moved, and what they hold."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace

from index.sources.loader import draft_from_text
from storage.models import ServerSettings
from storage.moving.digests import TableDigest, digest_tables
from storage.moving.next_ids import last_ids
from storage.moving.tables import CATALOG_TABLES, MEMORY_TABLES
from storage.moving.targets import side
from storage.stores import Stores
from tests.small_embedder import SmallEmbedder
from tests.storage.moving.random_rows import fill


def add(stores: Stores, library: str, text: str, key: str = "h", tags: tuple[str, ...] = ()) -> int:
    """Store an article; return its id."""
    with closing(stores.libraries(SmallEmbedder)) as libraries:
        draft = draft_from_text(text, key=key, source=key, markdown=False, title="Harbour")
        return libraries.open(library).add(replace(draft, tags=tags), "terminal").article_id


def populate(stores: Stores, seed: int = 0) -> None:
    """Store articles with versions, tags and removals in two libraries, and something in all tables of the memory."""
    for number in range(3):
        add(stores, "shared", f"The ferry leaves at {number}. Dogs travel free.", tags=("Boats", "Times"))
    add(stores, "shared", "The inn closes at nine.", "inn")
    with closing(stores.libraries(SmallEmbedder)) as libraries:
        libraries.open("shared").remove(add(stores, "shared", "A bridge was built.", "bridge"))
    add(stores, "guild-7", "The mill grinds at noon. \U0001f600 Größe.", "mill")
    chance = random.Random(seed)
    with closing(stores.database()) as database:
        database.server_settings.change(7, lambda _: ServerSettings(paused=True))
        with database.writing() as db:
            fill(db, MEMORY_TABLES[1:], chance)  # all but `meta`


def content(stores: Stores) -> dict[str, dict[str, TableDigest]]:
    """Return the digests of all tables of all libraries and of the memory."""
    one, found = side(stores), {}
    for name in one.names():
        with one.catalog(name) as engine, engine.connect() as db:
            found[name] = digest_tables(db, CATALOG_TABLES)
    with one.own_memory() as engine, engine.connect() as db:
        found["memory"] = digest_tables(db, MEMORY_TABLES)
    return found


def ids(stores: Stores, library: str) -> dict[str, int]:
    """Return the last ids that were given in a library."""
    with side(stores).catalog(library) as engine, engine.connect() as db:
        return last_ids(db, CATALOG_TABLES)

"""Fixtures for tests of the indexes: both sides of each, and the servers that the shared side needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from index.catalog.passage_queries import StoredVectors
from index.catalog.postgres.catalogs import PostgresCatalogs
from index.catalog.postgres.engine import open_postgres
from index.catalog.postgres.migrations import CATALOG_PART
from index.catalog.postgres.preparation import prepare
from index.indexes.faiss_store import FaissStore
from index.indexes.lexical import LexicalIndex, LexicalRow
from index.indexes.lexical_sqlite import SqliteLexicalIndex
from index.indexes.milvus.lexical_index import MilvusLexicalIndex
from index.indexes.milvus.stores import MilvusStores
from index.indexes.milvus.tables import INDEX_PART
from index.indexes.milvus.vector_store import MilvusVectorStore
from index.indexes.vectors import VectorStore
from tests.index.indexes.vector_samples import DIMENSION, mark, unit_rows
from tests.milvus_server import MilvusProcess
from tests.postgres_server import PostgresDatabase, PostgresServer

SIDES = ["embedded", "milvus"]


class Passages:
    """Stands in for the catalogue of a library that has every passage but those `gone`, with the digest `mark`."""

    def __init__(self) -> None:
        self.gone: set[int] = set()

    def passage_digests(self, *, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return those of some ids that are stored, ascending, and their digests."""
        held = np.array(sorted(set(ids.tolist()) - self.gone), np.int64)
        return held, mark(held)

    def vectors(self, ids: np.ndarray) -> StoredVectors:
        """Return a vector of its own for each passage."""
        rows = [unit_rows(1, key)[0] for key in ids.tolist()]
        return StoredVectors(ids, np.array(rows, np.float32).reshape(-1, DIMENSION))


@pytest.fixture
def index_postgres(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Return a PostgreSQL database with the tables of the catalogue and of the indexes, which are empty."""

    def prepared(database: PostgresDatabase) -> None:
        prepare(database.owner_url, database.bot_url, (CATALOG_PART, INDEX_PART))

    with postgres_server.database(postgres_server.template("indexes", prepared)) as database:
        yield database


@contextmanager
def shared_indexes(
    database: PostgresDatabase, server: MilvusProcess, passages: Passages
) -> Iterator[Callable[[str], tuple[MilvusVectorStore, MilvusLexicalIndex]]]:
    """Yield a function that opens both indexes of a library, as another process would each time."""
    engine = open_postgres(database.bot_url, pool_size=2)
    stores: list[MilvusStores] = []

    def open_both(library: str) -> tuple[MilvusVectorStore, MilvusLexicalIndex]:
        stores.append(MilvusStores(engine, server.url))
        catalog = PostgresCatalogs(engine).open(library)
        index = stores[-1].library_index(catalog, f"contract_{database.name}", DIMENSION)
        index.catalog = passages
        index.writer.read_vectors = passages.vectors
        return MilvusVectorStore(index), MilvusLexicalIndex(index)

    try:
        yield open_both
    finally:
        for each in stores:
            each.close()
        engine.dispose()


@pytest.fixture
def passages() -> Passages:
    return Passages()


@pytest.fixture(params=SIDES)
def open_vectors(
    request: pytest.FixtureRequest, tmp_path: Path, passages: Passages
) -> Iterator[Callable[[], VectorStore]]:
    """Return a function that opens the same vector store each time, which is empty at first."""
    if request.param == "embedded":
        yield lambda: FaissStore(tmp_path, "epoch", DIMENSION, _no_vectors)
        return
    servers = request.getfixturevalue("index_postgres"), request.getfixturevalue("milvus_server")
    with shared_indexes(*servers, passages) as open_both:
        yield lambda: open_both("library")[0]


@pytest.fixture(params=SIDES)
def open_words(
    request: pytest.FixtureRequest, tmp_path: Path, passages: Passages
) -> Iterator[Callable[[], LexicalIndex]]:
    """Return a function that opens the same lexical index each time, which is empty at first."""
    if request.param == "embedded":
        yield lambda: SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
        return
    servers = request.getfixturevalue("index_postgres"), request.getfixturevalue("milvus_server")
    with shared_indexes(*servers, passages) as open_both:
        yield lambda: open_both("library")[1]


def row(key: int, title: str, body: str) -> LexicalRow:
    """Return a row whose digest is the one that `Passages` has."""
    return LexicalRow(key, title, body, int(mark(np.array([key]))[0]))


def _no_vectors(_: np.ndarray) -> StoredVectors:
    """Fail: a small store reads no vectors of the catalogue."""
    raise AssertionError

"""Promises about moves between vector stores: the indexes are filled from the catalogue, without a model."""

from __future__ import annotations

from contextlib import closing

import pytest

from storage.stores import Stores
from terminal.migrate_command import migrate
from tests.milvus_server import MilvusProcess
from tests.postgres_server import PostgresDatabase
from tests.small_embedder import SmallEmbedder
from tests.storage.moving.filled_stores import content, populate


def test_to_milvus_and_back(
    sqlite: Stores, postgres: PostgresDatabase, milvus_server: MilvusProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite with FAISS goes to PostgreSQL with FAISS, then to Milvus, and from there back to SQLite with FAISS."""
    populate(sqlite)
    wanted = content(sqlite)
    assert migrate(sqlite, postgres.bot_url, None) == 0
    with closing(Stores(sqlite.data_dir, postgres.bot_url)) as with_faiss:
        assert migrate(with_faiss, None, milvus_server.url) == 0
    with closing(Stores(sqlite.data_dir, postgres.bot_url, milvus_server.url)) as with_milvus:
        with closing(with_milvus.libraries(SmallEmbedder)) as libraries:
            indexes = libraries.open("shared").indexes()
            assert indexes is not None
            assert len(indexes.dense.ids()) == wanted["shared"]["passages"].rows
        assert migrate(with_milvus, f"sqlite:{sqlite.data_dir.parent / 'back'}", None) == 0
    assert content(Stores(sqlite.data_dir.parent / "back")) == wanted
    said = capsys.readouterr()
    assert "Filled the indexes of 2 libraries" in said.out
    assert postgres.bot_url not in said.out + said.err

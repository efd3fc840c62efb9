"""Promises about moves between vector stores: the indexes are filled from the catalogue, without a model."""

from __future__ import annotations

from contextlib import closing

import pytest

from index.indexes.milvus.collection import LibraryEntities
from storage.moving.move import Move
from storage.moving.postgres_side import PATIENT, PostgresSide
from storage.moving.sides import SqliteSide
from storage.moving.targets import side
from storage.stores import Stores
from terminal.migrate_command import migrate
from tests.milvus_server import MilvusProcess
from tests.postgres_server import PostgresDatabase
from tests.small_embedder import SmallEmbedder
from tests.storage.moving.filled_stores import content, populate


def test_to_milvus_and_back(
    sqlite: Stores, postgres: PostgresDatabase, milvus_server: MilvusProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite with FAISS goes to PostgreSQL with FAISS, then to Milvus, and back; a library that is gone leaves both."""
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
            entities = indexes.dense._index.entities  # type: ignore[attr-defined]
        assert migrate(with_milvus, f"sqlite:{sqlite.data_dir.parent / 'back'}", None) == 0
        PostgresSide(with_milvus).delete("shared")
        assert (entities.count(), entities.marker) == (0, None)
    assert content(Stores(sqlite.data_dir.parent / "back")) == wanted
    said = capsys.readouterr()
    assert "Filled the indexes of 2 libraries" in said.out
    assert postgres.bot_url not in said.out + said.err


def test_a_library_that_is_gone_before_the_last_run(
    sqlite: Stores, postgres: PostgresDatabase, milvus_server: MilvusProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it stays in Milvus."""
    populate(sqlite)
    removed: list[int] = []
    remove_all = LibraryEntities.remove_all

    def note(self: LibraryEntities) -> None:
        removed.append(self.count())
        remove_all(self)
        removed.append(self.count())

    monkeypatch.setattr(LibraryEntities, "remove_all", note)
    with closing(Stores(sqlite.data_dir, postgres.bot_url, milvus_server.url, timeouts=PATIENT)) as target:
        with monkeypatch.context() as patch:
            patch.setattr(SqliteSide, "running", lambda _: "a bot")
            Move(side(sqlite), side(target)).run()
        name = side(sqlite).names()[0]
        SqliteSide(sqlite.data_dir).delete(name)
        Move(side(sqlite), side(target)).run()
        assert name not in side(target).names()
    assert removed[0] > 0
    assert removed[1:] == [0]

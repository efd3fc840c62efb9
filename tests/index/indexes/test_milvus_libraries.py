"""Promises of libraries whose indexes are on a Milvus server, which several processes and libraries share."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from pymilvus import MilvusClient, MilvusException

from index.catalog.postgres.catalogs import PostgresCatalogs
from index.catalog.postgres.engine import open_postgres
from index.indexes.following import CatalogFollower
from index.indexes.milvus import server as server_module
from index.indexes.milvus import state, term_tables
from index.indexes.milvus.collection import Entity
from index.indexes.milvus.server import MilvusServer, MilvusTimeouts
from index.indexes.milvus.stores import MilvusStores
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from index.sqlite_errors import StorageError, UnreachableError
from tests.index.indexes.in_sync import assert_in_sync
from tests.milvus_server import MilvusProcess, running_milvus
from tests.postgres_server import PostgresDatabase
from tests.small_embedder import SmallEmbedder

Opener = Callable[..., Libraries]
PATIENT = MilvusTimeouts()


def opener(database: PostgresDatabase, url: str, data_dir: Path, closing: ExitStack) -> Opener:
    """Return a function that opens all libraries, as another process would each time."""

    def open_all(
        embedder: Callable[[], SmallEmbedder] = SmallEmbedder, timeouts: MilvusTimeouts = PATIENT
    ) -> Libraries:
        engine = open_postgres(database.bot_url, pool_size=2)
        closing.callback(engine.dispose)
        stores = MilvusStores(engine, url, timeouts=timeouts)
        closing.callback(stores.close)
        made = Libraries(data_dir, embedder, catalogs=PostgresCatalogs(engine), open_indexes=stores)
        closing.callback(made.close)
        return made

    return open_all


@pytest.fixture
def open_libraries(index_postgres: PostgresDatabase, milvus_server: MilvusProcess, tmp_path: Path) -> Iterator[Opener]:
    with ExitStack() as closing:
        yield opener(index_postgres, milvus_server.url, tmp_path, closing)


@pytest.fixture
def library(open_libraries: Opener) -> Library:
    return open_libraries().open("test")


@pytest.fixture
def milvus(milvus_server: MilvusProcess) -> Iterator[MilvusClient]:
    client = MilvusClient(uri=milvus_server.url)
    yield client
    client.close()


def add(library: Library, number: int, word: str = "ferry") -> int:
    text = f"The {word} to island number{number} leaves at seven."
    return library.add(draft_from_text(text, key=f"{number}", source=f"{number}", title=f"T{number}")).article_id


def found(library: Library, question: str, limit: int = 10) -> set[int]:
    """Return the ids that both searches find for a question, which must be the same."""
    indexes = library.indexes()
    assert indexes is not None
    dense, _ = indexes.dense.search(SmallEmbedder().query(question), limit)
    lexical, _ = indexes.lexical.search(question.split(), limit)
    assert set(lexical.tolist()) <= set(dense.tolist())
    return set(dense.tolist())


def collection_of(library: Library) -> str:
    """Return the name of the collection that has a library's entities."""
    indexes = library.indexes()
    assert indexes is not None
    return str(indexes.dense._index.state.collection)  # type: ignore[attr-defined]


def test_articles_are_found_until_they_are_removed(library: Library, open_libraries: Opener) -> None:
    """What one process adds, replaces and removes, this process and another find at once, or no longer."""
    ids = [add(library, number) for number in range(6)]
    other = open_libraries().open("test")
    assert found(library, "ferri number3") == found(other, "ferri number3")
    assert len(found(library, "ferri")) == 6
    assert_in_sync(other)

    library.remove(ids[2])
    add(library, 4, "steamer")
    assert len(found(other, "leav")) == len(found(library, "leav")) == 5
    assert other.indexes().lexical.search(["steamer"], 5)[0].tolist() == [library.passage_ids(7)[0]]  # type: ignore[union-attr]
    assert_in_sync(library)
    assert_in_sync(other)


class Recorder:
    """A client of Milvus that records the requests about entities."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.requests: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name not in {"search", "query", "delete", "upsert", "query_iterator", "insert", "get", "hybrid_search"}:
            return real

        def recorded(collection: str, *args: Any, **options: Any) -> Any:
            self.requests.append((name, args[0] if name == "upsert" else options.get("filter", "")))
            return real(collection, *args, **options)

        return recorded


def test_no_request_leaves_the_library_out(open_libraries: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two libraries in a collection neither finds, counts, changes or compares anything of the other's."""
    recorders: list[Recorder] = []
    connected = MilvusServer._connected

    def record(self: MilvusServer) -> Any:
        client = connected(self)
        if not recorders or recorders[-1]._client is not client:
            recorders.append(Recorder(client))
        return recorders[-1]

    monkeypatch.setattr(MilvusServer, "_connected", record)
    libraries = open_libraries()
    one, other = libraries.open("one"), libraries.open("other")
    for number in range(4):
        add(one, number, "ferry")
        add(other, number, "gull")
    assert collection_of(one) == collection_of(other)
    (recorder,) = recorders

    for library, word in ((one, "ferri"), (other, "gull")):
        recorder.requests.clear()
        indexes = library.indexes()
        assert indexes is not None
        dense, lexical = indexes.dense, indexes.lexical
        own = indexes.dense._index.state.library_id  # type: ignore[attr-defined]
        held = set(library.catalog.passage_ids().tolist())  # type: ignore[union-attr]
        query, ids = SmallEmbedder().query("ferry gull island"), np.array(sorted(held))
        views = [indexes, indexes.without({int(ids[0])}), indexes.only(ids[1:])]
        for view in views:
            assert set(view.dense.search(query, 50)[0].tolist()) <= held
            assert set(view.lexical.search(["island", "ferri", "gull"], 50)[0].tolist()) <= held
            assert view.lexical.document_frequencies(["ferri", "gull"])[word] >= 3
            assert sum(view.lexical.document_frequencies(["ferri", "gull"]).values()) <= 4
            assert view.lexical.count(["ferri", "gull"]) <= 4
            assert set(view.lexical.similar_terms("ferru", 5)) | set(view.lexical.similar_terms("gulk", 5)) <= {word}
        assert set(dense.ids().tolist()) == set(lexical.ids().tolist()) == held
        assert len(dense) == 4
        foreign = np.array([1_000_000, *range(1, 20)])
        assert set(lexical.rows(foreign)) | set(lexical.word_sets(foreign)) <= held
        assert dense.holds(foreign, np.zeros((20, 32), np.float32)).sum() == 0
        add(library, 9, word)
        library.remove(library.articles()[0].id)
        dense.remove(np.array([1_000_000]))
        assert library.check() == []
        lexical.compact()
        assert {name for name, _ in recorder.requests} == {"search", "query", "delete", "upsert", "query_iterator"}
        for name, request in recorder.requests:
            if name == "upsert":
                assert {row["library_id"] for row in request} == {own}
                assert {key for row in request for key in row} == {"id", "library_id", "digest", "vector", "terms"}
            else:
                assert request == f"library_id == {own}" or request.startswith(f"library_id == {own} and ")
                assert " or " not in request
    assert len(found(one, "ferri")) == len(found(other, "gull")) == 4

    libraries._stores.delete(Path(), one.catalog)  # type: ignore[arg-type]
    assert len(other.indexes().dense.ids()) == 4  # type: ignore[union-attr]


def test_milvus_is_not_trusted(open_libraries: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it returns, nothing of another library is found, and nothing that a view does not show."""
    libraries = open_libraries()
    one, other = libraries.open("one"), libraries.open("other")
    for number in range(4):
        add(one, number)
        add(other, number)
    ids = one.catalog.passage_ids()  # type: ignore[union-attr]
    indexes = one.indexes()
    assert indexes is not None
    other.indexes()
    call = MilvusServer.call

    def return_everything(self: MilvusServer, method: str, *args: Any, **options: Any) -> Any:
        return call(self, method, *args, **options | ({"filter": "library_id > 0"} if method == "search" else {}))

    monkeypatch.setattr(MilvusServer, "call", return_everything)
    for view, shown in (
        (indexes, ids),
        (indexes.only(ids[:2]), ids[:2]),
        (indexes.without(set(ids[:2].tolist())), ids[2:]),
    ):
        assert sorted(view.dense.search(SmallEmbedder().query("ferry"), 9)[0].tolist()) == shown.tolist()
        assert sorted(view.lexical.search(["ferri"], 9)[0].tolist()) == shown.tolist()


def test_no_passage_takes_the_place_of_another_librarys(library: Library) -> None:
    """Keys of Milvus are made of the library's id and the passage's: one that is too large is refused."""
    add(library, 1)
    entities = library.indexes().dense._index.entities  # type: ignore[union-attr]
    for key in (1 << 40, -1):
        with pytest.raises(StorageError, match="too large"):
            entities.put([Entity(key, 0, np.eye(1, SmallEmbedder().dimension)[0], "")])


def test_a_missing_collection_is_not_made_to_remove_something(
    library: Library, open_libraries: Opener, milvus: MilvusClient
) -> None:
    """The collection of an earlier model may be dropped; it would be made again with the vectors of another size."""
    add(library, 1)
    old = collection_of(library)
    milvus.drop_collection(old)
    again = open_libraries(lambda: SmallEmbedder("another", 16)).open("test")
    again.reindex(lambda _done, _total: None)
    assert again.check() == []
    assert not milvus.has_collection(old)

    milvus.drop_collection(collection_of(again))
    again._stores.delete(Path(), again.catalog)  # type: ignore[arg-type]
    assert_in_sync(again)


def test_threads_share_a_connection(milvus_server: MilvusProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that connect at once one connection stays; one that another thread has closed is out of reach."""
    made: list[Any] = []
    real = MilvusClient.get_server_version
    both = threading.Barrier(2)

    def meet(client: MilvusClient, **options: Any) -> Any:
        if client not in made:
            made.append(client)
            both.wait()
        return real(client, **options)

    monkeypatch.setattr(MilvusClient, "get_server_version", meet)
    server = MilvusServer(milvus_server.url)
    threads = [threading.Thread(target=server.call, args=("list_collections",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = server._client
    (other,) = (client for client in made if client is not kept)
    assert kept.list_collections() is not None
    with pytest.raises(MilvusException):
        other.list_collections()

    kept.close()
    with pytest.raises(UnreachableError, match="it does not answer"):
        server.call("list_collections")
    assert server._client is None  # it connects anew


@pytest.mark.parametrize("how", ["dropped", "emptied", "set back"])
def test_what_milvus_has_lost_is_filled_again(library: Library, milvus: MilvusClient, how: str) -> None:
    """If its collection was dropped or emptied, or Milvus was restored from an old copy, a question notices."""
    for number in range(5):
        add(library, number)
    assert len(found(library, "ferri")) == 5
    name = collection_of(library)
    index = library.indexes().dense._index  # type: ignore[union-attr]
    own = f"library_id == {index.state.library_id}"
    if how == "dropped":
        milvus.drop_collection(name)
    elif how == "emptied":
        milvus.delete(name, filter=own)
    else:
        keys = [
            index.entities._first,
            *(index.entities._first + key for key in index.catalog.passage_ids()[:2].tolist()),
        ]
        rows = milvus.query(name, filter=f"{own} and id in {keys}", output_fields=["id", "digest"])
        milvus.delete(name, filter=f"{own} and id in {keys}")
        assert len(rows) == 3

    assert len(found(library, "ferri")) == 5
    assert_in_sync(library)


@pytest.mark.parametrize("step", ["terms", "position"])
def test_a_crash_between_the_two_stores_is_healed(
    library: Library, open_libraries: Opener, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """If a process ends after it has written to Milvus, the next one writes the same again and goes on."""
    add(library, 1)
    assert len(found(library, "ferri")) == 1
    with monkeypatch.context() as crash:
        if step == "terms":
            crash.setattr(term_tables, "add", Mock(side_effect=KeyboardInterrupt))
        else:
            crash.setattr(state.IndexState, "set_position", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            add(library, 2)
    monkeypatch.setattr(state, "_LEASE", -1.0)  # the crashed process no longer keeps others out
    other = open_libraries().open("test")
    library._indexes.lexical.begin_changes()  # type: ignore[union-attr]

    assert len(found(other, "ferri")) == 2
    assert_in_sync(other)


def test_one_process_brings_the_indexes_up_to_date_for_all(
    library: Library, open_libraries: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process neither reads nor writes what the first has indexed."""
    add(library, 1)
    found(library, "ferri")
    other = open_libraries().open("test")
    monkeypatch.setattr(CatalogFollower, "bring_up_to_date", Mock(side_effect=AssertionError("it followed too")))
    assert len(found(other, "ferri")) == 1


def test_another_process_is_at_work(library: Library, open_libraries: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile the index is searched as it was; one that never had everything is not searched, and that is said."""
    add(library, 1)
    indexes = library.indexes()
    assert indexes is not None
    indexes.lexical.begin_changes()
    other = open_libraries().open("test")
    other.add(draft_from_text("A steamer goes at eight.", key="2", source="2", title="T2"))
    assert len(found(other, "ferri")) == 1  # as it was

    indexes.dense.position = None
    monkeypatch.setattr(state, "_WAIT_FOR_ALL", 0.5)
    with pytest.raises(UnreachableError, match="is being built by another process"):
        other.indexes()
    indexes.lexical.save()
    assert len(found(other, "ferri")) == 2
    assert_in_sync(library)


def test_a_search_waits_for_what_was_just_written_only(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search is strongly consistent until every reader of Milvus sees the last change anyway."""
    levels: list[str] = []
    call = MilvusServer.call

    def record(self: MilvusServer, method: str, *args: Any, **options: Any) -> Any:
        levels.extend([options["consistency_level"]] if method == "search" else [])
        return call(self, method, *args, **options)

    monkeypatch.setattr(MilvusServer, "call", record)
    add(library, 1)
    found(library, "ferri")
    assert set(levels) == {"Strong"}
    levels.clear()
    monkeypatch.setattr(state, "_SETTLED", -1.0)
    found(library, "ferri")
    assert set(levels) == {"Bounded"}


def test_another_index_version(library: Library, open_libraries: Opener, milvus: MilvusClient) -> None:
    """After a change of the model the library is found in another collection, and the old one has nothing of it."""
    add(library, 1)
    assert len(found(library, "ferri")) == 1
    old = collection_of(library)
    own = library.indexes().dense._index.state.library_id  # type: ignore[union-attr]
    again = open_libraries(lambda: SmallEmbedder("another", 16)).open("test")
    again.reindex(lambda _done, _total: None)

    assert again.check() == []
    assert collection_of(again) != old
    assert milvus.query(old, filter=f"library_id == {own}", output_fields=["id"]) == []
    assert len(again.indexes().dense.search(SmallEmbedder("another", 16).query("ferry"), 5)[0]) == 1  # type: ignore[union-attr]


def test_a_server_that_is_down_or_frozen(
    index_postgres: PostgresDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing waits for ever, the catalogue takes articles all the same, and all is found once the server is back."""
    monkeypatch.setattr(server_module, "_WAIT_AFTER_FAILURE", 3600.0)
    quick = MilvusTimeouts(connect=2, read=2, write=2)
    with running_milvus() as server, ExitStack() as closing:
        library = opener(index_postgres, server.url, tmp_path, closing)(timeouts=quick).open("test")
        add(library, 1)
        assert len(found(library, "ferri")) == 1
        server.send(signal.SIGSTOP)
        with pytest.raises(UnreachableError, match=r"127.0.0.1:\d+ cannot be reached \(it does not answer\)"):
            found(library, "ferri")
        with monkeypatch.context() as soon_after:
            soon_after.setattr(MilvusServer, "_request", Mock(side_effect=AssertionError("it is waited for again")))
            with pytest.raises(UnreachableError):
                found(library, "ferri")
        server.send(signal.SIGCONT)
        monkeypatch.setattr(server_module, "_WAIT_AFTER_FAILURE", 0.0)
        assert len(found(library, "ferri")) == 1

        server.kill()
        with pytest.raises(StorageError, match="Check that Milvus runs and that VECTOR_STORE is right"):
            found(library, "ferri")
        first = library.articles()[0].id
        add(library, 2)  # the catalogue has it
        assert library.remove(first, purge=True)
        server.start()
        assert found(library, "ferri") == set(library.catalog.passage_ids().tolist())  # type: ignore[union-attr]
        assert_in_sync(library)

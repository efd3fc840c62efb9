"""The collection of an index version: its fields, its indexes, and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from index.indexes.milvus.server import pymilvus

if TYPE_CHECKING:
    from index.indexes.milvus.server import MilvusServer

FORMAT: Final = 1
"""Raised when the fields, or `index.text.analyzer`, change: a new collection is filled then."""

_PARTITIONS: Final = 64  # to which the libraries are spread by their ids; Milvus takes up to 1,024
_MOST_CHARACTERS: Final = 65_535
# A term of the text stands twice in `terms` and one of the context once, so that its frequencies are twice those of
# `index.indexes.lexical_entries`. Twice its saturation of 1.2 is more than Milvus recommends, so its highest is taken.
_SATURATION, _LENGTH_NORM = 2.0, 0.75


def collection_name(home: str, index_version: str) -> str:
    """Return the name of the collection for the libraries of a database with an index version."""
    return f"verbatim_{home}_{index_version}_{FORMAT}"


def terms_text(title: str, body: str) -> str:
    """Return the terms of a passage as Milvus gets them: those of its text count twice those of its context."""
    return f"{title} {body} {body}".strip()


def ensure_collection(server: MilvusServer, name: str, dimension: int) -> bool:
    """Create a collection unless it exists; return whether this call created it. Raises StorageError."""
    if name in server.collections:
        return False
    wait = server.timeouts.write
    is_new = not server.call("has_collection", name, timeout=wait)
    if is_new:
        _create(server, name, dimension)
    server.call("load_collection", name, timeout=wait)
    server.collections.add(name)
    return is_new


def forget_collection(server: MilvusServer, name: str) -> None:
    """Note that a collection is missing."""
    server.collections.discard(name)


def _create(server: MilvusServer, name: str, dimension: int) -> None:
    milvus = pymilvus()
    kinds = milvus.DataType
    schema: Any = milvus.MilvusClient.create_schema(
        auto_id=False, enable_dynamic_field=False, partition_key_field="library_id"
    )
    schema.add_field("id", kinds.INT64, is_primary=True)
    schema.add_field("library_id", kinds.INT64, is_partition_key=True)
    schema.add_field("digest", kinds.INT64)
    schema.add_field("vector", kinds.FLOAT_VECTOR, dim=dimension)
    analyzer = {"tokenizer": "standard"}  # the terms consist of letters and digits, so that it only splits at spaces
    schema.add_field(
        "terms", kinds.VARCHAR, max_length=_MOST_CHARACTERS, enable_analyzer=True, analyzer_params=analyzer
    )
    schema.add_field("words", kinds.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        milvus.Function(
            name="bm25",
            function_type=milvus.FunctionType.BM25,
            input_field_names=["terms"],
            output_field_names=["words"],
        )
    )
    indexes: Any = milvus.MilvusClient.prepare_index_params()
    indexes.add_index("vector", index_type="HNSW", metric_type="COSINE", params={"M": 32, "efConstruction": 360})
    how = {"bm25_k1": _SATURATION, "bm25_b": _LENGTH_NORM}
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=how)
    with server.changing(name):
        if server.call("has_collection", name):  # another process may have been faster
            return
        server.call(
            "create_collection",
            name,
            schema=schema,
            index_params=indexes,
            num_partitions=_PARTITIONS,
            consistency_level="Strong",
            timeout=server.timeouts.write,
        )

"""What to say about PostgreSQL and Milvus where a command promises something that they do themselves, or later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from storage import store_urls

if TYPE_CHECKING:
    from storage.stores import Stores

_PURGED: Final = (
    "Nothing can read what was purged any more. PostgreSQL frees its space on the disk within about a minute (VACUUM), "
    "and overwrites it when that space is used again; its write-ahead log, replicas and backups keep it as long as you "
    "keep them."
)
_PURGED_VECTORS: Final = (
    " Milvus has marked its vectors and words as deleted, and drops them when it compacts its files."
)


def about_check(stores: Stores) -> str:
    """Return what `check` compares and what it cannot, if the stores are not files of this machine; else ""."""
    if stores.database_url is None:
        return ""
    indexes = f"Milvus ({store_urls.shown(stores.vector_url)})" if stores.vector_url else f"FAISS ({stores.data_dir})"
    return (
        f"Checked are the rows in PostgreSQL ({store_urls.shown(stores.database_url)}) and the indexes in {indexes}. "
        "Whether PostgreSQL's own files are sound, only the server can tell: data checksums, and pg_amcheck."
    )


def about_purge(stores: Stores) -> str:
    """Return where purged text remains, and for how long, if the stores are not files of this machine; else ""."""
    if stores.database_url is None:
        return ""
    return _PURGED + (_PURGED_VECTORS if stores.vector_url is not None else "")

"""The stores that the settings name: where the libraries, their indexes and the bot's memory are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from index.catalog.history import Retention
from index.catalog.postgres.catalogs import PostgresCatalogs
from index.catalog.postgres.engine import Timeouts, open_postgres
from index.catalog.postgres.migrations import CATALOG_PART
from index.catalog.postgres.preparation import prepare as prepare_parts
from index.catalog.postgres.preparation import require_prepared
from index.indexes.milvus.stores import MilvusStores
from index.indexes.milvus.tables import INDEX_PART
from index.indexes.stores import EMBEDDED
from index.libraries.file_catalogs import FileCatalogs
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.registry import Libraries
from storage.database import Database
from storage.drafts import Drafts
from storage.drafts_tables import DRAFTS_PART
from storage.postgres import MEMORY_PART
from storage.shard_leases import CLUSTER_PART, ShardLeases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import sqlalchemy as sa

    from index.catalog.catalogs import Catalogs
    from index.catalog.postgres.migrations import SchemaPart
    from index.indexes.stores import IndexStores
    from index.passages.embedder import Embedder

PARTS: Final[tuple[SchemaPart, ...]] = (CATALOG_PART, INDEX_PART, MEMORY_PART, DRAFTS_PART, CLUSTER_PART)
"""What a PostgreSQL database has to have: created and migrated in this order."""

SHORT_WAITS: Final = Timeouts(connect=3, lock=10.0, statement=20.0, answer=10.0)
"""For the bot on Discord: its threads serve many members, so that none may wait for a server for long."""

_DATABASE: Final = "discord.db"
_LEASE_TIMEOUTS: Final = Timeouts(connect=3, lock=2.0, statement=3.0, idle=5.0, answer=5.0)  # several within a lease
_DRAFTS: Final = "drafts.db"


@dataclass(frozen=True)
class Stores:
    """Opens what a process needs of its stores: SQLite files and FAISS in `data_dir` unless other places are named.

    `database_url` names a PostgreSQL database for the catalogues and the bot's memory, `vector_url` a Milvus server for
    the indexes, to which `vector_token` gives access. Without it the indexes are in `data_dir`: each process with a
    data folder of its own has its own. Raises StorageError if a store is out of reach.
    """

    data_dir: Path
    database_url: str | None = field(default=None, repr=False)
    vector_url: str | None = field(default=None, repr=False)
    vector_token: str | None = field(default=None, repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)

    @cached_property
    def engine(self) -> sa.Engine | None:
        """The connections to PostgreSQL, which everything in this process shares; None with SQLite."""
        return open_postgres(self.database_url, timeouts=self.timeouts) if self.database_url else None

    def require_ready(self) -> None:
        """Check the database before its first use. Raises StorageError or OperatorError with what to do."""
        if self.engine is not None:
            require_prepared(self.engine, PARTS)

    def catalogs(self) -> Catalogs:
        """Return the catalogues of all libraries."""
        return FileCatalogs(self.data_dir / "libraries") if self.engine is None else PostgresCatalogs(self.engine)

    @cached_property
    def index_stores(self) -> IndexStores:
        """Where the indexes of all libraries are kept."""
        if self.engine is None or self.vector_url is None:
            return EMBEDDED
        return MilvusStores(self.engine, self.vector_url, self.vector_token)

    def ping_indexes(self) -> None:
        """Ask the server that has the indexes, if there is one. Raises StorageError if it does not answer."""
        if isinstance(self.index_stores, MilvusStores):
            self.index_stores.ping()

    def libraries(
        self,
        embedder: Callable[[], Embedder],
        keep: Retention = Retention(),  # noqa: B008 - frozen
        kept_bytes: int | None = None,
    ) -> Libraries:
        """Return the libraries, to be owned by one thread; see `Libraries`."""
        bound = {} if kept_bytes is None else {"kept_bytes": kept_bytes}
        return Libraries(
            self.data_dir, embedder, keep, catalogs=self.catalogs(), open_indexes=self.index_stores, **bound
        )

    def read_only_libraries(self) -> ReadOnlyLibraries:
        """Return connections for reading the libraries, to be owned by one thread."""
        return ReadOnlyLibraries(self.data_dir, catalogs=self.catalogs())

    def database(self) -> Database:
        """Return the bot's memory, to be owned by one thread."""
        return Database(self.data_dir / _DATABASE if self.engine is None else self.engine)

    def drafts(self) -> Drafts:
        """Return what waits for the decision of members, to be owned by one thread."""
        if self.engine is None:
            return Drafts(self.data_dir / _DRAFTS)
        return Drafts(self.engine.execution_options(schema=DRAFTS_PART.schema))

    def shard_leases(self, process: str) -> ShardLeases | None:
        """Return the leases of the shards that a process of this name runs, to be owned by one thread.

        They have a connection of their own, which waits for nothing else. None with SQLite: then one process runs all.
        """
        if self.database_url is None:
            return None
        engine = open_postgres(self.database_url, pool_size=1, timeouts=_LEASE_TIMEOUTS)
        return ShardLeases(engine.execution_options(schema=CLUSTER_PART.schema, idle=_LEASE_TIMEOUTS.idle), process)

    def close(self) -> None:
        """Close all connections to servers; what was opened is to be closed before."""
        self.index_stores.close()
        if self.engine is not None:
            self.engine.dispose()


def prepare(owner_url: str, bot_url: str) -> list[str]:
    """Create and migrate the tables of a PostgreSQL database, and give the bot's role its rights.

    Returns sentences of what was done, none if there was nothing to do. Raises OperatorError, of which StorageError is
    one, with what to do; then nothing was changed.
    """
    return prepare_parts(owner_url, bot_url, PARTS)

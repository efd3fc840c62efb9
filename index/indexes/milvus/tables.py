"""The tables that the indexes on Milvus keep in PostgreSQL, beside the catalogue: a cache of it, like the indexes.

They hold what Milvus cannot tell exactly: how far the indexes have followed the catalogue, the words of each passage,
and the passages of each word.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import Final

import sqlalchemy as sa

from index.catalog.postgres.engine import SCHEMA
from index.catalog.postgres.migrations import SchemaPart
from index.catalog.postgres.tables import create_tables, force_policies, vacuum_at_once, with_library

index_tables = sa.MetaData()

# One row for a library. `writer` is the process that is changing the indexes, `until` it has to say so again.
index_state = sa.Table(
    "index_state",
    index_tables,
    sa.Column("collection", sa.String, primary_key=True),
    sa.Column("generation", sa.BigInteger),  # the position in the catalogue; NULL if it is not known
    sa.Column("token", sa.LargeBinary),
    sa.Column("passages", sa.BigInteger, nullable=False),
    sa.Column("words", sa.BigInteger, nullable=False),  # of all passages
    sa.Column("places", sa.BigInteger, nullable=False),  # that were ever given to a passage
    sa.Column("changes", sa.BigInteger, nullable=False),  # goes up with every change
    sa.Column("changed", sa.DateTime(timezone=True)),
    sa.Column("writer", sa.String),
    sa.Column("until", sa.DateTime(timezone=True)),
)

# The terms of each passage: of its context and of its text, joined by spaces. Places count up within a library.
passage_terms = sa.Table(
    "passage_terms",
    index_tables,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, nullable=False, unique=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("body", sa.String, nullable=False),
    sa.Column("digest", sa.BigInteger, nullable=False),
)

terms = sa.Table(
    "terms",
    index_tables,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("term", sa.String, nullable=False, unique=True),
    sa.Column("signature", sa.BigInteger, nullable=False),  # `index.indexes.lexical_terms.signature`
    sa.Column("passages", sa.BigInteger, nullable=False),  # that contain it
    sqlite_autoincrement=True,
)

# The list of a term's passages in a block of places: `index.indexes.lexical_entries`.
postings = sa.Table(
    "postings",
    index_tables,
    sa.Column("block", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("term_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

_TABLES: Final = with_library(index_tables)


def _create(db: sa.Connection) -> None:
    create_tables(db, _TABLES)
    for name in ("passage_terms", "terms"):  # with words of what was removed
        db.exec_driver_sql(vacuum_at_once(f"{SCHEMA}.{name}"))
    # What tells the collections of this database from those of others on the same Milvus server.
    db.exec_driver_sql(f"CREATE TABLE {SCHEMA}.index_home (id text NOT NULL)")
    db.execute(sa.text(f"INSERT INTO {SCHEMA}.index_home VALUES (:id)"), {"id": secrets.token_hex(8)})  # noqa: S608


INDEX_PART: Final = SchemaPart(
    "the indexes",
    SCHEMA,
    _create,
    before_steps=partial(force_policies, tables=_TABLES, forced=False),
    after_steps=partial(force_policies, tables=_TABLES, forced=True),
)
"""The tables of the indexes on Milvus."""

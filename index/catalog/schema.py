"""The catalogue's tables, in SQLAlchemy Core, for both engines.

SQLite has them in one file for each library, PostgreSQL with a column `library_id` in one schema for all of them
(`index.catalog.postgres.tables`). A change of an existing table needs a migration for each engine
(`index.catalog.migrations`, `index.catalog.postgres.migrations`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, LargeBinary, MetaData, Table
from sqlalchemy import Integer as SmallInteger

from index.catalog.text_columns import CleanText as String

Integer = BigInteger().with_variant(SmallInteger(), "sqlite")  # 64 bits on both: SQLite's INTEGER has as many

schema = MetaData()

meta = Table("meta", schema, Column("key", String, primary_key=True), Column("value", String, nullable=False))

articles = Table(
    "articles",
    schema,
    Column("id", Integer, primary_key=True),
    Column("title", String, nullable=False),
    Column("text", String, nullable=False),
    Column("published", String),
    Column("sections", String, nullable=False),  # JSON: [[start, end, heading], ...]
    Column("text_digest", LargeBinary, nullable=False, index=True),  # to find the same text under another name
    Column("author", String),
    Column("language", String),
    # JSON: offsets at which pages begin, or [offset, second] for each cue of a recording; NULL without either
    Column("pages", String),
    Column(
        "index_version", String, index=True
    ),  # what its passages were made with (`IndexVersion`); NULL before there was this column
    Column("links", String),  # JSON: [[start, end, address], ...]; NULL if unknown
    sqlite_autoincrement=True,
)

sources = Table(
    "sources",
    schema,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),  # private: may be a path of the machine
    Column("shown", String, nullable=False, index=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("origin", String, index=True),  # key of the folder or site that led to it
    Column("version", String),  # the loader's own mark of the state that was read, such as an ETag
    Column("missing", String),  # when a refresh first found it gone, ISO 8601
    Column("titled", String),  # the title that somebody gave to its article; overrides the source's
    Column("every", Float),  # hours between two checks; NULL for the setting's default
    Column("looked", String),  # when it was last checked, ISO 8601
    sqlite_autoincrement=True,
)

origins = Table(
    "origins",
    schema,
    Column("key", String, primary_key=True),  # private: may be a path of the machine
    Column("pages", Integer),  # the most pages of a site
    Column("depth", Integer),  # the most links from its first page
    Column("every", Float),  # as in `sources`
    Column("looked", String),
)

# Collections. A source is in one, so that its new versions are too, or the folder, site or channel that it is from.
tags = Table(
    "tags",
    schema,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),  # as displayed
    Column("folded", String, nullable=False, unique=True),  # as compared (`index.text.tag_names`)
)

source_tags = Table(
    "source_tags",
    schema,
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

origin_tags = Table(
    "origin_tags",
    schema,
    Column("origin", String, primary_key=True),  # private: may be a path of the machine
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# MinHash bands, to find possible near duplicates, and the pairs that are some (`index.passages.near_duplicates`).
bands = Table(
    "bands",
    schema,
    Column("band", Integer, primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

near_duplicates = Table(
    "twins",
    schema,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),  # the later one
    Column("other_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# Sources that could not be read at the last check, with or without an article.
failures = Table(
    "failures",
    schema,
    Column("key", String, primary_key=True),  # private: may be a path of the machine
    Column("shown", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", String, nullable=False),  # ISO 8601
    Column("origin", String, index=True),  # key of the folder or site that led to it
)

# Sources of an origin whose articles were removed by hand: a refresh does not bring them back.
dismissed = Table("dismissed", schema, Column("key", String, primary_key=True))

passages = Table(
    "passages",
    schema,
    Column("id", Integer, primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("heading", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of text and vector: shows that neither has changed
    Column("introductions", String),  # JSON: [[start, end], ...] of what introduces it; NULL for nothing
    sqlite_autoincrement=True,
)

# Apart from `passages`, whose rows are read far more often and would be spread over many pages with them.
vectors = Table(
    "vectors",
    schema,
    Column("passage_id", ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True),
    Column("vector", LargeBinary, nullable=False),  # little-endian float32, unit length
)

# The latest changes, and totals as they were after each (`index.catalog.change_log`). Ids are little-endian int64.
changes = Table(
    "changes",
    schema,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("token", LargeBinary, nullable=False),  # random
    Column("added", LargeBinary, nullable=False),  # ids of passages
    Column("removed", LargeBinary, nullable=False),  # ids of passages
    Column("articles", LargeBinary, nullable=False),  # ids of articles added, removed or altered
    Column("retagged", Integer, nullable=False),  # 1 if the tags of other articles may have changed too
    Column("logged", Integer, nullable=False),  # the number of ids in this row and in all before it
    Column("total_articles", Integer, nullable=False),
    Column("total_passages", Integer, nullable=False),
    Column("total_characters", Integer, nullable=False),
)

# The history of the articles. `chain` is shared by an article and those that replaced it: the id of the first.
events = Table(
    "events",
    schema,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False, index=True),  # ISO 8601, UTC
    Column("by", String, nullable=False, index=True),  # who did it, as named by the caller; empty if unknown
    Column("what", String, nullable=False),
    Column("chain", Integer, nullable=False, index=True),
    Column("article_id", Integer, nullable=False, index=True),  # may be gone
    Column("title", String, nullable=False),
    Column("was", String),  # the title before
    Column("characters", Integer),  # how many were added or removed
    Column("passages", Integer),  # how many were embedded anew
    sqlite_autoincrement=True,
)

# The version of an article before an event, as long as it can be restored.
versions = Table(
    "versions",
    schema,
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("title", String, nullable=False),
    Column("text", String, nullable=False),
    Column("published", String),
    Column("sections", String, nullable=False),
    Column("author", String),
    Column("language", String),
    Column("pages", String),
    Column("sources", String, nullable=False),  # JSON: an object for each
    Column("links", String),
)

"""Migrations of the catalogue's tables since the first release."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from index.catalog.numbered_migrations import NumberedMigrations
from index.catalog.schema import meta, passages
from index.sqlite_errors import StorageError

# One tuple of statements per migration; only ever appended to.
_MIGRATIONS: Final = (
    (
        "ALTER TABLE articles ADD COLUMN author VARCHAR",
        "ALTER TABLE articles ADD COLUMN language VARCHAR",
        "ALTER TABLE articles ADD COLUMN pages VARCHAR",
        "ALTER TABLE sources ADD COLUMN origin VARCHAR",
        "ALTER TABLE sources ADD COLUMN version VARCHAR",
        "ALTER TABLE sources ADD COLUMN missing VARCHAR",
        "CREATE TABLE origins (key VARCHAR NOT NULL PRIMARY KEY, pages INTEGER)",
        "CREATE TABLE dismissed (key VARCHAR NOT NULL PRIMARY KEY)",
    ),
    (
        "ALTER TABLE sources ADD COLUMN titled VARCHAR",
        (
            "CREATE TABLE events (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at VARCHAR NOT NULL, "
            '"by" VARCHAR NOT NULL, what VARCHAR NOT NULL, chain INTEGER NOT NULL, article_id INTEGER NOT NULL, '
            "title VARCHAR NOT NULL, was VARCHAR, characters INTEGER, passages INTEGER)"
        ),
        "CREATE INDEX ix_events_chain ON events (chain)",
        "CREATE INDEX ix_events_article_id ON events (article_id)",
        (
            "CREATE TABLE versions (event_id INTEGER NOT NULL PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE, "
            "title VARCHAR NOT NULL, text VARCHAR NOT NULL, published VARCHAR, sections VARCHAR NOT NULL, "
            "author VARCHAR, language VARCHAR, pages VARCHAR, sources VARCHAR NOT NULL)"
        ),
    ),
    (
        "ALTER TABLE sources ADD COLUMN every FLOAT",
        "ALTER TABLE sources ADD COLUMN looked VARCHAR",
        "ALTER TABLE origins ADD COLUMN depth INTEGER",
        "ALTER TABLE origins ADD COLUMN every FLOAT",
        "ALTER TABLE origins ADD COLUMN looked VARCHAR",
        (
            "CREATE TABLE failures (key VARCHAR NOT NULL PRIMARY KEY, shown VARCHAR NOT NULL, "
            "reason VARCHAR NOT NULL, at VARCHAR NOT NULL, origin VARCHAR)"
        ),
    ),
    (
        (
            "CREATE TABLE bands (band INTEGER NOT NULL, article_id INTEGER NOT NULL REFERENCES articles (id) "
            "ON DELETE CASCADE, PRIMARY KEY (band, article_id)) WITHOUT ROWID"
        ),
        "CREATE INDEX ix_bands_article_id ON bands (article_id)",
        (
            "CREATE TABLE twins (article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, "
            "other_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, "
            "PRIMARY KEY (article_id, other_id)) WITHOUT ROWID"
        ),
        "CREATE INDEX ix_twins_other_id ON twins (other_id)",
    ),
    (
        "ALTER TABLE passages ADD COLUMN introductions VARCHAR",
        "ALTER TABLE articles ADD COLUMN index_version VARCHAR",
        "CREATE INDEX ix_articles_index_version ON articles (index_version)",
    ),
    (
        "ALTER TABLE articles ADD COLUMN links VARCHAR",
        "ALTER TABLE versions ADD COLUMN links VARCHAR",
    ),
    (
        "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, folded VARCHAR NOT NULL UNIQUE)",
        (
            "CREATE TABLE source_tags (source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE, "
            "tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE, "
            "PRIMARY KEY (source_id, tag_id)) WITHOUT ROWID"
        ),
        "CREATE INDEX ix_source_tags_tag_id ON source_tags (tag_id)",
        (
            "CREATE TABLE origin_tags (origin VARCHAR NOT NULL, "
            "tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE, "
            "PRIMARY KEY (origin, tag_id)) WITHOUT ROWID"
        ),
        "CREATE INDEX ix_origin_tags_tag_id ON origin_tags (tag_id)",
        "CREATE INDEX ix_sources_origin ON sources (origin)",
    ),
    (
        # The rows of `passages` are moved one by one to two tables. What they took becomes free for those that follow:
        # neither the file nor the memory that this takes grows with the number of passages.
        "DROP INDEX IF EXISTS ix_passages_article_id",
        "ALTER TABLE passages RENAME TO passages_with_vectors",
        (
            "CREATE TABLE passages (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "
            "article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, start INTEGER NOT NULL, "
            '"end" INTEGER NOT NULL, heading VARCHAR NOT NULL, digest BLOB NOT NULL, introductions VARCHAR)'
        ),
        (
            "CREATE TABLE vectors (passage_id INTEGER NOT NULL PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE, "
            "vector BLOB NOT NULL)"
        ),
        # Ids of removed passages are not used again.
        (
            "INSERT INTO sqlite_sequence (name, seq) "
            "SELECT 'passages', seq FROM sqlite_sequence WHERE name = 'passages_with_vectors'"
        ),
        # Passages without an article, in a damaged file, are left out: they have no text.
        (
            "CREATE TRIGGER move_passage AFTER DELETE ON passages_with_vectors "
            "WHEN EXISTS (SELECT 1 FROM articles WHERE id = OLD.article_id) BEGIN "
            'INSERT INTO passages (id, article_id, start, "end", heading, digest, introductions) VALUES '
            '(OLD.id, OLD.article_id, OLD.start, OLD."end", OLD.heading, OLD.digest, OLD.introductions); '
            "INSERT INTO vectors VALUES (OLD.id, OLD.vector); END"
        ),
        "DELETE FROM passages_with_vectors",
        "DROP TABLE passages_with_vectors",
        "CREATE INDEX ix_passages_article_id ON passages (article_id)",
        (
            "CREATE TABLE changes (generation INTEGER NOT NULL PRIMARY KEY, token BLOB NOT NULL, added BLOB NOT NULL, "
            "removed BLOB NOT NULL, articles BLOB NOT NULL, retagged INTEGER NOT NULL, logged INTEGER NOT NULL, "
            "total_articles INTEGER NOT NULL, total_passages INTEGER NOT NULL, total_characters INTEGER NOT NULL)"
        ),
        (
            "INSERT INTO changes SELECT "
            "coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'generation'), 1), "
            "randomblob(8), x'', x'', x'', 0, 0, "
            "(SELECT count(*) FROM articles), (SELECT count(*) FROM passages), "
            "(SELECT coalesce(sum(length(text)), 0) FROM articles) "
            "WHERE EXISTS (SELECT 1 FROM meta WHERE key = 'generation') OR EXISTS (SELECT 1 FROM articles)"
        ),
        "DELETE FROM meta WHERE key = 'generation'",
        "CREATE INDEX ix_sources_shown ON sources (shown)",
        "CREATE INDEX ix_events_at ON events (at)",
        'CREATE INDEX ix_events_by ON events ("by")',
        "CREATE INDEX ix_failures_origin ON failures (origin)",
    ),
)


_NUMBERED: Final = NumberedMigrations(meta, passages, _MIGRATIONS)

LATEST: Final = len(_MIGRATIONS)
"""The schema version that this program writes."""


class NewerSchemaError(StorageError):
    """A catalogue was written by a newer version of Verbatim, so that this one must not write to it."""


def is_current(engine: sa.Engine) -> bool:
    """Whether a catalogue has all tables, and all migrations were applied to it.

    Raises NewerSchemaError, and ForeignFileError for another kind of file.
    """
    return _known_version(engine) == len(_MIGRATIONS)


def migrate(db: sa.Connection) -> None:
    """Create the tables, or apply the migrations that are missing. Raises NewerSchemaError."""
    _NUMBERED.apply(db, _known_version(db))  # again, now under the lock: another process may have been faster


def _known_version(bind: sa.Engine | sa.Connection) -> int | None:
    version = _NUMBERED.version(bind)
    if version is not None and version > len(_MIGRATIONS):
        raise NewerSchemaError(
            f"The library was written by a newer version of Verbatim: it has schema {version}, this version knows "
            f"{len(_MIGRATIONS)}. Update Verbatim to a version with schema {version} or later; nothing was changed."
        )
    return version

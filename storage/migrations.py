"""Migrations of discord.db since the first release."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from index.catalog.numbered_migrations import NumberedMigrations
from index.models import UserError
from storage.accepted_questions import delete_waiting
from storage.schema import WITH_TEXT, answers, meta, schema

_WITH_LANGUAGE: Final = ("answers", "loads")  # had no column `language` in the first unnumbered schemas

# One tuple of statements per migration; only ever appended to.
_MIGRATIONS: Final = (
    ('CREATE TABLE meta ("key" VARCHAR NOT NULL PRIMARY KEY, value VARCHAR NOT NULL)',),
    (
        (
            "CREATE TABLE pending_messages (channel_id INTEGER NOT NULL, message_id INTEGER NOT NULL, "
            "new BOOLEAN NOT NULL, PRIMARY KEY (channel_id, message_id))"
        ),
    ),
    (
        "CREATE INDEX ix_answers_asker_id ON answers (asker_id)",
        "CREATE INDEX ix_answers_follows ON answers (follows)",
        "CREATE INDEX ix_feedback_member_id ON feedback (member_id)",
    ),
    (
        "CREATE TABLE contributors (name VARCHAR NOT NULL, library VARCHAR NOT NULL, PRIMARY KEY (name, library))",
        "CREATE TABLE scanned_libraries (library VARCHAR NOT NULL PRIMARY KEY, stamp VARCHAR NOT NULL)",
    ),
    (
        (
            "CREATE TABLE memberships (guild_id INTEGER NOT NULL, application_id INTEGER NOT NULL, "
            "missing_since FLOAT, PRIMARY KEY (guild_id, application_id))"
        ),
    ),
    (
        (
            "CREATE TABLE digests (guild_id INTEGER NOT NULL PRIMARY KEY, week VARCHAR NOT NULL, "
            "sent BOOLEAN NOT NULL, tries INTEGER NOT NULL, tried_at FLOAT NOT NULL)"
        ),
        (
            "CREATE TABLE staff_messages (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, guild_id INTEGER NOT NULL, "
            "channel_id INTEGER, message_id INTEGER, due_at FLOAT NOT NULL, head VARCHAR NOT NULL, "
            "plain BOOLEAN NOT NULL, language VARCHAR NOT NULL, words BOOLEAN NOT NULL)"
        ),
        "CREATE INDEX ix_staff_messages_guild_id ON staff_messages (guild_id)",
        "CREATE INDEX ix_staff_messages_due_at ON staff_messages (due_at)",
        (
            "CREATE TABLE staff_sources (id INTEGER NOT NULL PRIMARY KEY, staff_message_id INTEGER NOT NULL "
            "REFERENCES staff_messages (id) ON DELETE CASCADE, answer_id INTEGER NOT NULL, feedback_id INTEGER, "
            "place INTEGER NOT NULL, gone BOOLEAN NOT NULL)"
        ),
        "CREATE INDEX ix_staff_sources_staff_message_id ON staff_sources (staff_message_id)",
        "CREATE INDEX ix_staff_sources_answer_id ON staff_sources (answer_id)",
        "CREATE INDEX ix_staff_sources_feedback_id ON staff_sources (feedback_id)",
    ),
    ("ALTER TABLE loads ADD COLUMN tags VARCHAR DEFAULT '' NOT NULL",),
    (
        (
            "CREATE TABLE human_calls (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, guild_id INTEGER NOT NULL, "
            "asker_id INTEGER NOT NULL, answer_id INTEGER, channel_id INTEGER NOT NULL, message_id INTEGER, "
            "question_id INTEGER, post_channel_id INTEGER NOT NULL, opened_at FLOAT NOT NULL, post_id INTEGER, "
            "thread_id INTEGER, claimed_by INTEGER, resolved_at FLOAT, withdrawn BOOLEAN NOT NULL, outdated "
            "BOOLEAN NOT NULL, replies INTEGER NOT NULL, saved BOOLEAN NOT NULL, FOREIGN KEY(answer_id) "
            "REFERENCES answers (id) ON DELETE SET NULL)"
        ),
        "CREATE INDEX ix_human_calls_answer_id ON human_calls (answer_id)",
        "CREATE INDEX ix_human_calls_asker_id ON human_calls (asker_id)",
        "CREATE INDEX ix_human_calls_claimed_by ON human_calls (claimed_by)",
        "CREATE INDEX ix_human_calls_guild_id ON human_calls (guild_id)",
        "CREATE INDEX ix_human_calls_opened_at ON human_calls (opened_at)",
        "CREATE INDEX ix_human_calls_outdated ON human_calls (outdated)",
        "CREATE INDEX ix_human_calls_post_id ON human_calls (post_id)",
        "CREATE INDEX ix_human_calls_question_id ON human_calls (question_id)",
        "CREATE INDEX ix_human_calls_thread_id ON human_calls (thread_id)",
        (
            "CREATE TABLE word_offers (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, guild_id INTEGER NOT NULL, "
            "maker_id INTEGER NOT NULL, author_id INTEGER NOT NULL, title VARCHAR NOT NULL, messages VARCHAR NOT "
            "NULL, made_at FLOAT NOT NULL, call_id INTEGER, request_channel_id INTEGER, request_id INTEGER)"
        ),
        "CREATE INDEX ix_word_offers_author_id ON word_offers (author_id)",
        "CREATE INDEX ix_word_offers_guild_id ON word_offers (guild_id)",
        "CREATE INDEX ix_word_offers_made_at ON word_offers (made_at)",
        "CREATE INDEX ix_word_offers_maker_id ON word_offers (maker_id)",
        (
            "CREATE TABLE saved_words (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, guild_id INTEGER NOT NULL, "
            "channel_id INTEGER NOT NULL, message_id INTEGER NOT NULL, author_id INTEGER NOT NULL, title VARCHAR "
            "NOT NULL, for_all BOOLEAN NOT NULL, saved_at FLOAT NOT NULL, edited_at FLOAT, call_id INTEGER, "
            "unread BOOLEAN NOT NULL, due BOOLEAN NOT NULL, compared BOOLEAN NOT NULL, UNIQUE (message_id))"
        ),
        "CREATE INDEX ix_saved_words_author_id ON saved_words (author_id)",
        "CREATE INDEX ix_saved_words_compared ON saved_words (compared)",
        "CREATE INDEX ix_saved_words_due ON saved_words (due)",
        "CREATE INDEX ix_saved_words_guild_id ON saved_words (guild_id)",
        (
            "CREATE TABLE covered_questions (answer_id INTEGER NOT NULL, saved_id INTEGER NOT NULL, PRIMARY KEY "
            "(answer_id), FOREIGN KEY(answer_id) REFERENCES answers (id) ON DELETE CASCADE, FOREIGN KEY(saved_id) "
            "REFERENCES saved_words (id) ON DELETE CASCADE)"
        ),
        "CREATE INDEX ix_covered_questions_saved_id ON covered_questions (saved_id)",
    ),
    (
        f"CREATE INDEX ix_answers_with_text ON answers (asked_at) WHERE {WITH_TEXT}",
        "DROP TABLE scanned_libraries",
        (
            "CREATE TABLE library_states (library VARCHAR NOT NULL PRIMARY KEY, stamp VARCHAR NOT NULL, generation "
            "INTEGER NOT NULL, articles INTEGER NOT NULL, passages INTEGER NOT NULL, index_versions VARCHAR NOT NULL, "
            "oldest_version FLOAT, oldest_event FLOAT, next_check FLOAT)"
        ),
        "CREATE INDEX ix_library_states_next_check ON library_states (next_check)",
        "CREATE INDEX ix_library_states_oldest_event ON library_states (oldest_event)",
        "CREATE INDEX ix_library_states_oldest_version ON library_states (oldest_version)",
    ),
    ("ALTER TABLE loads ADD COLUMN holder VARCHAR",),
    (
        (
            "CREATE TABLE accepted_questions (question_id INTEGER NOT NULL PRIMARY KEY, kind VARCHAR NOT NULL, "
            "application_id INTEGER NOT NULL, guild_id INTEGER, channel_id INTEGER NOT NULL, member_id INTEGER NOT "
            "NULL, accepted_at FLOAT NOT NULL, nonce INTEGER NOT NULL, sealed BLOB NOT NULL, holder VARCHAR NOT NULL, "
            "tries INTEGER NOT NULL, begun BOOLEAN NOT NULL, answer_ids VARCHAR NOT NULL)"
        ),
    ),
)

MIGRATIONS: Final = NumberedMigrations(meta, answers, _MIGRATIONS, delete_waiting)

LATEST: Final = len(_MIGRATIONS)
"""The schema version that this program writes."""


def migrate(db: sa.Connection) -> None:
    """Create the tables, or apply the migrations that are missing, in the caller's transaction.

    Raises UserError if the file lacks tables or columns of the first release.
    """
    version = MIGRATIONS.version(db)  # again, now under the lock: another process may have been faster
    if version == 0:
        _complete_unnumbered(db)
    MIGRATIONS.apply(db, version)
    _require_complete(db)


def _complete_unnumbered(db: sa.Connection) -> None:
    """Add the columns that the last unnumbered schema had and earlier ones had not."""
    inspector = sa.inspect(db)
    for table in _WITH_LANGUAGE:
        if inspector.has_table(table) and "language" not in {one["name"] for one in inspector.get_columns(table)}:
            db.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN language VARCHAR DEFAULT 'en' NOT NULL")


def _require_complete(db: sa.Connection) -> None:
    """Raise UserError unless all tables and columns exist; the transaction is then rolled back."""
    inspector = sa.inspect(db)
    found = [name for name in schema.tables if inspector.has_table(name)]
    existing = {name: {column["name"] for column in inspector.get_columns(name)} for name in found}
    missing = [
        f"{table.name}.{column.name}"
        for table in schema.sorted_tables
        for column in table.columns
        if column.name not in existing.get(table.name, ())
    ]
    if missing:
        message = (
            f"The file discord.db cannot be updated: it lacks {missing[0]}, which every release wrote. It was not "
            "changed. Restore a copy of it, or move it away."
        )
        raise UserError(message)

"""The tables of the bot's memory: discord.db, or the schema `bot` of a PostgreSQL database.

A change of an existing table needs a migration for each engine (`storage.migrations`, `storage.postgres`).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from storage.column_types import BigInt as Integer
from storage.column_types import Words as String

schema: Final = MetaData()

meta: Final = Table(
    "meta",
    schema,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

answers: Final = Table(
    "answers",
    schema,
    Column("id", Integer, Identity(), primary_key=True),
    Column("guild_id", Integer, index=True),
    Column("channel_id", Integer, nullable=False, index=True),
    Column("message_id", Integer, index=True),
    Column("question_id", Integer, index=True),
    Column("follows", ForeignKey("answers.id", ondelete="SET NULL"), index=True),
    Column("asker_id", Integer, nullable=False, index=True),
    Column("asked_at", Float, nullable=False, index=True),
    Column("question", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("elapsed_ms", Float, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("plain", Boolean, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("human_asked", Boolean, nullable=False),
    Column("quotes", String, nullable=False),  # JSON: for each StoredQuote, a list of its fields in order
    Column("language", String, nullable=False, server_default="en"),
    sqlite_autoincrement=True,  # ids are not reused: a button of a deleted answer must never find another one
)

WITH_TEXT: Final = "(question != '' OR asker_id != 0)"
"""The condition, in SQL, for answers that still have the text of the question or the member's id."""

Index("ix_answers_with_text", answers.c.asked_at, sqlite_where=text(WITH_TEXT), postgresql_where=text(WITH_TEXT))

feedback: Final = Table(
    "feedback",
    schema,
    Column("id", Integer, Identity(), primary_key=True),
    Column("answer_id", ForeignKey("answers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("member_id", Integer, nullable=False, index=True),
    Column("helpful", Boolean, nullable=False),
    Column("reason", String),
    UniqueConstraint("answer_id", "member_id"),
)

marks: Final = Table(  # answers whose message says that a source has changed, or cannot be edited to say so
    "marks",
    schema,
    Column("answer_id", ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
)

sweeps: Final = Table(  # the last generation of each library that answers were compared with
    "sweeps",
    schema,
    Column("library", String, primary_key=True),
    Column("generation", Integer, nullable=False),
)

meant: Final = Table(  # the quotes that a vote is about; none if it is about the whole answer
    "meant",
    schema,
    Column("feedback_id", ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True),
    Column("quotation", Integer, primary_key=True),  # from 1, in the order of the message
)

quiet_threads: Final = Table(  # the bot is silent here: a moderator has written, or a forum post was answered
    "quiet_threads",
    schema,
    Column("thread_id", Integer, primary_key=True, autoincrement=False),
    Column("guild_id", Integer, nullable=False, index=True),
)

pins: Final = Table(
    "pins",
    schema,
    Column("id", Integer, Identity(), primary_key=True),
    Column("guild_id", Integer, nullable=False, index=True),
    Column("library", String, nullable=False),
    Column("key", String, nullable=False),  # of the source; private, as it may be a path on this machine
    Column("article_id", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("digest", String, nullable=False),  # SHA-256 of the quoted text, which is not stored
    Column("highlights", String, nullable=False),  # JSON: [[start, end], ...]
    Column("questions", String, nullable=False),  # JSON: the questions in all their wordings
    sqlite_autoincrement=True,  # ids are not reused: a list shown earlier must never delete another pin
)

servers: Final = Table(
    "servers",
    schema,
    Column("guild_id", Integer, primary_key=True, autoincrement=False),
    Column("settings", String, nullable=False),  # JSON: the fields of ServerSettings
)

loads: Final = Table(  # imports of whole sites, offered, running or recently ended
    "loads",
    schema,
    Column("id", Integer, Identity(), primary_key=True),
    Column("guild_id", Integer, nullable=False, index=True),
    Column("channel_id", Integer, nullable=False),
    Column("member_id", Integer, nullable=False),
    Column("origin", String, nullable=False),
    Column("inside", String),
    Column("most", Integer, nullable=False),
    Column("more", Boolean, nullable=False),
    Column("plain", Boolean, nullable=False),
    Column("begun_at", Float, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("message_id", Integer),
    Column("token", String),
    Column("token_at", Float),
    Column("language", String, nullable=False, server_default="en"),
    Column("tags", String, nullable=False, server_default=""),  # of the site: names of collections, with commas
    Column("holder", String),  # the process that runs it; none before it is started
    sqlite_autoincrement=True,  # ids are not reused: a button of a deleted import must never find another one
)

load_pages: Final = Table(
    "load_pages",
    schema,
    Column("id", Integer, Identity(), primary_key=True),  # in the order of reading
    Column("load_id", ForeignKey("loads.id", ondelete="CASCADE"), nullable=False),
    Column("key", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("reason", String),
    Column("shown", String),
    UniqueConstraint("load_id", "key"),
)

read_days: Final = Table(  # daily import counters of servers
    "read_days",
    schema,
    Column("guild_id", Integer, primary_key=True),
    Column("day", String, primary_key=True),  # ISO 8601, UTC
    Column("count", Integer, nullable=False),
)

watched: Final = Table(  # channels whose messages become articles
    "watched",
    schema,
    Column("channel_id", Integer, primary_key=True, autoincrement=False),
    Column("guild_id", Integer, nullable=False, index=True),
    Column("role_id", Integer),
    Column("running", Boolean, nullable=False),
    Column("read_to", Integer, nullable=False),
    Column("trouble", String, nullable=False),
)

memberships: Final = Table(  # which applications, by their tokens, are or were in which servers
    "memberships",
    schema,
    Column("guild_id", Integer, primary_key=True),
    Column("application_id", Integer, primary_key=True),
    Column("missing_since", Float),  # Unix time of the first complete list of servers without this one
)

contributors: Final = Table(  # who is named in the history of a library
    "contributors",
    schema,
    Column("name", String, primary_key=True),  # a member's id, or a word such as "refresh"
    Column("library", String, primary_key=True),
)

library_states: Final = Table(  # what is known of each library without opening it (`storage.library_states`)
    "library_states",
    schema,
    Column("library", String, primary_key=True),
    Column("stamp", String, nullable=False),  # modification times of the library's files when they were read
    Column("generation", Integer, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("passages", Integer, nullable=False),
    Column("index_versions", String, nullable=False),  # of its articles, one a line
    Column("oldest_version", Float, index=True),  # Unix time
    Column("oldest_event", Float, index=True),
    Column("next_check", Float, index=True),  # Unix time at which its schedules are read; none: after a change
)

pending_messages: Final = Table(  # messages of such channels whose change is not in their article yet
    "pending_messages",
    schema,
    Column("channel_id", Integer, primary_key=True),
    Column("message_id", Integer, primary_key=True),
    Column("new", Boolean, nullable=False),  # whether there was no article before
)

digests: Final = Table(  # the last weekly digest of each server
    "digests",
    schema,
    Column("guild_id", Integer, primary_key=True, autoincrement=False),
    Column("week", String, nullable=False),  # the Monday after it, ISO 8601
    Column("sent", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", Float, nullable=False),
)

staff_messages: Final = (
    Table(  # what the bot posted, or is to post, to a server's digest channel about members' questions
        "staff_messages",
        schema,
        Column("id", Integer, Identity(), primary_key=True),
        Column("guild_id", Integer, nullable=False, index=True),
        Column("channel_id", Integer),  # None until it is sent
        Column("message_id", Integer),
        Column("due_at", Float, nullable=False, index=True),
        Column("head", String, nullable=False),  # the part that is about nobody; empty for a vote
        Column("plain", Boolean, nullable=False),
        Column("language", String, nullable=False),
        Column("words", Boolean, nullable=False),  # whether it shows words of members
        sqlite_autoincrement=True,
    )
)

staff_sources: Final = Table(  # the answers, and the votes on them, that such a message is about
    "staff_sources",
    schema,
    Column("id", Integer, Identity(), primary_key=True),
    Column("staff_message_id", ForeignKey("staff_messages.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("answer_id", Integer, nullable=False, index=True),
    Column("feedback_id", Integer, index=True),
    Column("place", Integer, nullable=False),  # of the group in a digest, from 0
    Column("gone", Boolean, nullable=False),  # whether a member had it deleted
)

human_calls: Final = Table(  # members' calls for a human, in the helpers' channel
    "human_calls",
    schema,
    Column("id", Integer, Identity(), primary_key=True),
    Column("guild_id", Integer, nullable=False, index=True),
    Column("asker_id", Integer, nullable=False, index=True),  # 0 if the member was forgotten
    Column("answer_id", ForeignKey("answers.id", ondelete="SET NULL"), index=True),
    Column("channel_id", Integer, nullable=False),  # where the question was asked
    Column("message_id", Integer),  # the bot's answer
    Column("question_id", Integer, index=True),
    Column("post_channel_id", Integer, nullable=False),
    Column("opened_at", Float, nullable=False, index=True),
    Column("post_id", Integer, index=True),  # the message in the helpers' channel; none until it is sent
    Column("thread_id", Integer, index=True),
    Column("claimed_by", Integer, index=True),
    Column("resolved_at", Float),
    Column("withdrawn", Boolean, nullable=False),  # the question or its answer was deleted, or the member forgotten
    Column("outdated", Boolean, nullable=False, index=True),  # the message does not show the state yet
    Column("replies", Integer, nullable=False),  # messages of helpers when it was resolved
    Column("saved", Boolean, nullable=False),  # whether a message of them became an article
    sqlite_autoincrement=True,  # ids are not reused: a button of a deleted call must never find another one
)

word_offers: Final = Table(  # messages that may become articles once their author agrees
    "word_offers",
    schema,
    Column("id", Integer, Identity(), primary_key=True),
    Column("guild_id", Integer, nullable=False, index=True),
    Column("maker_id", Integer, nullable=False, index=True),
    Column("author_id", Integer, nullable=False, index=True),
    Column("title", String, nullable=False),
    Column("messages", String, nullable=False),  # JSON: [[channel, message, chosen], ...]
    Column("made_at", Float, nullable=False, index=True),
    Column("call_id", Integer),
    Column("request_channel_id", Integer),  # the message that asks the author; none if that is the maker
    Column("request_id", Integer),
    sqlite_autoincrement=True,
)

saved_words: Final = Table(  # messages whose words are articles
    "saved_words",
    schema,
    Column("id", Integer, Identity(), primary_key=True),
    Column("guild_id", Integer, nullable=False, index=True),
    Column("channel_id", Integer, nullable=False),
    Column("message_id", Integer, nullable=False, unique=True),
    Column("author_id", Integer, nullable=False, index=True),  # 0 if unknown or forgotten
    Column("title", String, nullable=False),
    Column("for_all", Boolean, nullable=False),  # whether everybody may read the words, wherever they were written
    Column("saved_at", Float, nullable=False),
    Column("edited_at", Float),  # of the version that the article has, by Discord's clock; none if never edited
    Column("call_id", Integer),
    Column("unread", Boolean, nullable=False),  # edited since, and the bot may not read the new words
    Column("due", Boolean, nullable=False, index=True),  # an edit or deletion is not in the article yet
    Column("compared", Boolean, nullable=False, index=True),  # whether it is known which questions it covers
    sqlite_autoincrement=True,
)

covered_questions: Final = Table(  # questions that the articles did not answer until words of a person were saved
    "covered_questions",
    schema,
    Column("answer_id", ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
    Column("saved_id", ForeignKey("saved_words.id", ondelete="CASCADE"), nullable=False, index=True),
)

accepted_questions: Final = Table(  # questions that are not answered yet (`storage.accepted_questions`)
    "accepted_questions",
    schema,
    Column("question_id", Integer, primary_key=True, autoincrement=False),  # of the message or interaction that asks
    Column("kind", String, nullable=False),
    Column("application_id", Integer, nullable=False),
    Column("guild_id", Integer),
    Column("channel_id", Integer, nullable=False),
    Column("member_id", Integer, nullable=False),
    Column("accepted_at", Float, nullable=False),
    Column("nonce", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # text and token, encrypted; empty once it was answered
    Column("holder", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("begun", Boolean, nullable=False),
    Column("answer_ids", String, nullable=False),  # each followed by a space
)

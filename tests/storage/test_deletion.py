"""Promises of deletion that hold for every table, also for one that is added later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from storage.database import Database
from storage.moving.rows import tables_in_order
from storage.schema import schema

MEMBER, GUILD, PLACE = 7_000_000_007, 42, 43
WORDS: Final = "words of a member"
TABLES: Final = tables_in_order(schema)
# Every other number may be a member's id. Who adds a column decides: `/forget` deletes it, or it is named here.
_PLACES: Final = frozenset(
    "channel_id message_id question_id thread_id post_channel_id post_id request_channel_id request_id".split()
)
_NUMBERS: Final = frozenset(
    "id application_id role_id read_to call_id article_id start end count most passages articles generation tries "
    "place quotation shown replies answer_id feedback_id nonce".split()
)
# Texts that stay, as docs/privacy.md says: of pins, settings, saved articles, and the part of a digest about nobody.
_STAYING: Final = frozenset({"pins", "servers", "saved_words", "contributors", "read_days", "digests", "watched"})
_ABOUT_NOBODY: Final = frozenset(
    {
        ("staff_messages", "head"),
        ("staff_messages", "language"),
        ("accepted_questions", "kind"),  # of a question that is being answered
        ("accepted_questions", "holder"),
    }
)
_OF_LIBRARIES: Final = frozenset({"meta", "sweeps", "contributors", "library_states"})  # which outlive a server


def fill(store: Database) -> None:
    """Insert a row into each table: in it, each number that can be is a member's id, and each text their words."""
    with store.writing() as db:
        for table in TABLES:
            db.execute(table.insert().values({one.name: _value(one) for one in table.c}))


def _value(column: sa.Column[Any]) -> Any:
    if column.name in {"guild_id", *_PLACES}:
        return GUILD if column.name == "guild_id" else PLACE
    if isinstance(column.type, sa.Integer) and (column.foreign_keys or column.name in _NUMBERS):
        return 1
    kinds: tuple[tuple[type[Any], Any], ...] = (
        (sa.Boolean, False),
        (sa.Float, 1.0),
        (sa.Integer, MEMBER),
        (sa.LargeBinary, WORDS.encode()),
        (object, WORDS),
    )
    return next(value for kind, value in kinds if isinstance(column.type, kind))


def left(store: Database, value: object) -> Iterator[tuple[str, str]]:
    """Yield table and column of each value that is this number, or has this text in it."""
    with store.reading() as db:
        for table in TABLES:
            for row in db.execute(sa.select(table)).mappings():
                for name, found in row.items():
                    if found == value or (isinstance(value, str) and value in str(found)):
                        yield table.name, str(name)


def test_forgetting_a_member(store: Database) -> None:
    """Nothing names them any more, and of their words nothing is left but what the documentation says."""
    fill(store)
    assert {table for table, _ in left(store, MEMBER)} > {"answers", "feedback", "human_calls", "accepted_questions"}
    for _ in store.forget_member_in_steps(MEMBER):
        pass
    words = {place for place in left(store, WORDS) if place[0] not in _STAYING | _OF_LIBRARIES} - _ABOUT_NOBODY

    assert list(left(store, MEMBER)) == []
    assert words == set()


def test_forgetting_a_server(store: Database) -> None:
    """No table has a row about it, but those about libraries, whose articles stay."""
    fill(store)
    for _ in store.forget_server_in_steps(GUILD):
        pass
    with store.reading() as db:
        full = {one.name for one in TABLES if db.execute(sa.select(one).limit(1)).first() is not None}

    assert full <= _OF_LIBRARIES

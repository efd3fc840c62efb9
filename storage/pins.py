"""Quotes that moderators have pinned to questions, by server."""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from index.catalog.engine import write_transaction
from index.models import Span
from qa.pins.pinned import Pin
from qa.pins.question_equivalence import asks_the_same
from storage.concurrency import one_transaction_each, serialised
from storage.schema import pins

if TYPE_CHECKING:
    import sqlalchemy as sa


@one_transaction_each
class Pins:
    """Pins in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def of(self, guild_id: int) -> tuple[Pin, ...]:
        """Return a server's pins, oldest first."""
        with self._engine.connect() as db:
            rows = db.execute(select(pins).where(pins.c.guild_id == guild_id).order_by(pins.c.id)).all()
        return tuple(_pin(row) for row in rows)

    def add(self, guild_id: int, pin: Pin) -> None:
        """Store a pin. Its questions are removed from older pins, and pins without a question left are deleted."""
        with write_transaction(self._engine) as db:
            serialised(db, "pins", guild_id)
            for row in db.execute(select(pins.c.id, pins.c.questions).where(pins.c.guild_id == guild_id)).all():
                before = json.loads(row.questions)
                left = [old for old in before if not any(asks_the_same(old, new) for new in pin.questions)]
                if not left:
                    db.execute(pins.delete().where(pins.c.id == row.id))
                elif left != before:
                    db.execute(pins.update().where(pins.c.id == row.id).values(questions=json.dumps(left)))
            db.execute(pins.insert().values(_row(guild_id, pin)))

    def remove(self, guild_id: int, pin_id: int) -> bool:
        """Delete a pin of a server; return whether it existed."""
        with write_transaction(self._engine) as db:
            own = (pins.c.id == pin_id) & (pins.c.guild_id == guild_id)
            return db.execute(pins.delete().where(own)).rowcount > 0

    def forget_server(self, guild_id: int) -> None:
        """Delete the pins of a server."""
        with write_transaction(self._engine) as db:
            db.execute(pins.delete().where(pins.c.guild_id == guild_id))


def _row(guild_id: int, pin: Pin) -> dict[str, Any]:
    row = {column.name: getattr(pin, column.name) for column in pins.c if column.name not in {"id", "guild_id"}}
    lists = {"highlights": [astuple(span) for span in pin.highlights], "questions": pin.questions}
    return {**row, "guild_id": guild_id, **{name: json.dumps(value) for name, value in lists.items()}}


def _pin(row: sa.Row[Any]) -> Pin:
    values = {name: value for name, value in row._mapping.items() if name != "guild_id"}  # noqa: SLF001 - public
    values["highlights"] = tuple(Span(*pair) for pair in json.loads(row.highlights))
    values["questions"] = tuple(json.loads(row.questions))
    return Pin(**values)

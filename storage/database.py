"""The bot's memory on disk: one SQLite file beside the libraries. Owned by one thread."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, astuple, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.schema import open_engine, writing
from index.models import Span, UserError
from storage.channel_sources import ChannelSources
from storage.models import KEPT_DAYS, ServerSettings, StoredAnswer, StoredPlace, StoredQuote
from storage.pins import Pins
from storage.schema import answers, feedback, marks, meant, quiet_threads, schema, servers
from storage.site_imports import SiteImportStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

_SETTINGS = frozenset(field.name for field in fields(ServerSettings))
_OF_THE_OUTCOME = frozenset({"question", "outcome", "confidence", "elapsed_ms", "quotes", "shown"})
_OF_A_QUOTE = tuple(field.name for field in fields(StoredQuote))
_PRUNE_EVERY = 200  # answers kept between two looks for those that are old enough to forget


class Database:
    """Keeps answers, feedback and server settings; every change is one transaction.

    Raises UserError where the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._engine = open_engine(path, schema)
        except sa.exc.DatabaseError as error:
            message = (
                f"The file {path.name} cannot be read ({error.orig}). Put back a copy of it, or move it away: "
                "the bot then starts without the buttons of old answers and with default server settings."
            )
            raise UserError(message) from error
        self.loads = SiteImportStore(self._engine)
        self.pins = Pins(self._engine)
        self.watched = ChannelSources(self._engine)

    def reading(self) -> sa.Connection:
        """Return a connection to read with; use it as a context."""
        return self._engine.connect()

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection whose changes are one transaction; use it as a context."""
        return writing(self._engine)

    def keep(self, given: StoredAnswer) -> int:
        """Remember an answer and return its id; now and then, forget those older than KEPT_DAYS."""
        with self.writing() as db:
            key = int(db.execute(answers.insert().values(_row(given)).returning(answers.c.id)).scalar_one())
            if key % _PRUNE_EVERY == 1:
                db.execute(answers.delete().where(answers.c.asked_at < time.time() - KEPT_DAYS * 86400))
        return key

    def update(self, answer_id: int, **values: object) -> bool:
        """Change columns of an answer (its message, its place); tell whether it is remembered."""
        with self.writing() as db:
            return db.execute(answers.update().where(answers.c.id == answer_id).values(**values)).rowcount > 0

    def replace(self, answer_id: int, given: StoredAnswer) -> None:
        """Put another answer in the place of one, after its question was edited; what was thought of the old goes."""
        row = {name: value for name, value in _row(given).items() if name in _OF_THE_OUTCOME}
        with self.writing() as db:
            for judged in (feedback, marks):
                db.execute(judged.delete().where(judged.c.answer_id == answer_id))
            db.execute(answers.update().where(answers.c.id == answer_id).values(row))

    def answer(self, answer_id: int) -> StoredAnswer | None:
        """Return an answer, or None where it is forgotten."""
        return self._one(answers.c.id == answer_id)

    def answer_to(self, question_id: int) -> StoredAnswer | None:
        """Return the public answer to a message."""
        return self._one(answers.c.question_id == question_id, answers.c.private.is_(False))

    def answer_in(self, message_id: int) -> StoredAnswer | None:
        """Return the answer that stands in a message of the bot."""
        return self._one(answers.c.message_id == message_id)

    def last_answer(self, channel_id: int) -> StoredAnswer | None:
        """Return the newest public answer of a channel."""
        return self._one(answers.c.channel_id == channel_id, answers.c.private.is_(False))

    def asked_since(self, since: float, most: int) -> list[StoredAnswer]:
        """Return the newest public answers to messages, at most `most`, none to what was asked before `since`."""
        asked = answers.c.question_id.is_not(None), answers.c.message_id.is_not(None), answers.c.asked_at >= since
        query = select(answers).where(*asked, answers.c.private.is_(False)).order_by(answers.c.id.desc()).limit(most)
        with self.reading() as db:
            return [given_in(row) for row in db.execute(query)]

    def about(self, message_id: int) -> list[StoredAnswer]:
        """Return the public answers that stand in a message, or answer it; those not sent yet are left out."""
        either = (answers.c.message_id == message_id) | (answers.c.question_id == message_id)
        sent = answers.c.private.is_(False) & answers.c.message_id.is_not(None)
        with self.reading() as db:
            return [given_in(row) for row in db.execute(select(answers).where(either, sent))]

    def conversation(self, last: StoredAnswer, since: float, most: int) -> list[StoredAnswer]:
        """Return an answer and those that it follows, oldest first: at most `most`, none asked before `since`."""
        found = [last]
        while len(found) < most and (key := found[-1].follows) is not None:
            earlier = self.answer(key)
            if earlier is None or earlier.asked_at < since or earlier.channel_id != last.channel_id:
                break
            found.append(earlier)
        return found[::-1]

    def forget_member(self, member_id: int) -> int:
        """Forget the answers to a member's questions, and what the member thought of any; return how many answers."""
        with self.writing() as db:
            db.execute(feedback.delete().where(feedback.c.member_id == member_id))
            return db.execute(answers.delete().where(answers.c.asker_id == member_id)).rowcount

    def forget(self, *answer_ids: int) -> None:
        """Forget answers, and what was thought of them."""
        with self.writing() as db:
            db.execute(answers.delete().where(answers.c.id.in_(answer_ids)))

    def claim(self, answer_id: int, **values: bool) -> bool:
        """Change a column of an answer; tell whether it was another value before, so that one of two callers wins."""
        other = [answers.c[name].is_not(value) for name, value in values.items()]
        with self.writing() as db:
            change = answers.update().where(answers.c.id == answer_id, *other).values(**values)
            return db.execute(change).rowcount > 0

    def vote(self, answer_id: int, member_id: int, *, helpful: bool) -> bool:
        """Note what a member thinks of an answer, in place of an earlier vote; tell whether it is remembered."""
        own = (feedback.c.answer_id == answer_id) & (feedback.c.member_id == member_id)
        with self.writing() as db:
            if db.execute(select(answers.c.id).where(answers.c.id == answer_id)).first() is None:
                return False
            db.execute(feedback.delete().where(own))
            db.execute(feedback.insert().values(answer_id=answer_id, member_id=member_id, helpful=helpful))
        return True

    def reason(self, answer_id: int, member_id: int, text: str) -> bool:
        """Add a reason to a member's vote; tell whether there is one."""
        own = (feedback.c.answer_id == answer_id) & (feedback.c.member_id == member_id)
        with self.writing() as db:
            return db.execute(feedback.update().where(own).values(reason=text)).rowcount > 0

    def mean(self, answer_id: int, member_id: int, quotations: Sequence[int]) -> bool:
        """Note the quotations, from 1, that a member's vote is about; tell whether there is a vote."""
        own = (feedback.c.answer_id == answer_id) & (feedback.c.member_id == member_id)
        with self.writing() as db:
            key = db.execute(select(feedback.c.id).where(own)).scalar()
            if key is None:
                return False
            db.execute(meant.delete().where(meant.c.feedback_id == key))
            for number in sorted(set(quotations)):
                db.execute(meant.insert().values(feedback_id=key, quotation=number))
        return True

    def settings(self, guild_id: int) -> ServerSettings:
        """Return a server's settings, the defaults where nothing was set."""
        with self.reading() as db:
            stored = db.execute(select(servers.c.settings).where(servers.c.guild_id == guild_id)).scalar()
        values = json.loads(stored) if stored else {}
        # A setting that a later version wrote is left aside.
        return ServerSettings(**{name: value for name, value in values.items() if name in _SETTINGS})

    def change_settings(self, guild_id: int, settings: ServerSettings) -> None:
        """Store a server's settings."""
        with self.writing() as db:
            db.execute(servers.delete().where(servers.c.guild_id == guild_id))
            db.execute(servers.insert().values(guild_id=guild_id, settings=json.dumps(asdict(settings))))

    def quiet(self, thread_id: int, guild_id: int) -> None:
        """Note that a thread is left to people from now on."""
        with self.writing() as db:
            if db.execute(select(quiet_threads).where(quiet_threads.c.thread_id == thread_id)).first() is None:
                db.execute(quiet_threads.insert().values(thread_id=thread_id, guild_id=guild_id))

    def is_quiet(self, thread_id: int) -> bool:
        """Tell whether a thread is left to people."""
        with self.reading() as db:
            return db.execute(select(quiet_threads).where(quiet_threads.c.thread_id == thread_id)).first() is not None

    def forget_server(self, guild_id: int) -> None:
        """Forget everything about a server: the bot was removed from it."""
        with self.writing() as db:
            db.execute(answers.delete().where(answers.c.guild_id == guild_id))
            db.execute(quiet_threads.delete().where(quiet_threads.c.guild_id == guild_id))
            db.execute(servers.delete().where(servers.c.guild_id == guild_id))
        self.loads.forget_server(guild_id)
        self.pins.forget_server(guild_id)
        self.watched.forget_server(guild_id)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def _one(self, *conditions: sa.ColumnElement[bool]) -> StoredAnswer | None:
        with self.reading() as db:
            row = db.execute(select(answers).where(*conditions).order_by(answers.c.id.desc()).limit(1)).first()
        return given_in(row) if row else None


def _row(given: StoredAnswer) -> dict[str, Any]:
    row = {column.name: getattr(given, column.name) for column in answers.c if column.name != "id"}
    row["quotes"] = stored_quotes(given.quotes)
    return row


def stored_quotes(quotes: Iterable[StoredQuote]) -> str:
    """Return the column that holds the quotes of an answer."""
    return json.dumps([astuple(quote) for quote in quotes])


def given_in(row: sa.Row[Any]) -> StoredAnswer:
    """Return the answer that a row of the table holds."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values["quotes"] = kept_quotes(row.quotes)
    return StoredAnswer(**values)


def kept_quotes(stored: str) -> tuple[StoredQuote, ...]:
    """Return the quotes of an answer from the column that holds them."""
    return tuple(_kept(item) for item in json.loads(stored))


def _kept(item: list[Any]) -> StoredQuote:
    values = dict(zip(_OF_A_QUOTE, item, strict=False))  # an earlier version kept fewer fields
    values["highlights"] = tuple(Span(*pair) for pair in values["highlights"])
    values["also_in"] = tuple(StoredPlace(*place) for place in values.get("also_in", ()))
    return StoredQuote(**values)

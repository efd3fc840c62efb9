"""Drafts that wait for a member's decision, such as articles in a preview: a database file of their own, drafts.db.

What is in it is needed for an hour and can be made again, so that backups leave the file out, and a damaged one is
replaced by an empty one.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import event, func, select

from index.catalog.engine import begin, configure, write_transaction
from index.durable_files import make_folder
from index.models import UserError
from index.trusted_clock import CLOCK_ERROR

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 3600.0
"""How long a draft waits for a decision."""

PART: Final = 1 << 20
"""Bytes of a draft that are written in one step."""

_SHARES: Final = 4  # a server may have a quarter of the number and of the bytes
_MAX_TRIES: Final = 3  # starts of the bot at which a confirmed draft is continued
_LOG_BYTES: Final = 8 << 20  # that the write-ahead log keeps on the disk
_VERSION: Final = 1  # of the tables; a file of another version is replaced

_schema: Final = sa.MetaData()

_drafts: Final = sa.Table(
    "drafts",
    _schema,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # random
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("guild_id", sa.Integer, nullable=False, index=True),
    sa.Column("member_id", sa.Integer, nullable=False, index=True),
    sa.Column("stored_at", sa.Float, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("value", sa.String, nullable=False),
    sa.Column("confirmation", sa.String),  # JSON; None until the member has confirmed the draft
    sa.Column("tries", sa.Integer, nullable=False),
)

_parts: Final = sa.Table(
    "parts",
    _schema,
    sa.Column("draft_id", sa.ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft of a member in a server: a short `value`, usually JSON, and a `body` of any length.

    `confirmation` is what `Drafts.confirm` was given, None before.
    """

    id: int
    kind: str
    guild_id: int
    member_id: int
    value: str
    body: bytes = b""
    confirmation: str | None = None

    @property
    def size(self) -> int:
        """The bytes that count towards the limits."""
        return len(self.value.encode(errors="surrogatepass")) + len(self.body)


@dataclass(frozen=True, slots=True)
class DraftLimits:
    """How many drafts of one kind are kept, and how many bytes; of one server a quarter of each at most."""

    count: int
    size: int


class Drafts:
    """The drafts in a file. A change that is long has steps, each of which is one short transaction.

    A draft is dropped after `KEPT_SECONDS`, or when newer ones of its kind take its place, unless it was confirmed.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, which is created if it is missing and replaced if it is damaged. Raises UserError."""
        make_folder(path.parent)
        try:
            self._engine = _open(path)
        except sa.exc.DatabaseError as error:
            _log.warning("%s cannot be read and is replaced; previews have expired: %s", path.name, error.orig)
            try:
                for suffix in ("", "-wal", "-shm"):
                    path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
                self._engine = _open(path)
            except (sa.exc.DatabaseError, OSError) as failure:
                raise UserError(f"The file {path.name} cannot be written: {failure}.") from failure

    def put_in_steps(self, draft: StoredDraft, limits: DraftLimits) -> Generator[None, None, None]:
        """Store a new draft, and drop the oldest ones of its kind that exceed the limits then, but never this one."""
        row: dict[str, object] = {
            "id": draft.id,
            "kind": draft.kind,
            "guild_id": draft.guild_id,
            "member_id": draft.member_id,
        }
        row |= {"stored_at": time.time(), "size": draft.size, "value": draft.value, "tries": 0}
        parts = [draft.body[start : start + PART] for start in range(0, len(draft.body), PART)]
        with write_transaction(self._engine) as db:
            db.execute(_drafts.insert().values({**row, "complete": len(parts) <= 1}))
            self._drop_beyond(db, draft, limits)
            if parts:
                db.execute(_parts.insert().values(draft_id=draft.id, number=0, data=parts[0]))
        for number, data in enumerate(parts[1:], 1):
            yield
            with write_transaction(self._engine) as db:
                if db.execute(select(_drafts.c.id).where(_drafts.c.id == draft.id)).first() is None:
                    return  # the server or the member was forgotten meanwhile
                db.execute(_parts.insert().values(draft_id=draft.id, number=number, data=data))
                if number + 1 == len(parts):
                    db.execute(_drafts.update().where(_drafts.c.id == draft.id).values(complete=True))

    def change(self, draft_id: int, value: str) -> None:
        """Store another value of a draft that has no body, which is then as new; an unknown one is ignored."""
        new = {"value": value, "size": len(value.encode(errors="surrogatepass")), "stored_at": time.time()}
        with write_transaction(self._engine) as db:
            db.execute(_drafts.update().where(_waiting(draft_id)).values(new))

    def get(self, draft_id: int, kind: str) -> StoredDraft | None:
        """Return a draft without its body, or None if it was dropped, or confirmed."""
        with self._engine.connect() as db:
            row = db.execute(select(_drafts).where(_waiting(draft_id), _drafts.c.kind == kind)).first()
        return _draft(row) if row else None

    def confirmed(self, draft_id: int, kind: str) -> StoredDraft | None:
        """Return a confirmed draft without its body, or None if it was dropped."""
        own = (_drafts.c.id == draft_id) & (_drafts.c.kind == kind) & _drafts.c.confirmation.is_not(None)
        with self._engine.connect() as db:
            row = db.execute(select(_drafts).where(own)).first()
        return _draft(row) if row else None

    def body(self, draft_id: int) -> bytes:
        """Return the body of a draft, b"" without one."""
        query = select(_parts.c.data).where(_parts.c.draft_id == draft_id).order_by(_parts.c.number)
        with self._engine.connect() as db:
            return b"".join(db.execute(query).scalars())

    def drop(self, draft_id: int) -> bool:
        """Delete a draft; return whether it existed."""
        with write_transaction(self._engine) as db:
            return db.execute(_drafts.delete().where(_drafts.c.id == draft_id)).rowcount > 0

    def confirm(self, draft_id: int, confirmation: str) -> bool:
        """Keep a draft until it is dropped, because it is being carried out; return whether it was waiting.

        Of two callers, only the first gets True.
        """
        with write_transaction(self._engine) as db:
            change = _drafts.update().where(_waiting(draft_id)).values(confirmation=confirmation)
            return db.execute(change).rowcount > 0

    def release(self, draft_id: int) -> None:
        """Let a confirmed draft wait for a decision again, for as long as a new one."""
        own = _drafts.c.id == draft_id
        with write_transaction(self._engine) as db:
            db.execute(_drafts.update().where(own).values(confirmation=None, stored_at=time.time(), tries=0))

    def interrupted(self, kind: str) -> list[StoredDraft]:
        """Return the confirmed drafts of a kind, without their bodies, and count that they are tried again.

        For the start, before any is confirmed. One that was tried three times before is dropped, as it may be what
        ends the process.
        """
        own = (_drafts.c.kind == kind) & _drafts.c.confirmation.is_not(None)
        with write_transaction(self._engine) as db:
            db.execute(_drafts.delete().where(own, _drafts.c.tries >= _MAX_TRIES))
            db.execute(_drafts.update().where(own).values(tries=_drafts.c.tries + 1))
            return [_draft(row) for row in db.execute(select(_drafts).where(own).order_by(_drafts.c.stored_at))]

    def expire(self) -> None:
        """Delete the drafts that have waited too long."""
        with write_transaction(self._engine) as db:
            db.execute(_drafts.delete().where(~_is_fresh(), _drafts.c.confirmation.is_(None)))

    def forget_member(self, member_id: int) -> None:
        """Delete a member's drafts, except those that are being carried out."""
        own = _drafts.c.member_id == member_id
        with write_transaction(self._engine) as db:
            db.execute(_drafts.delete().where(own, _drafts.c.confirmation.is_(None)))

    def forget_server(self, guild_id: int) -> None:
        """Delete the drafts of a server."""
        with write_transaction(self._engine) as db:
            db.execute(_drafts.delete().where(_drafts.c.guild_id == guild_id))

    def total(self, member_id: int | None = None) -> tuple[int, int]:
        """Return the number of drafts and their bytes, of all members or of one."""
        query = select(func.count(), func.coalesce(func.sum(_drafts.c.size), 0))
        query = query if member_id is None else query.where(_drafts.c.member_id == member_id)
        with self._engine.connect() as db:
            count, size = db.execute(query).one()
        return int(count), int(size)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def _drop_beyond(self, db: sa.Connection, new: StoredDraft, limits: DraftLimits) -> None:
        own = (_drafts.c.kind == new.kind) & _drafts.c.confirmation.is_(None)
        db.execute(_drafts.delete().where(own, ~_is_fresh()))
        share = DraftLimits(max(1, limits.count // _SHARES), limits.size // _SHARES)
        for condition, limit in ((own & (_drafts.c.guild_id == new.guild_id), share), (own, limits)):
            newest = select(_drafts.c.id, _drafts.c.size).where(condition, _drafts.c.id != new.id)
            count, size = 1, new.size
            for row in db.execute(newest.order_by(_drafts.c.stored_at.desc())).all():
                count, size = count + 1, size + row.size
                if count > limit.count or size > limit.size:
                    db.execute(_drafts.delete().where(_drafts.c.id == row.id))


def _waiting(draft_id: int) -> sa.ColumnElement[bool]:
    return (_drafts.c.id == draft_id) & _drafts.c.complete & _drafts.c.confirmation.is_(None) & _is_fresh()


def _is_fresh() -> sa.ColumnElement[bool]:
    """Return the condition for drafts that have not expired; one from the future was stored by a wrong clock."""
    now = time.time()
    return (_drafts.c.stored_at > now - KEPT_SECONDS) & (_drafts.c.stored_at <= now + CLOCK_ERROR)


def _draft(row: sa.Row[tuple[object, ...]]) -> StoredDraft:
    return StoredDraft(row.id, row.kind, row.guild_id, row.member_id, row.value, confirmation=row.confirmation)


def _open(path: Path) -> sa.Engine:
    """Open or create the file, and delete what was not stored to its end or has expired."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", begin)
    try:
        with write_transaction(engine) as db:
            if db.exec_driver_sql("PRAGMA user_version").scalar() != _VERSION:
                tables = sa.MetaData()
                tables.reflect(db)
                tables.drop_all(db)
                _schema.create_all(db)
                db.exec_driver_sql(f"PRAGMA user_version = {_VERSION}")
            db.execute(_drafts.delete().where(_drafts.c.complete.is_(False)))
            db.execute(_drafts.delete().where(~_is_fresh(), _drafts.c.confirmation.is_(None)))
    except BaseException:
        engine.dispose()
        raise
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Prepare a new connection: deleted drafts leave neither their text nor their space in the file."""
    connection.execute("PRAGMA auto_vacuum = FULL")  # has an effect before the first table only
    configure(connection, read_only=False)
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")

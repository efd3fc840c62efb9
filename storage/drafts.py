"""Drafts that wait for a member's decision, such as articles in a preview.

They are in a database file of their own, drafts.db, or in two tables on PostgreSQL. What is in them is needed for an
hour and can be made again, so that backups leave it out, and a damaged file is replaced by an empty one.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.engine import write_transaction
from storage.concurrency import serialised
from storage.drafts_tables import KEPT_SECONDS, drafts, is_fresh, open_drafts_file, parts, schema

__all__ = ["KEPT_SECONDS", "PART", "DraftLimits", "Drafts", "StoredDraft", "schema"]

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

PART: Final = 1 << 20
"""Bytes of a draft that are written in one step."""

_SHARES: Final = 4  # a server may have a quarter of the number and of the bytes
_MAX_TRIES: Final = 3  # processes that continue a confirmed draft
_RELEASED: Final = {"confirmation": None, "holder": None, "tries": 0}


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft of a member in a server: a short `value`, usually JSON, and a `body` of any length.

    `confirmation` is what `Drafts.confirm` was given, None before. One that is `given_up` is not to be carried out
    again, since several processes ended while they did that.
    """

    id: int
    kind: str
    guild_id: int
    member_id: int
    value: str
    body: bytes = b""
    confirmation: str | None = None
    given_up: bool = False

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
    """The drafts in a file or on PostgreSQL. A change that is long has steps, each of which is one short transaction.

    A draft is dropped after `KEPT_SECONDS`, or when newer ones of its kind take its place, unless it was confirmed. A
    confirmed one belongs to the process that carries it out: `process` is the name of this one, new with each start.
    """

    def __init__(self, place: Path | sa.Engine) -> None:
        """Use prepared tables on PostgreSQL, or a file, which is created if it is missing, and replaced if damaged.

        Raises UserError.
        """
        self.process = secrets.token_hex(8)
        self._owns_engine = isinstance(place, Path)
        self._engine = open_drafts_file(place) if isinstance(place, Path) else place

    def put_in_steps(self, draft: StoredDraft, limits: DraftLimits) -> Generator[None, None, None]:
        """Store a new draft, and drop the oldest ones of its kind that exceed the limits then, but never this one."""
        row: dict[str, object] = {
            "id": draft.id,
            "kind": draft.kind,
            "guild_id": draft.guild_id,
            "member_id": draft.member_id,
        }
        row |= {"stored_at": time.time(), "size": draft.size, "value": draft.value, "tries": 0}
        pieces = [draft.body[start : start + PART] for start in range(0, len(draft.body), PART)]
        with write_transaction(self._engine) as db:
            serialised(db, "drafts", draft.kind)  # so that no two processes drop the same ones, in another order
            db.execute(drafts.insert().values({**row, "complete": len(pieces) <= 1}))
            self._drop_beyond(db, draft, limits)
            if pieces:
                db.execute(parts.insert().values(draft_id=draft.id, number=0, data=pieces[0]))
        for number, data in enumerate(pieces[1:], 1):
            yield
            with write_transaction(self._engine) as db:
                own = select(drafts.c.id).where(drafts.c.id == draft.id)
                if db.execute(own.with_for_update(key_share=True, read=True)).first() is None:
                    return  # the server or the member was forgotten meanwhile
                db.execute(parts.insert().values(draft_id=draft.id, number=number, data=data))
                if number + 1 == len(pieces):
                    db.execute(drafts.update().where(drafts.c.id == draft.id).values(complete=True))

    def change(self, draft_id: int, value: str) -> None:
        """Store another value of a draft that has no body, which is then as new; an unknown one is ignored."""
        new = {"value": value, "size": len(value.encode(errors="surrogatepass")), "stored_at": time.time()}
        with write_transaction(self._engine) as db:
            db.execute(drafts.update().where(_waiting(draft_id)).values(new))

    def get(self, draft_id: int, kind: str) -> StoredDraft | None:
        """Return a draft without its body, or None if it was dropped, or confirmed."""
        with self._engine.connect() as db:
            row = db.execute(select(drafts).where(_waiting(draft_id), drafts.c.kind == kind)).first()
        return _draft(row) if row else None

    def confirmed(self, draft_id: int, kind: str) -> StoredDraft | None:
        """Return a confirmed draft without its body, or None if it was dropped, or another process carries it out."""
        own = (drafts.c.id == draft_id) & (drafts.c.kind == kind) & drafts.c.confirmation.is_not(None)
        own &= func.coalesce(drafts.c.holder, self.process) == self.process
        with self._engine.connect() as db:
            row = db.execute(select(drafts).where(own)).first()
        return _draft(row) if row else None

    def in_any_state(self, draft_id: int, kind: str) -> StoredDraft | None:
        """Return a draft without its body, whether it waits or is being carried out; None if it was dropped."""
        own = (drafts.c.id == draft_id) & (drafts.c.kind == kind)
        with self._engine.connect() as db:
            row = db.execute(select(drafts).where(own)).first()
        return _draft(row) if row else None

    def is_held(self, draft_id: int) -> bool | None:
        """Whether this process carries out a confirmed draft; False for another one, None if it was dropped."""
        with self._engine.connect() as db:
            row = db.execute(select(drafts.c.holder).where(drafts.c.id == draft_id)).first()
        return None if row is None else row.holder in {None, self.process}

    def body_in_steps(self, draft_id: int) -> Generator[None, None, bytes | None]:
        """Return the body of a draft, b"" without one, in short steps; None if it was dropped, perhaps meanwhile."""
        pieces: list[bytes] = []
        while (data := self._part(draft_id, len(pieces))) is not None:
            pieces.append(data)
            yield
        with self._engine.connect() as db:
            exists = db.execute(select(drafts.c.id).where(drafts.c.id == draft_id)).first() is not None
        return b"".join(pieces) if exists else None

    def _part(self, draft_id: int, number: int) -> bytes | None:
        query = select(parts.c.data).where(parts.c.draft_id == draft_id, parts.c.number == number)
        with self._engine.connect() as db:
            return db.execute(query).scalar()

    def drop(self, draft_id: int) -> bool:
        """Delete a draft; return whether it existed."""
        with write_transaction(self._engine) as db:
            return db.execute(drafts.delete().where(drafts.c.id == draft_id)).rowcount > 0

    def confirm(self, draft_id: int, confirmation: str) -> bool:
        """Keep a draft until it is dropped, because this process carries it out; return whether it was waiting.

        Of two callers, only the first gets True.
        """
        with write_transaction(self._engine) as db:
            change = drafts.update().where(_waiting(draft_id)).values(confirmation=confirmation, holder=self.process)
            return db.execute(change).rowcount > 0

    def release(self, draft_id: int) -> None:
        """Let a confirmed draft wait for a decision again, for as long as a new one."""
        own = drafts.c.id == draft_id
        with write_transaction(self._engine) as db:
            db.execute(drafts.update().where(own).values({**_RELEASED, "stored_at": time.time()}))

    def interrupted(self, kind: str, holds: Callable[[int], bool] = lambda _: True) -> list[StoredDraft]:
        """Return the confirmed drafts of a kind that other processes had, without their bodies; now this one has them.

        `holds` says of a server's id whether this process continues its drafts: only while no other one can, at the
        start for example. Of two processes, one gets a draft. One that was tried three times before is `given_up`, as
        it may be what ends the process: its member is to be told, and it is to be dropped then.
        """
        confirmed = (drafts.c.kind == kind) & drafts.c.confirmation.is_not(None)
        with write_transaction(self._engine) as db:
            others = confirmed & (func.coalesce(drafts.c.holder, "") != self.process)
            rows = db.execute(select(drafts).where(others).order_by(drafts.c.stored_at)).all()
            return [_draft(row) for row in rows if holds(row.guild_id) and self._take_over(db, row)]

    def _take_over(self, db: sa.Connection, row: sa.Row[tuple[object, ...]]) -> bool:
        """Make a confirmed draft this process's; return whether it is."""
        same = func.coalesce(drafts.c.holder, "") == (row.holder or "")  # another process may have been faster
        own = (drafts.c.id == row.id) & drafts.c.confirmation.is_not(None) & same
        change = drafts.update().where(own).values(holder=self.process, tries=drafts.c.tries + 1)
        return db.execute(change).rowcount > 0

    def expire(self) -> None:
        """Delete the drafts that have waited too long."""
        with write_transaction(self._engine) as db:
            db.execute(drafts.delete().where(~is_fresh(), drafts.c.confirmation.is_(None)))

    def forget_member(self, member_id: int) -> None:
        """Delete a member's drafts, except those that are being carried out."""
        own = drafts.c.member_id == member_id
        with write_transaction(self._engine) as db:
            db.execute(drafts.delete().where(own, drafts.c.confirmation.is_(None)))

    def forget_server(self, guild_id: int) -> None:
        """Delete the drafts of a server."""
        with write_transaction(self._engine) as db:
            db.execute(drafts.delete().where(drafts.c.guild_id == guild_id))

    def total(self, member_id: int | None = None) -> tuple[int, int]:
        """Return the number of drafts and their bytes, of all members or of one."""
        query = select(func.count(), func.coalesce(func.sum(drafts.c.size), 0))
        query = query if member_id is None else query.where(drafts.c.member_id == member_id)
        with self._engine.connect() as db:
            count, size = db.execute(query).one()
        return int(count), int(size)

    def close(self) -> None:
        """Close the file; connections to PostgreSQL are shared with others, which close them."""
        if self._owns_engine:
            self._engine.dispose()

    def _drop_beyond(self, db: sa.Connection, new: StoredDraft, limits: DraftLimits) -> None:
        own = (drafts.c.kind == new.kind) & drafts.c.confirmation.is_(None)
        db.execute(drafts.delete().where(own, ~is_fresh()))
        share = DraftLimits(max(1, limits.count // _SHARES), limits.size // _SHARES)
        for condition, limit in ((own & (drafts.c.guild_id == new.guild_id), share), (own, limits)):
            newest = select(drafts.c.id, drafts.c.size).where(condition, drafts.c.id != new.id)
            count, size = 1, new.size
            for row in db.execute(newest.order_by(drafts.c.stored_at.desc())).all():
                count, size = count + 1, size + row.size
                if count > limit.count or size > limit.size:
                    db.execute(drafts.delete().where(drafts.c.id == row.id))


def _waiting(draft_id: int) -> sa.ColumnElement[bool]:
    return (drafts.c.id == draft_id) & drafts.c.complete & drafts.c.confirmation.is_(None) & is_fresh()


def _draft(row: sa.Row[tuple[object, ...]]) -> StoredDraft:
    owner = row.guild_id, row.member_id
    given_up = row.tries >= _MAX_TRIES
    return StoredDraft(row.id, row.kind, *owner, row.value, confirmation=row.confirmation, given_up=given_up)

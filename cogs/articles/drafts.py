"""What was shown to a member and waits for their decision, such as *Add*; on disk, so that a restart keeps it."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, Generic, Self, TypeVar

import discord

from cogs.core.async_store import AsyncStore
from cogs.core.fair_queue import Turn
from cogs.ui.layout import is_plain
from i18n import texts
from i18n.languages import in_force
from index.incremental import finish
from index.libraries.library_names import own_library
from index.models import UserError
from storage.drafts import PART, DraftLimits, StoredDraft

V = TypeVar("V")

_ID_BITS: Final = 59  # at most 18 digits


@dataclass(frozen=True, slots=True)
class Owner:
    """The member for whom a value is kept, and their server; only there they can use it."""

    server_id: int
    member_id: int

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Owner:
        """Return the member and server of an interaction."""
        return cls(interaction.guild_id or 0, interaction.user.id)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Where a member confirmed a draft, so that they hear of the result after a restart, too.

    `token` is that of the interaction, issued at `at` (Unix time), with which the message `message_id` can be edited.
    """

    channel_id: int
    message_id: int
    token: str
    at: float
    plain: bool
    language: str

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Self:
        """Return the place of the component that was pressed."""
        message_id = interaction.message.id if interaction.message else 0
        channel_id = interaction.channel_id or 0
        return cls(channel_id, message_id, interaction.token, time.time(), is_plain(interaction), in_force())

    def to_json(self) -> str:
        """Return the JSON that is stored with a draft."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A draft that was confirmed before a restart and is not carried out yet, nor will be if it was `given_up`."""

    id: int
    owner: Owner
    confirmation: Confirmation
    given_up: bool


@dataclass(frozen=True, slots=True)
class DraftKind(Generic[V]):
    """One kind of drafts: its stored name, its limits, and how a value becomes a short text and a body, and back.

    One of which `has_body` is false has texts alone, so that its values are there at once.
    """

    name: str
    limits: DraftLimits
    encode: Callable[[V], tuple[str, bytes]]
    decode: Callable[[str, bytes], V]
    has_body: bool = True


class PendingStore(Generic[V]):
    """Values of one kind by id, on disk for an hour. For use on the event loop.

    Their number and bytes are bounded, and of one server to a quarter of each, so that nobody's previews displace
    those of others. Ids are random; as they can be forged all the same, a value is returned to its owner only.
    Encoding, decoding and the file are left to the threads of the store, of which none that notes answers encodes.
    """

    def __init__(self, store: AsyncStore, kind: DraftKind[V]) -> None:
        """Keep the values in the drafts of this store."""
        self._store = store
        self._kind = kind

    async def put(self, value: V, owner: Owner) -> int:
        """Store a value and return its id."""
        key = secrets.randbits(_ID_BITS)
        text, body = await self._store.read(lambda: self._kind.encode(value))
        draft = StoredDraft(key, self._kind.name, owner.server_id, owner.member_id, text, body)
        steps = self._store.drafts.put_in_steps(draft, self._kind.limits)
        if len(body) <= PART:
            await self._store.run(lambda: finish(steps))
        else:
            await self._store.run_in_steps(steps, Turn(own_library(owner.server_id)))
        return key

    async def replace(self, key: int, value: V) -> None:
        """Store a new value, of a kind without a body, under an existing id. An unknown one is ignored."""
        text, _ = await self._store.read(lambda: self._kind.encode(value))
        await self._store.run(lambda: self._store.drafts.change(key, text))

    async def get(self, key: int, owner: Owner) -> V | None:
        """Return an owner's value, or None if it was dropped or is not theirs."""
        found = await self._store.run(lambda: self._store.drafts.get(key, self._kind.name))
        return None if found is None or _owner(found) != owner else await self._value(found)

    async def own(self, key: int, owner: Owner) -> V:
        """Return an owner's value. Raises UserError if it was dropped, or belongs to another member or server."""
        value = await self._value(await self._store.run(lambda: self._require(key, owner)))
        if value is None:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        return value

    async def take(self, key: int, owner: Owner) -> V:
        """Return an owner's value and drop it; of two callers the second fails. Raises UserError as `own` does."""
        value = await self.own(key, owner)
        if not await self._store.run(lambda: self._require(key, owner) and self._store.drafts.drop(key)):
            raise UserError(texts.PREVIEW_FORGOTTEN)  # by another process
        return value

    async def drop(self, key: int, owner: Owner) -> bool:
        """Drop an owner's value; return whether it existed. Raises UserError if it belongs to somebody else."""

        def drop() -> bool:
            return self._find(key, owner) is not None and self._store.drafts.drop(key)

        return await self._store.run(drop)

    async def confirm(self, key: int, owner: Owner, confirmation: Confirmation) -> None:
        """Keep an owner's value until `discard`, across restarts; only `confirmed` returns it from here on.

        Of two callers the second fails. Raises UserError as `own` does.
        """

        def confirm() -> None:
            self._require(key, owner)
            if not self._store.drafts.confirm(key, confirmation.to_json()):  # confirmed in another process
                raise UserError(texts.PREVIEW_FORGOTTEN)

        await self._store.run(confirm)

    async def release(self, key: int) -> None:
        """Let a confirmed value wait for its owner again."""
        await self._store.run(lambda: self._store.drafts.release(key))

    async def discard(self, key: int) -> None:
        """Drop a value; unknown ids are ignored."""
        await self._store.run(lambda: self._store.drafts.drop(key))

    async def stop(self, key: int, owner: Owner) -> None:
        """Drop an owner's value although some process is carrying it out. Raises UserError as `own` does."""

        def stop() -> None:
            found = self._store.drafts.in_any_state(key, self._kind.name)
            if found is None or found.guild_id != owner.server_id:
                raise UserError(texts.PREVIEW_FORGOTTEN)
            if _owner(found) != owner:
                raise UserError(texts.PREVIEW_NOT_YOURS)
            self._store.drafts.drop(key)

        await self._store.run(stop)

    async def is_held(self, key: int) -> bool | None:
        """Whether a confirmed value is this process's to carry out; False for another one, None if it was dropped."""
        return await self._store.run(lambda: self._store.drafts.is_held(key))

    async def interrupted(self, holds: Callable[[int], bool] = lambda _: True) -> list[Interrupted]:
        """Return what was confirmed elsewhere, or before the bot stopped, in the servers for which `holds` is true.

        From now on this process carries it out. To be called only when no other process does that.
        """
        found = await self._store.run(lambda: self._store.drafts.interrupted(self._kind.name, holds))
        places = (Confirmation(**json.loads(one.confirmation or "{}")) for one in found)
        return [Interrupted(one.id, _owner(one), at, one.given_up) for one, at in zip(found, places, strict=True)]

    async def confirmed(self, key: int) -> V | None:
        """Return a value that was confirmed here, or None if it was dropped or another process took it over."""
        found = await self._store.run(lambda: self._store.drafts.confirmed(key, self._kind.name))
        return None if found is None else await self._value(found)

    def _require(self, key: int, owner: Owner) -> StoredDraft:
        found = self._find(key, owner)
        if found is None:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        return found

    def _find(self, key: int, owner: Owner) -> StoredDraft | None:
        """Return an owner's draft, None if it was dropped. Raises UserError for that of another member here."""
        found = self._store.drafts.get(key, self._kind.name)
        if found is None or found.guild_id != owner.server_id:
            return None
        if _owner(found) != owner:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        return found

    async def _value(self, found: StoredDraft) -> V | None:
        """Return the value of a draft, None if it was dropped meanwhile."""
        body: bytes | None = b""
        if self._kind.has_body:
            turn = Turn(own_library(found.guild_id))
            body = await self._store.run_in_steps(self._store.drafts.body_in_steps(found.id), turn)
        return None if body is None else await self._store.read(lambda: self._kind.decode(found.value, body))


def _owner(draft: StoredDraft) -> Owner:
    return Owner(draft.guild_id, draft.member_id)

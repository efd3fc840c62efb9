"""What nobody could do with the bot's own messages: ids, links and values of another server, sent as one's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, Final

import simcord
from discord import ui
from simcord import SetupError
from simcord.actors import _dispatch_actor_interaction
from simcord.backend import serializers
from simcord.backend.models import EPHEMERAL_FLAG
from simcord.enums import InteractionType

from index.libraries.library_names import own_library
from tests.acceptance.isolation_steps import question
from tests.acceptance.isolation_watch import pending_ids
from tests.acceptance.isolation_world import Server, World, visible_words

Forgery = Callable[[World, Server, Server], Awaitable[tuple[Any, str]]]
"""Uses something of another server; returns what simcord does, and what was typed, which is shown again."""

_BUTTON, _STRING_SELECT, _LABEL, _TEXT = 2, 3, 18, 4
_BEYOND: Final = (0, 2**63, 10**20 - 1)  # ids that nothing has
_TABLES: Final = ("answers", "pins", "loads", "watched")


async def component(world: World, here: Server, there: Server) -> tuple[Any, str]:
    """Press a button, or choose in a select, whose custom id names something of another server."""
    rng, (kind, key) = world.rng, _named(world, there, list(world.bot._items))
    custom_id = f"verbatim:{kind}:{key}:{rng.choice([0, 1, 2, 3, 9999])}"
    values = [str(rng.choice(_ids(world, there))) for _ in range(rng.choice([1, 1, 2]))]
    part: dict[str, Any] = {"type": _BUTTON, "custom_id": custom_id, "label": "Forged", "style": 2}
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": _BUTTON}
    if _is_select(world.bot._items[kind]):
        options = [{"label": value, "value": value} for value in dict.fromkeys(values)]
        part = {"type": _STRING_SELECT, "custom_id": custom_id, "options": options}
        data = {"custom_id": custom_id, "component_type": _STRING_SELECT, "values": values}
    who, place, message = await (_direct_message if rng.random() < 0.1 else _message)(world, here)
    payload = dict(serializers.message_payload(world.env.backend, message))
    payload["components"] = [{"type": 1, "components": [part]}]
    sent = await _dispatch_actor_interaction(
        who, InteractionType.MESSAGE_COMPONENT, place, data, extra={"message": payload}, source_message_id=message.id
    )
    return sent, f"{custom_id} {values}"


def _is_select(kind: Any) -> bool:
    return not isinstance(kind(*[1] * kind.ids).item, ui.Button)


async def form(world: World, here: Server, there: Server) -> tuple[Any, str]:
    """Submit a form whose custom id names something of another server."""
    kind, key = _named(world, there, list(world.bot._forms))
    select = {"type": _STRING_SELECT, "id": 2, "custom_id": "reason", "values": ["wrong"]}
    chosen = {"type": _STRING_SELECT, "id": 3, "custom_id": "quotations", "values": ["1", "3"]}
    fields = [{"type": _TEXT, "id": 9, "custom_id": name, "value": "the vault"} for name in ("details", "questions")]
    parts = [{"type": _LABEL, "id": 1, "component": one} for one in (select, chosen, *fields)]
    data = {"custom_id": f"verbatim:{kind}:{key}:0", "components": parts}
    who, place, message = await _message(world, here)
    sent = await _dispatch_actor_interaction(
        who, InteractionType.MODAL_SUBMIT, place, data, source_message_id=message.id
    )
    return sent, data["custom_id"]  # type: ignore[return-value]


async def option(world: World, here: Server, there: Server) -> tuple[Any, str]:
    """Name an article of another server in an option, by its library and id or by its title."""
    rng = world.rng
    titles = [f"{there.words[kind]} {what}" for kind, what in (("title", "vault handbook"), ("import", "leaflet"))]
    value = rng.choice([f"{own_library(there.id)}:{rng.randrange(1, 9)}", f"{own_library(here.id)}:999", *titles])
    name, more = rng.choice([
        ("ask", {"question": question(world, here)}),
        ("library show", {}),
        ("article history", {}),
        ("article schedule", {}),
        ("article rename", {"title": "The vault"}),
        ("article tag", {"collections": "The vault"}),
        ("article refresh", {}),
        ("article remove", {}),
        ("pin add", {"question": "what about the vault?", "words": "The vault opens"}),
    ])  # fmt: skip
    return await here.manager.slash(rng.choice(here.channels), name, article=value, **more), value


async def typed(world: World, here: Server, there: Server) -> tuple[Any, str]:
    """Type a word, a title or a library name of another server into an option or a search."""
    rng = world.rng
    value = rng.choice([*there.words.values(), own_library(there.id), f"{there.words['title']} vault handbook"])
    place = rng.choice(here.channels)
    if rng.random() < 0.5:
        name = rng.choice(["ask", "library show", "pin add"])
        await here.manager.autocomplete(place, name, "article", value)
        return None, value
    return await here.manager.slash(place, "library search", title=value), value


async def link(world: World, here: Server, there: Server) -> tuple[Any, str]:
    """Name a message of another server, with its link or its id, in a command or a question."""
    rng = world.rng
    place, message = _sent_in(world, there)
    value = rng.choice([f"https://discord.com/channels/{there.id}/{place}/{message}", str(message), str(10**20 - 1)])
    channel = rng.choice(here.channels)
    if rng.random() < 0.6:
        return await here.manager.slash(channel, "insights why", message=value), value
    here.known |= visible_words(value)  # the question is kept, and shown to its server again
    return await rng.choice(here.members).slash(channel, "ask", question=f"what does {value} say of the vault?"), value


async def reply(world: World, here: Server, there: Server) -> tuple[Any, str]:
    """Ask in a message that claims to reply to a message of another server."""
    place, message = _sent_in(world, there)
    who, backend = world.rng.choice(here.members), world.env.backend
    text = f"{world.env.bot.user.mention} {question(world, here)}"
    written = backend.create_message(world.rng.choice(here.channels).id, who.id, text, broadcast=False)
    payload = dict(serializers.message_payload(backend, written), type=19, guild_id=str(here.id))
    payload["message_reference"] = {"channel_id": str(place), "message_id": str(message), "guild_id": str(there.id)}
    payload["member"] = serializers.member_payload(backend, backend.get_guild(here.id), _member(backend, here, who))
    backend.emit("MESSAGE_CREATE", payload)
    await world.env._settle_internal(dispatch="MESSAGE_CREATE")
    return None, f"{place} {message} {there.id}"


FORGED: Final[dict[Forgery, int]] = {component: 8, form: 2, option: 2, typed: 2, link: 2, reply: 1}
"""Forgeries with their weights."""


def _named(world: World, there: Server, kinds: list[str]) -> tuple[str, int]:
    """Return the action of a component and an id for it: of another server, or one that nothing has."""
    return world.rng.choice(kinds), world.rng.choice([*_ids(world, there) * 3, *_BEYOND])


def _ids(world: World, server: Server) -> list[int]:
    """Return ids of what a server has: answers, pins, imports, channels, members, articles, changes and previews."""
    found = [server.id, *(one.id for one in (*server.channels, *server.members)), *range(1, 6)]
    database = sqlite3.connect(f"file:{world.folder / 'discord.db'}?mode=ro", uri=True)
    for table in _TABLES:
        key = "channel_id" if table == "watched" else "id"
        query = f"SELECT {key} FROM {table} WHERE guild_id = ? ORDER BY 1 DESC LIMIT 12"
        found += [row[0] for row in database.execute(query, (server.id,))]
    database.close()
    return found + pending_ids(world, server.id)


async def _message(world: World, here: Server) -> tuple[simcord.MemberActor, simcord.ChannelHandle, Any]:
    """Return a member, and a channel with a message of the bot that they see, whose components they replace."""
    backend = world.env.backend
    who = world.rng.choice([here.manager, here.manager, *here.members])
    place = world.rng.choice(here.channels)
    sent = backend.messages.get(place.id, {}).values()
    public = [one for one in sent if one.author_id == backend.bot_user.id and not one.flags & EPHEMERAL_FLAG]
    if not public:
        raise SetupError("the bot has not written here yet")
    return who, place, world.rng.choice(public[-10:])


async def _direct_message(world: World, here: Server) -> tuple[Any, simcord.ChannelHandle, Any]:
    """Return a member, and their direct messages with the newest message of the bot."""
    backend, who = world.env.backend, world.rng.choice(here.members).user
    found = [
        one for one in backend.messages.get(who.dm_channel.id, {}).values() if one.author_id == backend.bot_user.id
    ]
    if not found:
        raise SetupError("the bot has not written to this member yet")
    return who, who.dm_channel, found[-1]


def _member(backend: Any, server: Server, who: simcord.MemberActor) -> Any:
    return backend.get_guild(server.id).members[who.id]


def _sent_in(world: World, server: Server) -> tuple[int, int]:
    """Return the channel and the id of a message in a server."""
    place = world.rng.choice(server.channels)
    messages = list(world.env.backend.messages.get(place.id, {}))
    return place.id, world.rng.choice(messages[-10:] or [place.id])

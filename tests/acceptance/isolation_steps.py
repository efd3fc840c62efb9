"""What the members of an isolation run do: what the bot offers them, and what it never offered them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import simcord

from i18n import texts
from tests.acceptance.isolation_world import Server, World

Step = Callable[[World, Server], Awaitable[Any]]
"""Does something as a member of a server; returns what simcord does, which is None for messages."""

_QUESTIONS: Final = (
    "when does the vault open",
    "where is the keeper",
    "is the harbour closed in winter",
    "what follows the moon",
    "when does the ferry leave",
)
_BUTTON, _STRING_SELECT = 2, 3


def _place(world: World, server: Server) -> simcord.ChannelHandle:
    return world.rng.choice(server.channels)


def question(world: World, server: Server, *, own: bool = True) -> str:
    """Return a question that every server's articles answer alike, often with a word of the server's own."""
    word = f" {server.words['question']}" if own and world.rng.random() < 0.5 else ""
    return f"{world.rng.choice(_QUESTIONS)}{word}?"


async def ask(world: World, server: Server) -> Any:
    """Ask with the command, sometimes privately or in one article."""
    options: dict[str, Any] = {"question": question(world, server), "private": world.rng.random() < 0.3}
    if world.rng.random() < 0.2:
        options["article"] = f"{server.words['title']} vault handbook"
    return await world.rng.choice(server.members).slash(_place(world, server), "ask", **options)


async def mention(world: World, server: Server) -> None:
    """Ask by mentioning the bot."""
    member = world.rng.choice(server.members)
    text = f"{world.env.bot.user.mention} {question(world, server)}"
    server.asked.append(await member.send(_place(world, server), text))


async def direct(world: World, server: Server) -> None:
    """Ask in a direct message, which only the shared articles answer."""
    member = world.rng.choice(server.members)
    await member.send_dm(question(world, server, own=False))


async def edit(world: World, server: Server) -> None:
    """Edit a question that was asked by a mention."""
    if server.asked:
        message = world.rng.choice(server.asked[-5:])
        member = next(one for one in server.members if one.id == message.author.id)
        await member.edit(message, f"{world.env.bot.user.mention} {question(world, server)}")


async def press(world: World, server: Server) -> Any:
    """Use any button or select under one of the latest messages, as a member who sees it."""
    usable = [(who, message, part) for who, message in server.messages for part in _parts(message)]
    if not usable:
        return await ask(world, server)
    who, message, part = world.rng.choice(usable)
    if not getattr(message, "ephemeral", False):
        who = world.rng.choice(server.members)
    if part["type"] == _BUTTON:
        return await who.click(message, custom_id=part["custom_id"])
    chosen = world.rng.choice(part.get("options") or [{}]).get("value")
    return await who.select(message, [chosen], custom_id=part["custom_id"]) if chosen else None


async def submit(world: World, server: Server) -> Any:
    """Fill in a form that was opened."""
    if not server.forms:
        return await server.manager.slash(_place(world, server), "article add")
    who, opened = server.forms.pop(world.rng.randrange(len(server.forms)))
    values: dict[str, Any] = {}
    for label in opened.modal["components"]:
        part = label["component"]
        if part["type"] == _STRING_SELECT:
            values[part["custom_id"]] = [part["options"][0]["value"]]
        else:
            values[part["custom_id"]] = _typed(server, part["custom_id"])
    return await who.submit_modal(opened, values)


def _typed(server: Server, field: str) -> str:
    words = server.words
    return {
        "title": f"{words['preview']} notes",
        "text": server.text("gate"),
        "questions": f"when does the {words['wording']} open",
        "question": f"when does the vault open {words['question']}",
    }.get(field, f"about {words['text']}")


async def autocomplete(world: World, server: Server) -> Any:
    """Type into an option that offers articles."""
    name, option = world.rng.choice([("ask", "article"), ("library show", "article"), ("pin add", "article")])
    typed = world.rng.choice(["", "handbook", "h", server.words["title"][:4], "notes"])
    await server.manager.autocomplete(_place(world, server), name, option, typed)


async def article(world: World, server: Server) -> Any:
    """Use a command about articles."""
    own = f"{server.words['title']} vault handbook"
    name, options = world.rng.choice([
        ("library list", {}),
        ("library search", {"title": "handbook"}),
        ("library search", {"title": server.words["search"]}),
        ("library show", {"article": own}),
        ("article history", {}),
        ("article history", {"article": own}),
        ("article export", {}),
        ("article remove", {"article": own}),
        ("article rename", {"article": own, "title": f"{server.words['title']} vault handbook"}),
        ("article schedule", {"article": own}),
        ("article progress", {}),
        ("article follow channel", {"channel": server.channels[1]}),
        ("article add", {"file": (f"{server.words['preview']}.txt", server.text("cellar").encode())}),
        ("article import", {"file": ("articles.jsonl", server.export)}),
    ])  # fmt: skip
    return await server.manager.slash(_place(world, server), name, **options)


async def manage(world: World, server: Server) -> Any:
    """Use a command about the server, its answers and its pins."""
    words = f"The vault opens at midnight with the {server.words['text']} key."
    pin = {"question": f"what about {server.words['wording']}?", "article": f"{server.words['title']} vault handbook"}
    name, options = world.rng.choice([
        ("config setup", {}),
        ("config settings", {}),
        ("config settings", {"plain": world.rng.random() < 0.5}),
        ("config settings", {"helpers_channel": server.channels[1]}),
        ("config channel", {"channel": server.channels[0]}),
        ("config check", {}),
        ("insights stats", {}),
        ("insights gaps", {}),
        ("insights why", {}),
        ("pin list", {}),
        ("pin add", {**pin, "words": words}),
    ])  # fmt: skip
    return await server.manager.slash(_place(world, server), name, **options)


async def menu(world: World, server: Server) -> Any:
    """Use an entry of a message's menu."""
    answers = [message for _, message in server.messages if not getattr(message, "ephemeral", False)]
    message = world.rng.choice([*server.asked[-5:], *answers] or [None])
    if message is None:
        return await mention(world, server)
    place = next((one for one in server.channels if one.id == _channel_of(message)), None)
    name = world.rng.choice([texts.ANSWER_THIS, texts.FIND_SOURCE, texts.PIN_MENU, texts.SAVE_AS_ARTICLE])
    return await server.manager.context_menu(place, name, message) if place else None


HONEST: Final[dict[Step, int]] = {
    ask: 4, mention: 2, direct: 1, edit: 1, press: 8, submit: 2, autocomplete: 2, article: 4, manage: 4, menu: 2
}  # fmt: skip
"""Steps with their weights."""


def _channel_of(message: Any) -> int:
    return int(message.channel_id if hasattr(message, "channel_id") else message.channel.id)


def _parts(message: Any) -> list[dict[str, Any]]:
    """Return the buttons and selects of a message, as it is now, except for the button that starts to fetch a site."""
    found: list[dict[str, Any]] = []
    waiting = [part if isinstance(part, dict) else part.to_dict() for part in message.components]
    while waiting:
        part = waiting.pop()
        waiting += part.get("components", [])
        custom_id = part.get("custom_id", "")
        if custom_id and not part.get("disabled") and not custom_id.startswith("verbatim:load-start"):
            found.append(part)
    return found

"""Each action for each role and each wrong role: every command, button, menu, select and form."""

from __future__ import annotations

from typing import Any, Final
from unittest.mock import Mock

import discord
import pytest
import simcord
from discord import app_commands, ui
from simcord.actors import MemberActor, _dispatch_actor_interaction
from simcord.backend import serializers
from simcord.enums import InteractionType

from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.roles import INCLUDED, LEAST, Action, Role, action_of
from i18n import texts
from i18n.translation import translation
from tests.cogs.visible_text import PUBLIC, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

SETUP: Final = (
    "page",
    "skip",
    "channel",
    "role",
    "editors",
    "language",
    "layout",
    "limits",
    "questions",
    "off",
    "floor",
)
COMPONENTS: Final = {
    **{f"setup-{name}": Action.CONFIG_SETUP for name in (*SETUP, "threads")},
    "welcome-setup": Action.CONFIG_SETUP,
    "welcome-add": Action.ARTICLE_ADD,
    "settings-reset": Action.CONFIG_RESET,
    **{f"pin-{name}": Action.PIN_ADD for name in ("quote", "wording", "worded", "add", "cancel")},
    "pin-remove": Action.PIN_REMOVE,
    "pin-page": Action.PIN_LIST,
    "article-page": Action.LIBRARY_LIST,
    **{f"watch-{name}": Action.FOLLOW_CHANNEL for name in ("add", "keep", "remove")},
    "article-remove": Action.ARTICLE_REMOVE,
    "article-restore": Action.ARTICLE_HISTORY,
    "article-add": Action.ARTICLE_ADD,
    "article-form": Action.ARTICLE_ADD,
    "article-import": Action.ARTICLE_IMPORT,
    "article-import-stop": Action.ARTICLE_IMPORT,
    **{f"load-{name}": Action.ARTICLE_ADD for name in ("start", "drop")},
    **{f"load-{name}": Action.ARTICLE_PROGRESS for name in ("show", "stop")},
    "post": Action.POST_ANSWER,
    "call-claim": Action.CLAIM_CALL,
    "words-mine": Action.SAVE_OWN_WORDS,
    **{f"words-{name}": Action.ARTICLE_ANSWERS for name in ("remove", "page")},
}
# Under answers, for those who see them, the question after an article was added, and *Cancel*, which only closes.
OF_MEMBERS: Final = {
    *("more", "more-page", "context", "context-page", "sources", "sources-page", "reason", "helpful", "helpful-quote"),
    *("unhelpful", "human", "delete", "article-cancel", "read", "read-tab", "wanted", "settings-keep"),
    *("setup-try", "setup-tried", "which"),
    # Of a call or an offer, which are looked up first: tests/cogs/helpers.
    *("call-unclaim", "call-resolve", "call-solved"),
    *(f"words-{name}" for name in ("yes", "no", "ask", "cancel", "heading", "title", "choose", "undo")),
}
REFUSALS: Final = tuple(
    map(str, (texts.NOT_ALLOWED, texts.POST_NOT_ALLOWED, texts.CALL_NOT_A_HELPER, texts.WORDS_NOT_ALLOWED))
)


def options_of(action: Action, channel: simcord.ChannelHandle) -> dict[str, Any]:
    """Return the options that a command requires."""
    of_articles = "library show", "article remove", "article refresh", "article schedule"
    article = {name: {"article": "x"} for name in of_articles}
    return {
        **article,
        "ask": {"question": "what is the ferry?"},
        "library search": {"title": "x"},
        "article add": {"file": ("a.txt", b"The ferry leaves at seven every day.")},
        "article rename": {"article": "x", "title": "y"},
        "article tag": {"article": "x", "collections": "y"},
        "article import": {"file": ("a.jsonl", b"")},
        "article follow channel": {"channel": channel},
        "config channel": {"channel": channel},
        "pin add": {"question": "what is the ferry?", "article": "x", "words": "y"},
    }.get(action.value, {})


async def member_of(
    env: simcord.Env, store: AsyncStore, role: Role
) -> tuple[simcord.MemberActor, simcord.ChannelHandle]:
    """Return a member with exactly this role in a new server, which shows all commands to everyone, and a channel."""
    user = env.create_user(role.value)
    guild = env.create_guild(owner=user if role is Role.OWNER else None)
    place = guild.create_text_channel("general")
    helper, editor = guild.create_role("helper"), guild.create_role("editor")
    await store.change_settings(guild.id, lambda now: now.changed(helpers_role=helper.id, editor_role=editor.id))
    for command in await env.bot.tree.fetch_commands():
        guild.set_command_permissions(command, {guild.default_role: True})
    allowed = {Role.MODERATOR: {"manage_messages": True}, Role.ADMIN: {"manage_guild": True}}.get(role, {})
    held = {
        Role.HELPER: [helper],
        Role.EDITOR: [editor],
        **{one: [guild.create_role("staff", permissions=discord.Permissions(**allowed))] for one in (role,) if allowed},
    }.get(role, [])
    if role is Role.OWNER:
        return MemberActor(env, guild, user), place
    return guild.add_member(user, roles=held), place


def refused_in(env: simcord.Env, before: int) -> bool:
    """Whether the bot has refused something since it had made `before` requests."""
    sent = [str((request.json or {}).get("content") or request.json) for request in env.backend.http_requests[before:]]
    return any(refusal in text for refusal in REFUSALS for text in sent)


async def use(env: simcord.Env, who: simcord.MemberActor, place: simcord.ChannelHandle, name: str, values: int) -> bool:
    """Press a button, choose in a select or submit a form by its action; return whether the bot refused."""
    bot: Any = env.bot
    message = await env.bot.get_channel(place.id).send("here")  # type: ignore[union-attr]
    custom_id, before = f"verbatim:{name}:{who.id}:0", len(env.backend.http_requests)
    if name in bot._forms:
        parts = [{"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": "text", "value": "the ferry"}}]
        data: dict[str, Any] = {"custom_id": custom_id, "components": parts}
        await _dispatch_actor_interaction(who, InteractionType.MODAL_SUBMIT, place, data, source_message_id=message.id)
        return refused_in(env, before)
    kind = bot._items[name]
    if isinstance(kind(*[1] * kind.ids).item, ui.Button):
        part: dict[str, Any] = {"type": 2, "custom_id": custom_id, "label": "x", "style": 2}
        data = {"custom_id": custom_id, "component_type": 2}
    else:
        part = {"type": 3, "custom_id": custom_id, "options": [{"label": "1", "value": str(values)}]}
        data = {"custom_id": custom_id, "component_type": 3, "values": [str(values)]}
    payload = dict(serializers.message_payload(env.backend, env.backend.get_message(place.id, message.id)))
    payload["components"] = [{"type": 1, "components": [part]}]
    await _dispatch_actor_interaction(
        who,
        InteractionType.MESSAGE_COMPONENT,
        place,
        data,
        extra={"message": payload},
        source_message_id=message.id,
    )
    return refused_in(env, before)


@pytest.mark.parametrize("role", Role)
async def test_commands(simcord_env: simcord.Env, store: AsyncStore, role: Role) -> None:
    """A role may use the commands that the table gives it, and none else, though Discord shows all of them."""
    who, place = await member_of(simcord_env, store, role)
    refused = {}
    for command in simcord_env.bot.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            before, action = len(simcord_env.backend.http_requests), action_of(command)
            await who.slash(place, command.qualified_name, **options_of(action, place))
            refused[action] = refused_in(simcord_env, before)
    for menu in simcord_env.bot.tree.get_commands(type=discord.AppCommandType.message):
        message = await simcord_env.bot.get_channel(place.id).send("Dogs are free.")  # type: ignore[union-attr]
        before = len(simcord_env.backend.http_requests)
        await who.context_menu(place, menu.name, message)
        refused[action_of(menu)] = refused_in(simcord_env, before) or refused.get(action_of(menu), False)

    of_components = {Action.POST_ANSWER, Action.OTHERS_ANSWER, Action.CLAIM_CALL, Action.OTHERS_CALL}
    of_components |= {Action.SAVE_OWN_WORDS, Action.SAVE_OTHERS_WORDS}
    assert set(refused) == set(Action) - of_components
    assert {action for action, was in refused.items() if was} == {
        action for action in refused if LEAST[action] not in INCLUDED[role]
    }


@pytest.mark.parametrize("role", Role)
async def test_components(simcord_env: simcord.Env, store: AsyncStore, role: Role) -> None:
    """Buttons, selects and forms ask again, because the role may have been taken since their message was shown."""
    who, place = await member_of(simcord_env, store, role)
    refused = {name for name in COMPONENTS if await use(simcord_env, who, place, name, 1)}

    assert refused == {name for name, action in COMPONENTS.items() if LEAST[action] not in INCLUDED[role]}


async def test_nothing_is_left_out(simcord_env: simcord.Env) -> None:
    """Each action has a role, and each component an action; all names have translations."""
    bot = simcord_env.bot
    assert isinstance(bot, VerbatimBot)
    words = {word for command in bot.tree.walk_commands() for word in command.qualified_name.split()}

    assert set(LEAST) == set(Action)
    assert {*bot._items, *bot._forms} == {*COMPONENTS, *OF_MEMBERS}
    assert words <= set(translation("de")["COMMAND_WORDS"])


async def test_what_the_integrations_page_allows_and_forbids(simcord_env: simcord.Env, store: AsyncStore) -> None:
    """An override decides for all actions of a group, also for components; it is asked for only after the response."""
    who, place = await member_of(simcord_env, store, Role.MEMBER)
    boss = simcord_env.guild.add_member(
        simcord_env.create_user("boss"),
        roles=[simcord_env.guild.create_role("bosses", permissions=discord.Permissions(manage_guild=True))],
    )
    ids = {command.name: command for command in await simcord_env.bot.tree.fetch_commands()}
    simcord_env.guild.set_command_permissions(ids["article"], {who: True})
    simcord_env.guild.set_command_permissions(ids["config"], {boss: False})
    before = len(simcord_env.backend.http_requests)

    listed = await who.slash(place, "article history")
    asked = [request.path for request in simcord_env.backend.http_requests[before:]]

    assert shown(listed.response) == texts.ARTICLE_HISTORY_NOTHING  # type: ignore[arg-type]
    assert asked[0].endswith("/callback")
    assert sum("commands/permissions" in path for path in asked) == 1
    assert not await use(simcord_env, who, place, "article-add", 1)
    assert await use(simcord_env, who, place, "pin-page", 1)
    assert await use(simcord_env, boss, place, "setup-off", 1)
    assert not await use(simcord_env, boss, place, "pin-page", 1)


@pytest.mark.parametrize("error", [discord.Forbidden, discord.NotFound, TimeoutError, OSError])
async def test_overrides_that_cannot_be_read(
    simcord_env: simcord.Env, store: AsyncStore, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the table alone decides, and nobody is told of the trouble."""

    async def fail(*_: object) -> list[Any]:
        raise error(Mock(status=403, reason="No"), "no") if issubclass(error, discord.HTTPException) else error

    monkeypatch.setattr(simcord_env.bot.http, "get_guild_application_command_permissions", fail)
    who, place = await member_of(simcord_env, store, Role.EDITOR)

    assert not await use(simcord_env, who, place, "article-add", 1)
    assert await use(simcord_env, who, place, "pin-page", 1)

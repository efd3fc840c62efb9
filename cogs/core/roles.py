"""Who may do what: one table from each action to the least role that it needs, and the check that everything uses.

Commands are checked by `cogs.messaging.command_check`, which knows the action from the command's name;
buttons, menus, selects and forms call `require`, because a right may have been revoked since their message was shown.
A command without an entry in the table is refused to everyone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.core.overrides import Overrides
from i18n import texts
from index.models import UserError
from storage.models import ServerSettings

_log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a member is in a server.

    A helper has the helpers' role of the settings; a moderator may manage messages in the channel; an editor has the
    editors' role of the settings; an admin may manage the server; the owner owns it.
    """

    MEMBER = "member"
    HELPER = "helper"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"
    OWNER = "owner"


_HELPERS: Final = frozenset({Role.HELPER, Role.MEMBER})
_ADMINS: Final = frozenset(set(Role) - {Role.OWNER})

INCLUDED: Final[Mapping[Role, frozenset[Role]]] = {
    Role.MEMBER: frozenset({Role.MEMBER}),
    Role.HELPER: _HELPERS,
    # Side by side: an editor keeps the articles, a moderator the conversation. Neither may do what the other may.
    Role.MODERATOR: _HELPERS | {Role.MODERATOR},
    Role.EDITOR: _HELPERS | {Role.EDITOR},
    Role.ADMIN: _ADMINS,
    Role.OWNER: _ADMINS | {Role.OWNER},
}
"""The roles whose actions each role may do, itself included."""


class Action(StrEnum):
    """What a member can do. The value of a command is its full name; its first word is the command's group."""

    ASK = "ask"
    HELP = "help"
    PRIVACY = "privacy"
    FORGET = "forget"
    ABOUT = "about"
    ANSWER_THIS = "menu answer"
    FIND_SOURCE = "menu source"
    DELETE_ANSWER = "menu delete"  # to delete what oneself asked; of others: `OTHERS_ANSWER`
    LIBRARY_LIST = "library list"
    LIBRARY_SEARCH = "library search"
    LIBRARY_SHOW = "library show"
    ARTICLE_ADD = "article add"
    ARTICLE_SAVE = "article save"  # the message menu
    ARTICLE_REMOVE = "article remove"
    ARTICLE_REFRESH = "article refresh"
    ARTICLE_RENAME = "article rename"
    ARTICLE_TAG = "article tag"
    ARTICLE_HISTORY = "article history"
    ARTICLE_SCHEDULE = "article schedule"
    ARTICLE_EXPORT = "article export"
    ARTICLE_IMPORT = "article import"
    ARTICLE_PROGRESS = "article progress"
    FOLLOW_CHANNEL = "article follow channel"
    FOLLOW_THREAD = "article follow thread"
    CONFIG_SETUP = "config setup"
    CONFIG_SETTINGS = "config settings"
    CONFIG_CHANNEL = "config channel"
    CONFIG_CHECK = "config check"
    CONFIG_PAUSE = "config pause"
    CONFIG_RESUME = "config resume"
    CONFIG_RESET = "config reset"
    INSIGHTS_STATS = "insights stats"
    INSIGHTS_GAPS = "insights gaps"
    INSIGHTS_WHY = "insights why"
    PIN_ADD = "pin add"  # the message menu, too
    PIN_LIST = "pin list"
    PIN_REMOVE = "pin remove"
    POST_ANSWER = "answer post"
    OTHERS_ANSWER = "answer others"  # to delete, and to call a human to, what someone else asked
    ARTICLE_ANSWERS = "article answers"
    CLAIM_CALL = "call claim"
    OTHERS_CALL = "call others"  # to resolve, and to unclaim, what another member has claimed
    SAVE_OWN_WORDS = "words own"
    SAVE_OTHERS_WORDS = "words others"  # editors, who may add articles, may do it too


LEAST: Final[Mapping[Action, Role]] = {
    Action.ASK: Role.MEMBER,
    Action.HELP: Role.MEMBER,
    Action.PRIVACY: Role.MEMBER,
    Action.FORGET: Role.MEMBER,
    Action.ABOUT: Role.MEMBER,
    Action.ANSWER_THIS: Role.MEMBER,
    Action.FIND_SOURCE: Role.MEMBER,
    Action.DELETE_ANSWER: Role.MEMBER,
    Action.LIBRARY_LIST: Role.MEMBER,
    Action.LIBRARY_SEARCH: Role.MEMBER,
    Action.LIBRARY_SHOW: Role.MEMBER,
    Action.ARTICLE_ADD: Role.EDITOR,
    Action.ARTICLE_SAVE: Role.MEMBER,  # what can be saved depends on who wrote it: see below
    Action.ARTICLE_REMOVE: Role.EDITOR,
    Action.ARTICLE_REFRESH: Role.EDITOR,
    Action.ARTICLE_RENAME: Role.EDITOR,
    Action.ARTICLE_TAG: Role.EDITOR,
    Action.ARTICLE_HISTORY: Role.EDITOR,
    Action.ARTICLE_SCHEDULE: Role.EDITOR,
    Action.ARTICLE_EXPORT: Role.EDITOR,
    Action.ARTICLE_IMPORT: Role.EDITOR,
    Action.ARTICLE_PROGRESS: Role.EDITOR,
    Action.FOLLOW_CHANNEL: Role.EDITOR,
    Action.FOLLOW_THREAD: Role.EDITOR,
    Action.CONFIG_SETUP: Role.ADMIN,
    Action.CONFIG_SETTINGS: Role.ADMIN,
    Action.CONFIG_CHANNEL: Role.ADMIN,
    Action.CONFIG_CHECK: Role.ADMIN,
    Action.CONFIG_PAUSE: Role.ADMIN,
    Action.CONFIG_RESUME: Role.ADMIN,
    Action.CONFIG_RESET: Role.ADMIN,
    Action.INSIGHTS_STATS: Role.MODERATOR,
    Action.INSIGHTS_GAPS: Role.MODERATOR,
    Action.INSIGHTS_WHY: Role.MODERATOR,
    Action.PIN_ADD: Role.MODERATOR,
    Action.PIN_LIST: Role.MODERATOR,
    Action.PIN_REMOVE: Role.MODERATOR,
    Action.POST_ANSWER: Role.HELPER,
    Action.OTHERS_ANSWER: Role.MODERATOR,
    Action.ARTICLE_ANSWERS: Role.EDITOR,
    Action.CLAIM_CALL: Role.HELPER,
    Action.OTHERS_CALL: Role.MODERATOR,
    Action.SAVE_OWN_WORDS: Role.HELPER,
    Action.SAVE_OTHERS_WORDS: Role.MODERATOR,
}
"""The least role that each action needs."""

_MENUS: Final = {  # the actions of the message menu, by the English names of its entries
    str(texts.ANSWER_THIS): Action.ANSWER_THIS,
    str(texts.FIND_SOURCE): Action.FIND_SOURCE,
    str(texts.SAVE_AS_ARTICLE): Action.ARTICLE_SAVE,
    str(texts.PIN_MENU): Action.PIN_ADD,
    str(texts.DELETE_MENU): Action.DELETE_ANSWER,
}
_WITHOUT_COMMAND: Final = frozenset(
    {
        Action.POST_ANSWER,
        Action.OTHERS_ANSWER,
        Action.CLAIM_CALL,
        Action.OTHERS_CALL,
        Action.SAVE_OWN_WORDS,
        Action.SAVE_OTHERS_WORDS,
    }
)
# Seconds to wait for overrides: who has the role hardly ever loses it by one, so a slow Discord does not stop
# them; who lacks it would be refused anyway.
_BRIEFLY: Final = 0.3
_PATIENTLY: Final = 2.0
_BY_SETTINGS: Final = frozenset({Role.EDITOR, Role.HELPER})  # roles that the server's settings name


class RoleCheck(commands.Cog):
    """What `require` needs: the servers' settings, and the overrides of their Integrations pages."""

    def __init__(self, store: AsyncStore, overrides: Overrides) -> None:
        """Read settings from `store`."""
        self.store = store
        self.overrides = overrides


def roles_of(interaction: discord.Interaction[Any], settings: ServerSettings | None) -> frozenset[Role]:
    """Return all roles that a member has where the interaction is, with those that they include.

    Without `settings` nobody is an editor or has the helpers' role. In direct messages everyone is a member.
    """
    guild, member, allowed = interaction.guild, interaction.user, interaction.permissions
    if interaction.guild_id is None:
        return INCLUDED[Role.MEMBER]
    has_role = member.get_role if isinstance(member, discord.Member) else (lambda _id: None)
    named = settings or ServerSettings()
    held = {
        Role.OWNER: guild is not None and guild.owner_id == member.id,
        Role.ADMIN: allowed.administrator or allowed.manage_guild,
        Role.MODERATOR: allowed.manage_messages,
        Role.EDITOR: has_role(named.editor_role or 0) is not None,
        Role.HELPER: has_role(named.helpers_role or 0) is not None,
        Role.MEMBER: True,
    }
    return frozenset().union(*(INCLUDED[role] for role, has in held.items() if has))


async def may(interaction: discord.Interaction[Any], action: Action, settings: ServerSettings | None = None) -> bool:
    """Whether the member may do something, according to the table and to the server's Integrations page.

    An override there decides for all actions of the command's group, except for administrators, whom Discord never
    refuses anything. Discord is asked for overrides only once the interaction is acknowledged; before that, those that
    are known count. `settings` are read if the action needs them and they are not given.
    """
    check, least = feature(interaction, RoleCheck), LEAST[action]
    held = roles_of(interaction, settings)
    if settings is None and least in _BY_SETTINGS and least not in held and interaction.guild_id is not None:
        held = roles_of(interaction, await check.store.settings(interaction.guild_id))
    has_role = least in held
    if action in _WITHOUT_COMMAND:
        return has_role
    if interaction.guild_id is None or interaction.permissions.administrator or Role.OWNER in held:
        return has_role
    if has_role and interaction.type is discord.InteractionType.application_command:
        return True  # Discord itself keeps commands from those whom an override forbids them
    seconds = (_BRIEFLY if has_role else _PATIENTLY) if interaction.response.is_done() else 0.0
    verdict = await check.overrides.verdict(interaction, _commands_of(action), seconds=seconds)
    return has_role if verdict is None else verdict


async def require(
    interaction: discord.Interaction[Any], action: Action, settings: ServerSettings | None = None
) -> None:
    """Raise UserError unless the member `may` do something; for commands, buttons, menus, selects and forms alike."""
    if not await may(interaction, action, settings):
        raise UserError(texts.NOT_ALLOWED)


def action_of(command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu) -> Action:
    """Return the action of a command. Raises UserError if it has none in the table."""
    name = command.qualified_name
    found = _MENUS.get(name) if isinstance(command, app_commands.ContextMenu) else _BY_NAME.get(name)
    if found is None:
        _log.error("The command %s has no action in the table of roles, so nobody may use it", name)
        raise UserError(texts.NOT_ALLOWED)
    return found


_BY_NAME: Final = {action.value: action for action in Action}


def _commands_of(action: Action) -> tuple[str, ...]:
    """Return the commands whose overrides count for an action: its group, then its entry in the message menu."""
    group = action.partition(" ")[0]
    return group, *(name for name, entry in _MENUS.items() if entry.partition(" ")[0] == group)

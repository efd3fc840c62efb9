"""`/about`: the bot's version, what it stores, and how to invite it."""

from __future__ import annotations

from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.admin.reports import question_policy_text
from cogs.messaging.component_bot import ComponentBot
from cogs.messaging.interaction_reply import deferred
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.escape import escape, link
from cogs.ui.layout import message_body
from i18n import texts
from index.libraries.library_names import libraries_of
from storage.backups.archive import own_version
from storage.models import QuestionPolicy

PERMISSIONS: Final = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    read_message_history=True,
    embed_links=True,
    add_reactions=True,
)
"""What the invitation asks for: everything that a setting may need, nothing that manages anything."""


class About(commands.Cog):
    """Says what the bot is."""

    def __init__(self, bot: ComponentBot, services: Services) -> None:
        """Use the client and the bot's shared services."""
        self._bot = bot
        self._store = services.store
        self._visibility = services.visibility
        self._project_url = services.settings.project_url
        self._question_policy = QuestionPolicy.of_operator(services.settings.question_days)

    @app_commands.command(name=texts.ABOUT_NAME, description=texts.ABOUT_DESCRIPTION)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def about(self, interaction: discord.Interaction) -> None:
        """Answer `/about` privately."""
        async with deferred(interaction) as reply:
            settings = await self._store.settings(interaction.guild_id)
            articles, names = await self._visibility.articles_for(interaction), libraries_of(interaction.guild_id)
            count = await self._store.read(lambda: len(articles.titles(names)))
            text = texts.ABOUT.format(
                name=escape(self._bot.user.name if self._bot.user else "Verbatim"),
                version=own_version(),
                articles=count,
                questions=question_policy_text(settings.question_policy(self._question_policy)),
            )
            lines = [text, *self._links(), *self._shard(interaction.guild_id)]
            await reply.show(message_body(notice_card("\n".join(lines)), plain=settings.plain))

    def _shard(self, guild_id: int | None) -> list[str]:
        """Return a line that says on which shard a server is, if there are several."""
        shards = self._bot.own_shards
        return [texts.ABOUT_SHARD.format(shard=shards.of(guild_id), count=shards.count)] if shards.count > 1 else []

    def _links(self) -> list[str]:
        """Return a line with the links to the invitation, if everyone may use it, and to the project, if it is set."""
        application = self._bot.application
        found = []
        if self._bot.application_id and (application is None or application.bot_public):
            address = discord.utils.oauth_url(self._bot.application_id, permissions=PERMISSIONS)
            found.append(link(texts.ABOUT_INVITE, address))
        if self._project_url:
            found.append(link(texts.ABOUT_PROJECT, self._project_url))
        return [" · ".join(filter(None, found))] if found else []

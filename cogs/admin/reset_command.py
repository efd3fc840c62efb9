"""`/config reset`, which asks before it resets a server's settings."""

from __future__ import annotations

from typing import Any

import discord

from cogs.admin.cog import AdminCog, config_group
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, button
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from index.models import UserError
from storage.models import ServerSettings


@config_group.command(name=texts.RESET_NAME, description=texts.RESET_DESCRIPTION)
async def reset(interaction: discord.Interaction) -> None:
    """Ask whether to reset the settings."""
    async with deferred(interaction) as reply:
        try:
            now = await feature(interaction, AdminCog).store.settings(interaction.guild_id)
        except UserError:  # damaged settings are what a reset mends
            now = ServerSettings()
        card = notice_card(texts.RESET_QUESTION.format(count=len(now.places)))
        await reply.show(message_body(card, [[ResetButton(), KeepButton()]], plain=now.plain))


class ResetButton(PersistentItem, action="settings-reset"):
    """Resets the settings of the server."""

    def __init__(self, _number: int = 0) -> None:
        super().__init__(button(self.custom_id_of(), texts.RESET_BUTTON, discord.ButtonStyle.danger))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Reset them; the server stays paused if it is. If that cannot be known, it is paused."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.CONFIG_RESET)
        await feature(interaction, AdminCog).store.change_settings(
            interaction.guild_id or 0, lambda before: before.defaults(), damaged=ServerSettings(paused=True)
        )
        await reply.show(message_body(notice_card(texts.RESET_DONE), plain=is_plain(interaction)))


class KeepButton(PersistentItem, action="settings-keep"):
    """Closes the question."""

    def __init__(self, _number: int = 0) -> None:
        super().__init__(button(self.custom_id_of(), texts.CANCEL_BUTTON))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Change nothing."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=is_plain(interaction)))

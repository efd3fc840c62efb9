"""Who may act on an answer for everybody."""

from __future__ import annotations

import discord

from i18n import texts
from index.models import UserError
from storage.models import StoredAnswer


def require_asker_or_moderator(interaction: discord.Interaction, answer: StoredAnswer | None) -> None:
    """Raise UserError unless the member asked for the answer or may manage messages in the channel.

    An answer that is no longer stored, None, has no asker.
    """
    is_asker = answer is not None and answer.asker_id == interaction.user.id
    if is_asker or (interaction.guild_id is not None and interaction.permissions.manage_messages):
        return
    raise UserError(texts.NOT_YOURS if answer else texts.ANSWER_FORGOTTEN)

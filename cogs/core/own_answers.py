"""Access to the stored answer that a button belongs to. Ids in custom ids can be forged, so each is checked here."""

from __future__ import annotations

from typing import Any

import discord

from cogs.core.async_store import AsyncStore
from i18n import texts
from index.models import UserError
from storage.stored_answers import StoredAnswer
from storage.viewers import Viewer


def viewer_of(interaction: discord.Interaction[Any]) -> Viewer:
    """Return the member and channel of an interaction."""
    return Viewer(interaction.guild_id, interaction.channel_id or 0, interaction.user.id)


async def find_own_answer(
    store: AsyncStore, interaction: discord.Interaction[Any], answer_id: int
) -> StoredAnswer | None:
    """Return a stored answer that the member can see in the channel of the interaction, else None.

    That an answer is in a new thread is stored once it was sent: what is not found is looked for again after that.
    """
    viewer = viewer_of(interaction)
    found = await store.read_sources(lambda: store.database.answer_for(answer_id, viewer))
    return found or await store.run(lambda: store.database.answer_for(answer_id, viewer))


async def own_answer(store: AsyncStore, interaction: discord.Interaction[Any], answer_id: int) -> StoredAnswer:
    """Return the stored answer that a component belongs to.

    Raises UserError if it is unknown, of another server or channel, or the private answer of another member.
    """
    answer = await find_own_answer(store, interaction, answer_id)
    if answer is None:
        raise UserError(texts.ANSWER_FORGOTTEN)
    return answer

"""The button that asks a server's helpers to look at an answer."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any, Final

import aiohttp
import discord
from discord.ext import commands

from cogs.ask.ask_service import relative_time
from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.core.own_answers import own_answer
from cogs.core.permissions import require_asker_or_moderator
from cogs.core.translator import server_language
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import with_retries
from cogs.ui.components import AnswerButton
from cogs.ui.limits import fit_content
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from storage.models import RateLimit, ServerSettings
from storage.rate_limits import RateLimiter

_CALLS_PER_MEMBER: Final = RateLimit(1, 600)


class HumanHelp(commands.Cog):
    """Posts calls for a human in the helpers' channel."""

    def __init__(self, store: AsyncStore) -> None:
        """Take the store of answers."""
        self._store = store
        self._limits = RateLimiter()

    async def call(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Post a link to the answer in the helpers' channel, once per answer.

        Raises UserError unless the member may call, or if the helpers were called before or cannot be reached.
        """
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        answer = await own_answer(self._store, interaction, answer_id)
        await require_asker_or_moderator(interaction, answer)
        settings = await self._store.settings(interaction.guild_id)
        channel, role = _helpers(interaction.guild, settings)
        key = "human", interaction.user.id
        wait = self._limits.wait(key, _CALLS_PER_MEMBER)
        if wait > 0 and not answer.human_asked:
            raise UserError(texts.HUMAN_TOO_OFTEN.format(when=relative_time(wait)))
        if not await self._store.run(lambda: self._store.database.compare_and_set(answer_id, human_asked=True)):
            raise UserError(texts.HUMAN_CALLED_BEFORE)
        try:
            await _send_call(interaction, channel, role, server_language(settings, interaction.guild))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            await self._store.run(lambda: self._store.database.compare_and_set(answer_id, human_asked=False))
            raise UserError(texts.HELPERS_MISSING) from error
        self._limits.count((key, _CALLS_PER_MEMBER))
        await reply.show_text(texts.HUMAN_CALLED)


def _helpers(guild: discord.Guild | None, settings: ServerSettings) -> tuple[discord.abc.Messageable, str]:
    """Return the helpers' channel and the mention of their role, if any. Raises UserError if there is no channel."""
    channel = guild.get_channel_or_thread(settings.helpers_channel or 0) if guild else None
    if guild is None or not isinstance(channel, discord.abc.Messageable):
        raise UserError(texts.HELPERS_MISSING)
    role = guild.get_role(settings.helpers_role or 0)
    return channel, role.mention if role else ""


async def _send_call(
    interaction: discord.Interaction, channel: discord.abc.Messageable, role: str, language: str
) -> None:
    link = interaction.message.jump_url if interaction.message else ""
    with speaking(language):
        wanted = texts.HUMAN_WANTED.format(member=interaction.user.mention, link=link)
    text = " ".join(filter(None, (role, wanted)))
    # SILENT: the mentions name the role and the member without notifying anybody.
    # With a nonce Discord keeps a single message of several attempts.
    nonce = secrets.randbits(63)
    send = partial(channel.send, fit_content(text), allowed_mentions=SILENT, suppress_embeds=True, nonce=nonce)
    await with_retries(send)


class HumanButton(AnswerButton, action="human", label=lambda: texts.HUMAN_BUTTON):
    """Calls a human to an answer."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Post the call in the helpers' channel."""
        await feature(interaction, HumanHelp).call(interaction, self.answer_id)

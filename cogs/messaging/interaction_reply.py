"""Replies to interactions, which can be private."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import discord
from discord import ui

from cogs.core.backoff import CONNECTION_ERRORS
from cogs.messaging.claims import Claim
from cogs.messaging.replies import EXPIRED, SILENT, report_errors
from cogs.messaging.retry import OUTAGE, acknowledge, with_retries
from cogs.ui.layout import MessageBody
from cogs.ui.limits import fit_content, fit_form
from i18n import texts


class InteractionReply:
    """Replies to an interaction: publicly or privately after `defer`; notices are always private."""

    def __init__(self, interaction: discord.Interaction, *, private: bool = False, claim: Claim | None = None) -> None:
        """Prepare the reply; nothing is sent yet. Only the member sees a `private` one.

        `claim` is the question that is answered, if it is stored.
        """
        self._interaction = interaction
        self._private = private
        self._claim = claim
        self._deferred = False
        self._busy = False
        self._further = False

    @property
    def channel_id(self) -> int:
        """The channel of the interaction; 0 if Discord names none."""
        return self._interaction.channel_id or 0

    async def defer(self, busy: str | None = None) -> None:
        """Acknowledge the interaction unless that is done; Discord shows "thinking" until the reply is sent.

        `busy`, if the reply will take long, is shown instead, to the member alone, and the reply is then a new message.
        """
        claim = self._claim
        if claim and claim.is_resumed:  # acknowledged by a process that is gone
            self._busy, self._further = bool(claim.details["busy"]), claim.sent > 0
            self._deferred = not self._busy
            return
        if self._interaction.response.is_done():  # by the check of the command
            self._deferred = True
            return
        if busy:
            respond = self._interaction.response.send_message
            await acknowledge(lambda: respond(fit_content(busy), ephemeral=True, allowed_mentions=SILENT))
            self._busy = True
            return
        await acknowledge(lambda: self._interaction.response.defer(thinking=True, ephemeral=self._private))
        self._deferred = True

    async def defer_update(self) -> None:
        """Acknowledge a component; what is shown next replaces the message that holds it."""
        await acknowledge(self._interaction.response.defer)

    def further(self) -> InteractionReply:
        """Return a reply that is a new message of the same interaction."""
        other = InteractionReply(self._interaction, private=self._private, claim=self._claim)
        other._further = True
        return other

    async def show(self, body: MessageBody, *, brief: bool = False) -> int:  # noqa: ARG002 - opens no thread anyway
        """Replace "thinking", or the message that holds the component, and return the message's id.

        After an outage of more than 15 minutes Discord no longer accepts that; a public answer to a command is then
        sent to the channel.
        """
        if self._further:
            return await self._send_further(body, private=self._private)
        if self._busy:
            return await self._follow_up(body, private=self._private)
        edit = self._interaction.edit_original_response
        try:
            # The arguments are built anew for each attempt: a file can be sent only once.
            return (await with_retries(lambda: edit(allowed_mentions=SILENT, **body.send_kwargs), OUTAGE)).id
        except discord.HTTPException as error:
            channel = self._interaction.channel
            if error.code not in EXPIRED or not self._deferred or self._private:
                raise
            if not isinstance(channel, discord.abc.Messageable):
                raise
            nonce = self._interaction.id  # one for all attempts, so that Discord keeps a single message of them
            send = partial(channel.send, allowed_mentions=SILENT, nonce=nonce)
            return (await with_retries(lambda: send(**body.send_kwargs), OUTAGE)).id

    async def _begin(self) -> None:
        """Note that a message follows that would show twice if another process sent it again."""
        if self._claim:
            await self._claim.begin()

    async def _send_further(self, body: MessageBody, *, private: bool) -> int:
        """Send a message after the one that replaced "thinking"."""
        await self._begin()
        send = self._interaction.followup.send

        async def attempt() -> discord.WebhookMessage:
            values = {name: value for name, value in body.send_kwargs.items() if value is not None}
            return await send(wait=True, ephemeral=private, allowed_mentions=SILENT, **values)

        return (await with_retries(attempt)).id

    async def _follow_up(self, body: MessageBody, *, private: bool) -> int:
        """Send a message after the one that says how long it takes, delete that, and return the new message's id."""
        await self._begin()
        interaction = self._interaction

        async def attempt() -> discord.WebhookMessage | None:
            values = {name: value for name, value in body.send_kwargs.items() if value is not None}
            try:
                return await interaction.followup.send(wait=True, ephemeral=private, allowed_mentions=SILENT, **values)
            except (*CONNECTION_ERRORS, discord.DiscordServerError):
                return None

        sent = await with_retries(attempt)  # only after a rate limit, when nothing was sent
        if sent is None:
            # Nobody knows whether it is there, and it must not be there twice: the member gets it in any case.
            edit = interaction.edit_original_response
            values = {"content": None, **body.send_kwargs}
            return (await with_retries(lambda: edit(allowed_mentions=SILENT, **values), OUTAGE)).id
        with suppress(discord.HTTPException, *CONNECTION_ERRORS):
            await interaction.delete_original_response()
        return sent.id

    async def show_privately(self, body: MessageBody, bare: MessageBody) -> int:  # noqa: ARG002 - for direct messages
        """Show the answer to the member alone, even after a public `defer`, as `notice` does."""
        if self._further:
            return await self._send_further(body, private=True)
        if self._busy:
            return await self._follow_up(body, private=True)
        if self._private or not self._deferred:
            return await self.show(body)
        followup = self._interaction.followup
        await self._begin()
        has_public_line = await self._replace_thinking(texts.TOLD_PRIVATELY)
        message = await with_retries(
            lambda: followup.send(ephemeral=True, wait=True, allowed_mentions=SILENT, **body.send_kwargs)
        )
        if has_public_line:
            await self._delete_line()
        return message.id

    async def show_beside(self, body: MessageBody) -> int:
        """Show the member alone a new message, after `defer_update`, and return its id."""
        send = self._interaction.followup.send
        return (
            await with_retries(lambda: send(ephemeral=True, wait=True, allowed_mentions=SILENT, **body.send_kwargs))
        ).id

    async def _delete_line(self) -> None:
        with suppress(discord.HTTPException):
            await with_retries(self._interaction.delete_original_response)

    async def send_file(self, text: str, name: str, data: bytes) -> None:
        """Replace "thinking" with a text and a file."""

        async def send() -> None:  # a file can be read only once, so each attempt creates its own
            file = discord.File(io.BytesIO(data), name)
            await self._interaction.edit_original_response(
                content=fit_content(text), attachments=[file], allowed_mentions=SILENT
            )

        await with_retries(send)

    async def show_text(self, text: str) -> None:
        """Replace "thinking" with a text."""
        await with_retries(
            partial(self._interaction.edit_original_response, content=fit_content(text), allowed_mentions=SILENT)
        )

    async def notice(self, text: str) -> None:
        """Send a sentence to the member alone, even after a public `defer`.

        The first message after a public `defer` replaces "thinking" and is public itself. So "thinking" is replaced
        with a fixed line, the private message follows, and the line is deleted.
        """
        interaction = self._interaction
        if not (self._deferred or interaction.response.is_done()):
            await acknowledge(
                lambda: interaction.response.send_message(fit_content(text), ephemeral=True, allowed_mentions=SILENT)
            )
            return
        thinking = not self._further and (
            self._deferred or interaction.response.type is discord.InteractionResponseType.deferred_channel_message
        )
        if thinking and self._private and await self._replace_thinking(text):
            return
        if thinking and not self._private:
            await self._begin()
        has_public_line = thinking and not self._private and await self._replace_thinking(texts.TOLD_PRIVATELY)
        await with_retries(
            lambda: interaction.followup.send(fit_content(text), ephemeral=True, allowed_mentions=SILENT)
        )
        if has_public_line:
            await self._delete_line()

    async def _replace_thinking(self, text: str) -> bool:
        """Replace "thinking" with a text; return whether Discord accepted it."""
        try:
            await self.show_text(text)
        except discord.HTTPException:
            return False
        return True


async def open_form(interaction: discord.Interaction[Any], form: ui.Modal) -> None:
    """Open a form as the response to an interaction."""
    fit_form(form)
    await acknowledge(lambda: interaction.response.send_modal(form))


@asynccontextmanager
async def deferred(
    interaction: discord.Interaction, busy: str | None = None, claim: Claim | None = None
) -> AsyncIterator[InteractionReply]:
    """Acknowledge an interaction and yield its private reply; errors inside the block are reported to the member.

    `busy` is shown until the reply is sent, if it will take long; `claim` is the question, if it is stored.
    """
    reply = InteractionReply(interaction, private=True, claim=claim)
    async with report_errors(reply):
        await reply.defer(busy)
        yield reply

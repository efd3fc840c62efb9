"""Interactions whose question is stored, and the same interactions made again from what is stored of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import discord

from cogs.core.async_store import AsyncStore
from cogs.core.translator import use_member_language
from cogs.messaging.claims import Asked, Claim
from cogs.messaging.replies import EXPIRED
from cogs.messaging.retry import with_retries
from cogs.ui.limits import fit_content
from i18n import texts
from storage.accepted_questions import AcceptedQuestion

_GONE: Final = EXPIRED | {10008}  # unknown message


def asked_by(interaction: discord.Interaction, kind: str, *, busy: str | None = None, **details: object) -> Asked:
    """Return what is stored of an interaction that asks; `busy` as for `InteractionReply.defer`."""
    guild_locale = interaction.guild_locale
    return Asked(
        interaction.id,
        kind,
        interaction.guild_id,
        interaction.channel_id or 0,
        interaction.user.id,
        {
            **details,
            "token": interaction.token,
            "locale": interaction.locale.value,
            "guild_locale": guild_locale.value if guild_locale else None,
            "busy": bool(busy),
        },
    )


async def resumed_interaction(
    client: discord.Client, question: AcceptedQuestion, details: Mapping[str, Any]
) -> discord.Interaction:
    """Return an interaction that can be answered like the one that a process which is gone had acknowledged.

    The member is as Discord knows them now. Sets the language of the task. Raises discord.HTTPException.
    """
    http = client.http
    payload: dict[str, Any] = {
        "id": question.question_id,
        "type": discord.InteractionType.application_command.value,
        "application_id": question.application_id,
        "token": details["token"],
        "version": 1,
        "locale": details["locale"],
        "attachment_size_limit": 0,
        "channel": {"id": question.channel_id},
    }
    if question.guild_id is None:
        payload["user"] = await http.get_user(question.member_id)
        payload["channel"]["type"] = discord.ChannelType.private.value
    else:
        payload |= {"guild_id": question.guild_id, "guild_locale": details["guild_locale"]}
        payload["member"] = await http.get_member(question.guild_id, question.member_id)
        guild = client.get_guild(question.guild_id)
        if guild is None or guild.get_channel_or_thread(question.channel_id) is None:
            payload["channel"] = await http.get_channel(question.channel_id)
    # discord.py has no public way to make one; the pinned version is tested with this.
    state = client._connection  # noqa: SLF001
    made: discord.Interaction = discord.Interaction(data=payload, state=state)  # type: ignore[arg-type]
    made.response._response_type = discord.InteractionResponseType.deferred_channel_message  # noqa: SLF001
    use_member_language(made)
    return made


async def has_to_go_on(claim: Claim, interaction: discord.Interaction, store: AsyncStore) -> bool:
    """Find out what a process that is gone had shown of an interaction's answers; return whether others are missing.

    What Discord shows as "thinking" has no answer. A private message after it may have been sent or not, of which
    nothing can be seen: the member is then told to ask again if there is no answer.
    """
    try:
        original = await with_retries(interaction.original_response)
    except discord.HTTPException as error:
        if error.code not in _GONE:
            raise
        return False  # not acknowledged in time, or the answer stands and what was there before it is deleted
    answers = await store.run(lambda: store.database.answers_with(claim.stored.answer_ids))
    sent = [one for one in answers if one.message_id is not None]
    unsent = [one.id for one in answers if one.message_id is None]
    found: dict[int, tuple[int, int]] = {}
    begun, busy = claim.stored.begun, bool(claim.details["busy"])
    thinking = original.flags.loading
    if not (thinking or busy or begun or sent) and unsent:  # it was shown, and that was not stored any more
        found = {unsent[0]: (interaction.channel_id or 0, original.id)}
        sent, unsent = [one for one in answers if one.id == unsent[0]], unsent[1:]
    elif begun and not thinking and not sent:
        await _tell_to_ask_again(interaction, public=not busy)
        await store.run(lambda: store.database.settle({}, unsent))
        return False
    elif begun and sent and unsent:  # one of several: an answer that may be there is not sent twice
        sent, unsent = [*sent, *(one for one in answers if one.id == unsent[0])], unsent[1:]
    await store.run(lambda: store.database.settle(found, unsent))
    claim.sent, claim.after = len(sent), sent[-1].id if sent else None
    return True


async def _tell_to_ask_again(interaction: discord.Interaction, *, public: bool) -> None:
    """Replace the line that says what comes; a public one is deleted after a private message."""
    if not public:
        await with_retries(lambda: interaction.edit_original_response(content=fit_content(texts.STOPPING)))
        return
    await with_retries(lambda: interaction.followup.send(fit_content(texts.STOPPING), ephemeral=True))
    await with_retries(interaction.delete_original_response)

"""What people do about an answer: say whether it helped, call a human, take it away."""

from __future__ import annotations

import secrets
from contextlib import suppress
from functools import partial
from typing import Any, Final

import aiohttp
import discord
from discord import ui
from discord.ext import commands

from cogs.ask.ask_service import relative_time
from cogs.ask.thread_reply import drop_empty
from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.core.translator import language_of_server
from cogs.messaging.replies import SILENT, InteractionReply
from cogs.messaging.retry import acknowledge, persistently
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from storage.models import RateLimit, ServerSettings, StoredAnswer
from storage.rate_limits import RateLimiter

_HUMANS: Final = RateLimit(1, 600)  # calls for a human that a member may make
MOST_JUDGED: Final = 3  # quotations that one answer shows
_MAX_DETAILS: Final = 500
_NUMBERS: Final = frozenset(str(number) for number in range(1, MOST_JUDGED + 1))


class Feedback(commands.Cog):
    """Takes votes with their reasons, calls for a human, and wishes that an answer be deleted."""

    def __init__(self, store: AsyncStore) -> None:
        """Take what remembers the answers."""
        self._store = store
        self._limits = RateLimiter()

    async def helpful(self, interaction: discord.Interaction, answer_id: int, quotes: int) -> None:
        """Note that an answer helped."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        await self._vote(answer_id, interaction.user.id, helpful=True)
        rows = _which_helped(answer_id, min(quotes, MOST_JUDGED))
        if rows:
            settings = await self._store.settings(interaction.guild_id)
            await reply.show(message_body(notice_card(texts.HELPFUL_WHICH), rows, plain=settings.plain))
        else:
            await reply.say(texts.THANKS)

    async def helpful_quote(self, interaction: discord.Interaction, answer_id: int, rank: int) -> None:
        """Note which quotation helped."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        database, member_id = self._store.database, interaction.user.id
        if not await self._store.run(lambda: database.set_vote_quotes(answer_id, member_id, [rank])):
            raise UserError(texts.ANSWER_FORGOTTEN)
        await reply.show(message_body(notice_card(texts.THANKS), plain=is_plain(interaction)))

    async def unhelpful(self, interaction: discord.Interaction, answer_id: int, quotes: int) -> None:
        """Ask what was wrong. The vote counts whether or not the form is sent."""
        await acknowledge(lambda: interaction.response.send_modal(ReasonForm(answer_id, quotes)))
        await self._vote(answer_id, interaction.user.id, helpful=False)

    async def reason(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Add the reason that was given in the form to the vote."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        reason, database, member_id = _written(interaction), self._store.database, interaction.user.id
        meant = _meant(interaction)

        def add() -> bool:
            known = database.set_vote_reason(answer_id, member_id, reason)
            return known and (not meant or database.set_vote_quotes(answer_id, member_id, meant))

        if not await self._store.run(add):
            raise UserError(texts.ANSWER_FORGOTTEN)
        await reply.say(texts.THANKS)

    async def human(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Post a link to the answer where the helpers are, once."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        given = await self._given(answer_id)
        _require_own(interaction, given)
        settings = await self._store.settings(interaction.guild_id)
        channel, role = _helpers(interaction.guild, settings)
        key = "human", interaction.user.id
        wait = self._limits.wait(key, _HUMANS)
        if wait > 0 and not given.human_asked:
            raise UserError(texts.HUMAN_TOO_OFTEN.format(when=relative_time(wait)))
        if not await self._store.run(lambda: self._store.database.compare_and_set(given.id, human_asked=True)):
            raise UserError(texts.HUMAN_CALLED_BEFORE)
        place = interaction.message
        link = place.jump_url if place else ""
        with speaking(language_of_server(settings, interaction.guild)):
            wanted = texts.HUMAN_WANTED.format(member=interaction.user.mention, link=link)
        text = " ".join(filter(None, (role, wanted)))
        try:
            # A silent mention names people without calling them.
            await persistently(
                # The nonce lets Discord keep a single message of several tries.
                partial(channel.send, text, allowed_mentions=SILENT, suppress_embeds=True, nonce=secrets.randbits(63))
            )
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            await self._store.run(lambda: self._store.database.compare_and_set(given.id, human_asked=False))
            raise UserError(texts.HELPERS_MISSING) from error
        self._limits.count((key, _HUMANS))
        await reply.say(texts.HUMAN_CALLED)

    async def delete(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Take the answer away, for the asker and for those who manage messages."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        given = await self._store.run(lambda: self._store.database.answer(answer_id))
        _require_own(interaction, given)
        with suppress(discord.NotFound):
            await persistently(interaction.delete_original_response)
        await self._store.run(lambda: self._store.database.forget(answer_id))
        if given is not None:
            await drop_empty(interaction.client, given)

    async def _vote(self, answer_id: int, member_id: int, *, helpful: bool) -> None:
        database = self._store.database
        if not await self._store.run(lambda: database.vote(answer_id, member_id, helpful=helpful)):
            raise UserError(texts.ANSWER_FORGOTTEN)

    async def _given(self, answer_id: int) -> StoredAnswer:
        given = await self._store.run(lambda: self._store.database.answer(answer_id))
        if given is None:
            raise UserError(texts.ANSWER_FORGOTTEN)
        return given


class ReasonForm(PersistentForm, action="reason"):
    """Asks what was wrong with an answer."""

    def __init__(self, answer_id: int, quotes: int = 0) -> None:
        """Take which answer is meant, and how many quotations it shows."""
        super().__init__(texts.REASON_TITLE, answer_id)
        options = [discord.SelectOption(label=label, value=value) for value, label in texts.REASONS.items()]
        details: ui.TextInput[Any] = ui.TextInput(
            custom_id="details", style=discord.TextStyle.paragraph, required=False, max_length=_MAX_DETAILS
        )
        self.add_item(ui.Label(text=texts.REASON_LABEL, component=ui.Select(custom_id="reason", options=options)))
        if quotes > 1:
            self.add_item(ui.Label(text=texts.REASON_QUOTATION, component=_which(min(quotes, MOST_JUDGED))))
        self.add_item(ui.Label(text=texts.REASON_DETAILS, component=details))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], first: int, _second: int) -> None:
        """Add the reason to the vote."""
        await feature(interaction, Feedback).reason(interaction, first)


def _which(quotes: int) -> ui.Select[Any]:
    """Return the choice among the quotations of an answer; none chosen means all of it."""
    numbers = range(1, quotes + 1)
    options = [discord.SelectOption(label=texts.QUOTATION.format(number=n), value=str(n)) for n in numbers]
    return ui.Select(custom_id="quotations", options=options, required=False, min_values=0, max_values=quotes)


def _meant(interaction: discord.Interaction) -> list[int]:
    """Return the numbers of the quotations that were chosen in a form."""
    parts = [part for part in form_fields(interaction) if part.get("custom_id") == "quotations"]
    return [int(value) for part in parts for value in part.get("values", ()) if value in _NUMBERS]


def _written(interaction: discord.Interaction) -> str:
    """Return what stands in a form that was sent: the reason, and the details where there are any."""
    parts = form_fields(interaction)
    chosen = [value for part in parts for value in part.get("values", ()) if value in texts.REASONS]
    details = [part["value"].strip()[:_MAX_DETAILS] for part in parts if part.get("value")]
    return ": ".join(filter(None, (*chosen, *details)))


def _helpers(guild: discord.Guild | None, settings: ServerSettings) -> tuple[discord.abc.Messageable, str]:
    """Return where the helpers are, and their role as a mention. Raises UserError where nothing can be sent."""
    channel = guild.get_channel_or_thread(settings.helpers_channel or 0) if guild else None
    if guild is None or not isinstance(channel, discord.abc.Messageable):
        raise UserError(texts.HELPERS_MISSING)
    role = guild.get_role(settings.helpers_role or 0)
    return channel, role.mention if role else ""


def _require_own(interaction: discord.Interaction, given: StoredAnswer | None) -> None:
    """Raise UserError unless the member asked for this answer or may manage messages where it stands."""
    asker = given is not None and given.asker_id == interaction.user.id
    if asker or (interaction.guild_id is not None and interaction.permissions.manage_messages):
        return
    raise UserError(texts.NOT_YOURS if given else texts.ANSWER_FORGOTTEN)


class HelpfulButton(PersistentItem, action="helpful", ids=2):
    """Says that an answer helped; carries how many of its quotations can be judged."""

    def __init__(self, answer_id: int, quotes: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id, quotes), texts.HELPFUL_BUTTON))
        self.answer_id, self.quotes = answer_id, quotes

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Count the vote."""
        await feature(interaction, Feedback).helpful(interaction, self.answer_id, self.quotes)


class HelpfulQuoteButton(PersistentItem, action="helpful-quote", ids=2):
    """Says which quotation helped, by its rank from 1."""

    def __init__(self, answer_id: int, rank: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id, rank), texts.QUOTATION.format(number=rank)))
        self.answer_id, self.rank = answer_id, rank

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Note the quotation."""
        await feature(interaction, Feedback).helpful_quote(interaction, self.answer_id, self.rank)


class UnhelpfulButton(PersistentItem, action="unhelpful", ids=2):
    """Says that an answer did not help; carries how many of its quotations can be judged."""

    def __init__(self, answer_id: int, quotes: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id, quotes), texts.UNHELPFUL_BUTTON))
        self.answer_id, self.quotes = answer_id, quotes

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Count the vote, and ask for the reason."""
        await feature(interaction, Feedback).unhelpful(interaction, self.answer_id, self.quotes)


class HumanButton(PersistentItem, action="human"):
    """Calls a human to an answer."""

    def __init__(self, answer_id: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id), texts.HUMAN_BUTTON))
        self.answer_id = answer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Post the call where the helpers are."""
        await feature(interaction, Feedback).human(interaction, self.answer_id)


class DeleteButton(PersistentItem, action="delete"):
    """Deletes an answer."""

    def __init__(self, answer_id: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id), texts.DELETE_BUTTON))
        self.answer_id = answer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, if the member may."""
        await feature(interaction, Feedback).delete(interaction, self.answer_id)


def _which_helped(answer_id: int, quotes: int) -> Rows:
    """Return the buttons that tell which quotation helped; none if there is only one."""
    return [[HelpfulQuoteButton(answer_id, rank) for rank in range(1, quotes + 1)]] if quotes > 1 else []

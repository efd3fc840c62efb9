"""Members' calls for a human: posted in the helpers' channel, claimed by a helper, and resolved."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

import aiohttp
import discord
from discord.ext import commands

from cogs.ask.question_limits import relative_time
from cogs.core.own_answers import own_answer
from cogs.core.permissions import require_asker_or_moderator
from cogs.core.roles import Action, may
from cogs.core.translator import server_language
from cogs.helpers.asker_notice import tell_asker
from cogs.helpers.call_post import CallPost, helpers_place
from cogs.helpers.call_states import CallStates
from cogs.helpers.helper_messages import helper_messages
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import with_retries
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from storage.human_calls import HumanCall
from storage.models import ServerSettings
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)

_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)


class HelpCalls(commands.Cog):
    """Opens, assigns and closes calls when members press the buttons."""

    def __init__(
        self,
        states: CallStates,
        services: Services,
        solved_button: Callable[[HumanCall], PersistentItem],
        save_button: Callable[[HumanCall], PersistentItem],
    ) -> None:
        """Use the client and the shared services; the last arguments create the components of the messages."""
        self._states = states
        self._bot = states.bot
        self._store = services.store
        self._visibility = services.visibility
        self._message_content = services.settings.message_content
        self._calls = states.calls
        self._solved_button = solved_button
        self._save_button = save_button

    # What members do

    async def call(self, interaction: discord.Interaction[Any], answer_id: int) -> None:
        """Call the helpers to an answer: one call for an answer, one open call for a member.

        Raises UserError unless the member may call, or if the helpers were called before or cannot be reached.
        """
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        answer = await own_answer(self._store, interaction, answer_id)
        await require_asker_or_moderator(interaction, answer)
        settings, guild = await self._store.settings(interaction.guild_id), interaction.guild
        channel = helpers_place(guild, settings)
        new = CallPost.new_call(answer, answer.asker_id or interaction.user.id, channel.id, interaction)
        call = await self._opened(new)
        if call.opened_at != new.opened_at:
            await self._show_existing(interaction, reply, call, answer)
            return
        try:
            await self._post(interaction, call, answer, channel, settings)
        except _ERRORS as error:
            await self._store.run(lambda: self._calls.delete(call.id))
            await self._states.set_called(answer_id, called=False)
            raise UserError(texts.HELPERS_MISSING) from error
        await self._show(interaction, reply, call, texts.HUMAN_CALLED)

    async def claim(self, interaction: discord.Interaction[Any], call_id: int) -> None:
        """Store that the member answers a call. Raises UserError unless they are a helper and nobody else does."""
        call, _ = await self._pressed(interaction, call_id, Action.CLAIM_CALL)
        if not await self._store.run(lambda: self._calls.claim(call.id, interaction.user.id)):
            now = await self._states.now(call)
            raise UserError(texts.CALL_TAKEN.format(member=f"<@{now.claimed_by}>") if now.is_open else texts.CALL_OVER)
        now = await self._states.refresh(call, interaction.message)
        await self._tell(now, lambda link: texts.HUMAN_CLAIMED.format(helper=interaction.user.mention, link=link))

    async def unclaim(self, interaction: discord.Interaction[Any], call_id: int) -> None:
        """Let others answer a call. Raises UserError unless the member has claimed it or is a moderator."""
        call, _ = await self._pressed(interaction, call_id)
        if call.claimed_by is None:
            raise UserError(texts.CALL_NOT_TAKEN if call.is_open else texts.CALL_OVER)
        await _require_claimer(interaction, call)
        claimer = call.claimed_by
        await self._store.run(lambda: self._calls.unclaim(call.id, claimer))
        await self._states.refresh(call, interaction.message)

    async def resolve(self, interaction: discord.Interaction[Any], call_id: int) -> None:
        """Close a call in the helpers' channel. Raises UserError unless the member may."""
        call, reply = await self._pressed(interaction, call_id)
        await _require_claimer(interaction, call)
        if not await self._close(call, interaction.message):
            raise UserError(texts.CALL_OVER)
        now = await self._states.now(call)
        if interaction.user.id != call.asker_id:
            await self._tell(now, lambda link: texts.HUMAN_RESOLVED.format(link=link), solved=False)
        if now.thread_id is None:
            await reply.notice(texts.CALL_SAVE_HINT)

    async def solved(self, interaction: discord.Interaction[Any], call_id: int) -> None:
        """Close a call for the member who has called, wherever they press the button."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        call = await self._store.run(lambda: self._calls.get(call_id))
        if call is None or call.asker_id != interaction.user.id:
            raise UserError(texts.CALL_OVER)
        if not await self._close(call):
            raise UserError(texts.CALL_OVER)
        await reply.show(message_body(notice_card(texts.HUMAN_SOLVED), plain=is_plain(interaction)))

    # How it is done

    async def _opened(self, new: HumanCall) -> HumanCall:
        """Store a call and return it, or the one because of which it cannot be made.

        Raises UserError if the member has to wait.
        """
        found = await self._store.run(lambda: self._calls.open(new))
        if isinstance(found, HumanCall) and found.opened_at != new.opened_at and await self._states.is_gone(found):
            found = await self._store.run(lambda: self._calls.open(new))
        if isinstance(found, float):
            raise UserError(texts.HUMAN_TOO_OFTEN.format(when=relative_time(found)))
        if found.opened_at == new.opened_at and not await self._states.set_called(new.answer_id or 0, called=True):
            await self._store.run(lambda: self._calls.delete(found.id))
            raise UserError(texts.HUMAN_CALLED_BEFORE)  # by a version that stored no calls
        return found

    async def _show_existing(
        self, interaction: discord.Interaction[Any], reply: InteractionReply, call: HumanCall, answer: StoredAnswer
    ) -> None:
        """Show the call because of which no other can be made."""
        if call.answer_id != answer.id:
            await self._show(interaction, reply, call, texts.HUMAN_ONE_CALL.format(link=call.question_link))
        elif call.is_open:
            await self._show(interaction, reply, call, texts.HUMAN_CALLED_BEFORE)
        else:
            link = await self._link_for_asker(call)
            await self._show(interaction, reply, call, texts.HUMAN_HELPED_BEFORE.format(link=link))

    async def _show(
        self, interaction: discord.Interaction[Any], reply: InteractionReply, call: HumanCall, text: str
    ) -> None:
        """Show a text about a call, to the member who has made it with the button that closes it."""
        settings = await self._store.settings(interaction.guild_id)
        rows: Rows = [[self._solved_button(call)]] if call.is_open and call.asker_id == interaction.user.id else []
        await reply.show(message_body(notice_card(text), rows, plain=settings.plain))

    async def _post(
        self,
        interaction: discord.Interaction[Any],
        call: HumanCall,
        answer: StoredAnswer,
        channel: Any,
        settings: ServerSettings,
    ) -> None:
        """Send the message of a call, and make its thread."""
        post = CallPost(self._store, self._visibility, settings)
        async with self._states.lock(call.id):
            with speaking(server_language(settings, interaction.guild)):
                sent, thread_id = await post.publish(interaction, call, answer, channel, self._states.rows(call))
            await self._store.run(lambda: self._calls.set(call.id, post_id=sent, thread_id=thread_id))
            if thread_id is not None:  # what people ask each other there is not for the bot
                self._store.quiet_threads.add(thread_id, call.guild_id)

    async def _pressed(
        self, interaction: discord.Interaction[Any], call_id: int, needed: Action | None = None
    ) -> tuple[HumanCall, InteractionReply]:
        """Acknowledge a press on the message of a call and return the call.

        Raises UserError if the member may not do what is `needed`, or the call is not open.
        """
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        if needed is not None and not await may(interaction, needed):
            raise UserError(texts.CALL_NOT_A_HELPER)
        call = await self._store.run(lambda: self._calls.get(call_id))
        message_id = interaction.message.id if interaction.message else None
        if call is None or call.guild_id != interaction.guild_id or call.post_id not in {message_id, None}:
            raise UserError(texts.CALL_OVER)
        if not call.is_open:
            await self._states.refresh(call, interaction.message)
            raise UserError(texts.CALL_OVER)
        if call.post_id is None:  # the bot stopped before it could note it
            await self._store.run(lambda: self._calls.set(call.id, post_id=message_id))
        return call, reply

    async def _close(self, call: HumanCall, message: discord.Message | None = None) -> bool:
        """Resolve a call, count what helpers have written, and ask them for it; return whether it was open.

        `message` is that of the call, if it is at hand.
        """
        guild = self._bot.get_guild(call.guild_id)
        settings = await self._store.settings(call.guild_id)
        written = await helper_messages(guild, call, settings) if guild else []
        if not await self._store.run(lambda: self._calls.resolve(call.id, len(written))):
            return False
        now = await self._states.refresh(call, message)
        if written and now.thread_id is not None:
            await self._offer_saving(now, settings)
        return True

    async def _offer_saving(self, call: HumanCall, settings: ServerSettings) -> None:
        """Ask the helpers, in the thread of a call, whether their words may become an article."""
        with speaking(server_language(settings, self._bot.get_guild(call.guild_id))):
            text = texts.CALL_SAVE_OFFER if self._message_content else texts.CALL_SAVE_HINT
            rows: Rows = [[self._save_button(call)]] if self._message_content else []
            body = message_body(notice_card(text), rows, plain=settings.plain)
        thread = self._bot.get_partial_messageable(call.thread_id or 0, guild_id=call.guild_id)
        try:
            await with_retries(lambda: thread.send(**body.send_kwargs, allowed_mentions=SILENT))
        except _ERRORS as error:
            _log.info("The helpers could not be asked in thread %s: %s", call.thread_id, error)

    async def _tell(self, call: HumanCall, text: Callable[[str], str], *, solved: bool = True) -> None:
        """Tell the member who has called, with a link to where they can read on."""
        if not call.asker_id:
            return
        link = await self._link_for_asker(call)
        settings = await self._store.settings(call.guild_id)
        with speaking(server_language(settings, self._bot.get_guild(call.guild_id))):
            button = self._solved_button(call) if solved else None
            await tell_asker(self._bot, call, text(link), button)

    async def _link_for_asker(self, call: HumanCall) -> str:
        """Return the address of a call's thread if the member who has called can read it, else of their question."""
        place = call.thread_id or call.post_channel_id
        readable = await self._visibility.readers.readable(call.guild_id, call.asker_id, {place})
        return call.post_link if readable else call.question_link


async def _require_claimer(interaction: discord.Interaction[Any], call: HumanCall) -> None:
    """Raise UserError unless the member has claimed a call, has made it, or is a moderator."""
    own = interaction.user.id in {call.claimed_by, call.asker_id}
    if not own and not await may(interaction, Action.OTHERS_CALL):
        raise UserError(texts.CALL_NOT_YOURS)

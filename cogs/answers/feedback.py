"""Votes on answers: the buttons, and the form that asks what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import discord
from discord import ui
from discord.ext import commands

from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.core.own_answers import viewer_of
from cogs.messaging.interaction_reply import InteractionReply, open_form
from cogs.ui.answer_card import notice_card
from cogs.ui.components import AnswerButton, PersistentItem, Rows, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from index.models import UserError
from qa.outcome import NotCovered
from storage.stored_answers import StoredAnswer

MOST_JUDGED: Final = 3  # quotes of an answer that a member can judge
_MAX_DETAILS: Final = 500
_RANKS: Final = frozenset(str(number) for number in range(1, MOST_JUDGED + 1))


class Feedback(commands.Cog):
    """Stores votes and their reasons."""

    def __init__(self, store: AsyncStore) -> None:
        """Take the store of answers."""
        self._store = store

    async def helpful(self, interaction: discord.Interaction, answer_id: int, quotes: int) -> None:
        """Store that an answer helped; if it shows several quotes, ask which one."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        await self._vote(interaction, answer_id, helpful=True)
        interaction.client.dispatch("helpful_vote", answer_id, interaction.user.id)
        rows = _helpful_quote_row(answer_id, min(quotes, MOST_JUDGED))
        if rows:
            settings = await self._store.settings(interaction.guild_id)
            await reply.show(message_body(notice_card(texts.HELPFUL_WHICH), rows, plain=settings.plain))
        else:
            await reply.show_text(texts.THANKS)

    async def helpful_quote(self, interaction: discord.Interaction, answer_id: int, rank: int) -> None:
        """Store which quote helped, by its rank from 1."""
        votes, member_id = self._store.database.votes, interaction.user.id

        def change(answer: StoredAnswer) -> bool:
            return 1 <= rank <= answer.shown and votes.set_quotes(answer_id, member_id, [rank])

        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await self._change_vote(interaction, answer_id, change)
        await reply.show(message_body(notice_card(texts.THANKS), plain=is_plain(interaction)))

    async def unhelpful(self, interaction: discord.Interaction, answer_id: int, quotes: int) -> None:
        """Open the form that asks for the reason. The vote counts even if the form is not submitted."""
        await open_form(interaction, ReasonForm(answer_id, quotes))
        await self._vote(interaction, answer_id, helpful=False)

    async def wanted(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Store that the articles should cover a question that they do not cover; a second press counts once."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        votes, member_id = self._store.database.votes, interaction.user.id

        is_kept = False

        def change(answer: StoredAnswer) -> bool:
            nonlocal is_kept
            is_kept = bool(answer.question)
            return answer.outcome == NotCovered.name and votes.put_wanted(answer_id, member_id)

        await self._change_vote(interaction, answer_id, change)
        await reply.show_text(texts.WANTED_NOTED if is_kept else texts.THANKS)

    async def reason(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Add the reason from the submitted form to the vote."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        reason, votes, member_id = _reason(interaction), self._store.database.votes, interaction.user.id
        chosen = _chosen_ranks(interaction)

        def change(answer: StoredAnswer) -> bool:
            ranks = [rank for rank in chosen if rank <= answer.shown]
            voted = votes.set_reason(answer_id, member_id, reason)
            return voted and (not ranks or votes.set_quotes(answer_id, member_id, ranks))

        await self._change_vote(interaction, answer_id, change)
        await reply.show_text(texts.THANKS)

    async def _vote(self, interaction: discord.Interaction, answer_id: int, *, helpful: bool) -> None:
        votes, member_id = self._store.database.votes, interaction.user.id
        await self._change_vote(interaction, answer_id, lambda _: votes.put(answer_id, member_id, helpful=helpful))

    async def _change_vote(
        self, interaction: discord.Interaction, answer_id: int, change: Callable[[StoredAnswer], bool]
    ) -> None:
        """Change the member's vote on an answer that they can see; `change` returns whether it could be changed.

        Raises UserError if there is no such answer or vote.
        """
        database, viewer = self._store.database, viewer_of(interaction)

        def apply() -> bool:
            answer = database.answer_for(answer_id, viewer)
            return answer is not None and change(answer)

        if not await self._store.run(apply):
            raise UserError(texts.ANSWER_FORGOTTEN)


class ReasonForm(PersistentForm, action="reason"):
    """Asks what was wrong with an answer."""

    def __init__(self, answer_id: int, quotes: int = 0) -> None:
        """Create the form for an answer that shows `quotes` quotes."""
        super().__init__(texts.REASON_TITLE, answer_id)
        options = [discord.SelectOption(label=label, value=value) for value, label in texts.REASONS.items()]
        details: ui.TextInput[Any] = ui.TextInput(
            custom_id="details", style=discord.TextStyle.paragraph, required=False, max_length=_MAX_DETAILS
        )
        self.add_item(ui.Label(text=texts.REASON_LABEL, component=ui.Select(custom_id="reason", options=options)))
        if quotes > 1:
            self.add_item(ui.Label(text=texts.REASON_QUOTATION, component=_quote_select(min(quotes, MOST_JUDGED))))
        self.add_item(ui.Label(text=texts.REASON_DETAILS, component=details))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], first: int, _second: int) -> None:
        """Add the reason to the vote."""
        await feature(interaction, Feedback).reason(interaction, first)


def _quote_select(quotes: int) -> ui.Select[Any]:
    """Return the select for the quotes of an answer; choosing none means the whole answer."""
    numbers = range(1, quotes + 1)
    options = [discord.SelectOption(label=texts.QUOTATION.format(number=n), value=str(n)) for n in numbers]
    return ui.Select(custom_id="quotations", options=options, required=False, min_values=0, max_values=quotes)


def _chosen_ranks(interaction: discord.Interaction) -> list[int]:
    """Return the ranks of the quotes chosen in a submitted form."""
    parts = [part for part in form_fields(interaction) if part.get("custom_id") == "quotations"]
    return [int(value) for part in parts for value in part.get("values", ()) if value in _RANKS]


def _reason(interaction: discord.Interaction) -> str:
    """Return the reason in a submitted form, with a colon and the details if there are any."""
    parts = form_fields(interaction)
    chosen = [value for part in parts for value in part.get("values", ()) if value in texts.REASONS]
    details = [part["value"].strip()[:_MAX_DETAILS] for part in parts if part.get("value")]
    return ": ".join(filter(None, (*chosen, *details)))


class HelpfulButton(PersistentItem, action="helpful", ids=2):
    """Votes that an answer helped; its custom id holds the number of quotes to judge."""

    def __init__(self, answer_id: int, quotes: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id, quotes), texts.HELPFUL_BUTTON))
        self.answer_id, self.quotes = answer_id, quotes

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Store the vote."""
        await feature(interaction, Feedback).helpful(interaction, self.answer_id, self.quotes)


class HelpfulQuoteButton(PersistentItem, action="helpful-quote", ids=2):
    """Says which quote helped, by its rank from 1."""

    def __init__(self, answer_id: int, rank: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id, rank), texts.QUOTATION.format(number=rank)))
        self.answer_id, self.rank = answer_id, rank

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Store the quote."""
        await feature(interaction, Feedback).helpful_quote(interaction, self.answer_id, self.rank)


class UnhelpfulButton(PersistentItem, action="unhelpful", ids=2):
    """Votes that an answer did not help; its custom id holds the number of quotes to judge."""

    def __init__(self, answer_id: int, quotes: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id, quotes), texts.UNHELPFUL_BUTTON))
        self.answer_id, self.quotes = answer_id, quotes

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Store the vote and ask for the reason."""
        await feature(interaction, Feedback).unhelpful(interaction, self.answer_id, self.quotes)


class WantedButton(AnswerButton, action="wanted", label=lambda: texts.WANTED_BUTTON):
    """Votes that the articles should cover a question."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Store the vote."""
        await feature(interaction, Feedback).wanted(interaction, self.answer_id)


def _helpful_quote_row(answer_id: int, quotes: int) -> Rows:
    """Return the row of buttons that say which quote helped; no row if there is only one quote."""
    return [[HelpfulQuoteButton(answer_id, rank) for rank in range(1, quotes + 1)]] if quotes > 1 else []

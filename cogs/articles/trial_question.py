"""The button and the form for a first question: after an article was added, and in the setup wizard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import discord
from discord import ui

from cogs.articles.cog import ArticlesCog
from cogs.core.features import feature
from cogs.messaging.claims import Claim
from cogs.messaging.interaction_reply import deferred, open_form
from cogs.messaging.resumed_interaction import asked_by, has_to_go_on, resumed_interaction
from cogs.services import LONGEST_QUESTION, Inquiry, Services
from cogs.ui.components import PersistentItem, button
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from index.models import UserError
from storage.accepted_questions import AcceptedQuestion

_KIND: Final = "trial"  # of a stored question


class TrialButton(PersistentItem, action="setup-try"):
    """Opens the form for a question that is answered privately. Whoever sees the button may press it."""

    def __init__(self, member_id: int = 0, style: discord.ButtonStyle = discord.ButtonStyle.primary) -> None:
        """Create the button; `member_id` is not used, earlier versions stored it in the custom id."""
        super().__init__(button(self.custom_id_of(member_id), texts.TRIAL_BUTTON, style))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await open_form(interaction, TrialForm())


class TrialForm(PersistentForm, action="setup-tried"):
    """Asks for a question."""

    def __init__(self) -> None:
        super().__init__(texts.TRIAL_FORM_TITLE)
        question: ui.TextInput[Any] = ui.TextInput(
            custom_id="question", max_length=LONGEST_QUESTION, placeholder=texts.TRIAL_FORM_HINT
        )
        self.add_item(ui.Label(text=texts.TRIAL_FORM_QUESTION, component=question))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], _first: int, _second: int) -> None:
        """Answer the question privately, as the bot would answer it in this channel."""
        typed = next((str(part["value"]) for part in form_fields(interaction) if part.get("value")), "")
        await answer_trial(interaction, feature(interaction, ArticlesCog).services, " ".join(typed.split()))


async def answer_trial(interaction: discord.Interaction[Any], services: Services, question: str) -> None:
    """Answer a question privately."""

    async def answer(claim: Claim) -> None:
        if claim.is_resumed and not await has_to_go_on(claim, interaction, services.store):
            return
        async with deferred(interaction, claim=claim) as reply:
            if not question:
                raise UserError(texts.HOW_TO_ASK)
            inquiry = Inquiry(
                question[:LONGEST_QUESTION],
                interaction.user.id,
                interaction.channel_id or 0,
                interaction.guild_id,
                private=True,
                show_question=True,
                claim=claim,
                asker=interaction.user,
            )
            if not claim.sent:
                await services.ask.answer(inquiry, reply)

    await services.accepted.answer_once(asked_by(interaction, _KIND, question=question), answer)


def resume_trials(client: discord.Client, services: Services) -> None:
    """Let stored questions be answered again after the process that answered them has ended."""

    async def resume(question: AcceptedQuestion, details: Mapping[str, Any]) -> None:
        interaction = await resumed_interaction(client, question, details)
        await answer_trial(interaction, services, details["question"])

    services.accepted.resume_with(_KIND, resume)

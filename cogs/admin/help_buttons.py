"""The buttons under the short help: ask a question, list the articles, show what is stored, and set the bot up."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from cogs.admin.privacy import Privacy
from cogs.admin.setup_wizard import SetupWizard
from cogs.articles.cog import ArticlesCog
from cogs.articles.library_commands import ListPage
from cogs.ask.cog import AskCog
from cogs.ask.question_cog import MAX_QUESTION
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import deferred, open_form
from cogs.ui.components import PersistentItem, Rows, button, page_row
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts


def help_buttons(manages: bool) -> Rows:
    """Return the buttons of the short help; the one for the set-up only for a member who may change the settings."""
    row: list[PersistentItem] = [AskButton(), ArticlesButton(), PrivacyButton()]
    return [[*row, SetupButton()] if manages else row]


class AskButton(PersistentItem, action="help-ask", ids=0):
    """Opens a form for a question."""

    def __init__(self) -> None:
        """Create the button."""
        super().__init__(button(self.custom_id_of(), texts.HELP_ASK_BUTTON, discord.ButtonStyle.primary))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await require(interaction, Action.ASK)
        await open_form(interaction, AskForm())


class AskForm(PersistentForm, action="help-question"):
    """Asks for a question, and answers it as `/ask` does."""

    def __init__(self) -> None:
        """Create the empty form."""
        super().__init__(texts.HELP_ASK_BUTTON)
        question: ui.TextInput[Any] = ui.TextInput(
            custom_id="question", max_length=MAX_QUESTION, style=discord.TextStyle.paragraph
        )
        self.add_item(ui.Label(text=texts.ASK_FORM_LABEL, component=question))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], _first: int, _second: int) -> None:
        """Answer the question in the channel."""
        await require(interaction, Action.ASK)
        question = next((str(field.get("value", "")) for field in form_fields(interaction)), "")
        await feature(interaction, AskCog).answer_interaction(interaction, question.strip()[:MAX_QUESTION])


class ArticlesButton(PersistentItem, action="help-articles", ids=0):
    """Lists the articles, privately."""

    def __init__(self) -> None:
        """Create the button."""
        super().__init__(button(self.custom_id_of(), texts.HELP_ARTICLES_BUTTON))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page of the list."""
        articles = feature(interaction, ArticlesCog)
        async with deferred(interaction) as reply:
            await require(interaction, Action.LIBRARY_LIST)
            page = await articles.listing.page(interaction, "", 0)
            await articles.show(interaction, reply, page.card, page_row(ListPage, 0, page.page, page.pages))


class PrivacyButton(PersistentItem, action="help-privacy", ids=0):
    """Shows what is stored about the member, privately."""

    def __init__(self) -> None:
        """Create the button."""
        super().__init__(button(self.custom_id_of(), texts.HELP_PRIVACY_BUTTON))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show it as `/privacy` does."""
        await feature(interaction, Privacy).show(interaction)


class SetupButton(PersistentItem, action="help-setup", ids=0):
    """Begins the set-up."""

    def __init__(self) -> None:
        """Create the button."""
        super().__init__(button(self.custom_id_of(), texts.HELP_SETUP_BUTTON))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, to a member who may change the settings. Raises UserError for others."""
        await require(interaction, Action.CONFIG_SETUP)
        await feature(interaction, SetupWizard).start(interaction)

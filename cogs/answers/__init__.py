"""What members do with an answer: read on, vote, call a human, delete it; and marks on outdated answers.

The entry point is `setup`. `controls.answer_controls` returns the buttons of an answer.
"""

from __future__ import annotations

from cogs.answers import feedback, more_quotes
from cogs.answers.delete_answer import DeleteAnswer, DeleteButton
from cogs.answers.human_help import HumanButton
from cogs.answers.solved_tag import SolvedTag
from cogs.answers.stale_marker import StaleMarker
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the cogs and their components."""
    await bot.add_cog(more_quotes.MoreQuotes(services.store, services.visibility))
    await bot.add_cog(feedback.Feedback(services.store))
    await bot.add_cog(DeleteAnswer(bot, services.store))
    await bot.add_cog(StaleMarker(bot, services.store, services.replies))
    await bot.add_cog(SolvedTag(bot, services.store))
    bot.add_components(
        more_quotes.ReadButton,
        more_quotes.ReadTab,
        more_quotes.MoreButton,
        more_quotes.MorePage,
        more_quotes.ContextButton,
        more_quotes.ContextPage,
        more_quotes.SourcesButton,
        more_quotes.SourcesPage,
        feedback.HelpfulButton,
        feedback.HelpfulQuoteButton,
        feedback.UnhelpfulButton,
        feedback.ReasonForm,
        feedback.WantedButton,
        HumanButton,
        DeleteButton,
    )

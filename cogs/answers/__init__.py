"""What people do with an answer: read on, judge it, call a human, delete it; and marks on answers that are out of date.

The door is `setup`. `controls.answer_controls` gives an answer its buttons.
"""

from __future__ import annotations

from cogs.answers import feedback, more_quotes
from cogs.answers.stale_marker import StaleMarker
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the features and their components."""
    await bot.add_cog(more_quotes.MoreQuotes(services.store))
    await bot.add_cog(feedback.Feedback(services.store))
    await bot.add_cog(StaleMarker(bot, services.store, services.replies))
    bot.add_components(
        more_quotes.MoreButton,
        more_quotes.MorePage,
        more_quotes.ContextButton,
        more_quotes.ContextPage,
        more_quotes.SourcesButton,
        more_quotes.SourcesPage,
        feedback.HelpfulButton,
        feedback.HelpfulQuoteButton,
        feedback.UnhelpfulButton,
        feedback.HumanButton,
        feedback.DeleteButton,
        feedback.ReasonForm,
    )

"""All ways to ask: `/ask`, mentions, replies, direct messages, context menus, and channels the bot listens to.

The entry point is `setup`; `ask_service.AskService` answers all questions.
"""

from __future__ import annotations

from cogs.ask.addressed import AddressedMessages
from cogs.ask.cog import AskCog
from cogs.ask.edit_sync import EditSync
from cogs.ask.listener import MessageListener
from cogs.ask.message_menu import MessageMenu, PostButton
from cogs.ask.missed import MissedQuestions
from cogs.ask.takeover import Takeover
from cogs.ask.which import Which, WhichButton
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the cogs and their components."""
    addressed = AddressedMessages(bot, services)
    await bot.add_cog(AskCog(bot, services, addressed))
    await bot.add_cog(MessageMenu(bot, services))
    await bot.add_cog(MessageListener(bot, services))
    await bot.add_cog(EditSync(bot, services, addressed))
    await bot.add_cog(MissedQuestions(bot, services, addressed))
    await bot.add_cog(Takeover(bot, services))
    await bot.add_cog(Which(services))
    bot.add_components(PostButton, WhichButton)

"""Every way of asking: `/ask`, mentions, replies, direct messages, message menus, and channels that are listened to.

The door is `setup`; what answers is `ask_service.AskService`.
"""

from __future__ import annotations

from cogs.ask.cog import AskCog
from cogs.ask.edit_sync import EditSync
from cogs.ask.listener import MessageListener
from cogs.ask.message_menu import MessageMenu, PostButton
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the features and their components."""
    for kind in (AskCog, MessageMenu, MessageListener, EditSync):
        await bot.add_cog(kind(bot, services))
    bot.add_components(PostButton)

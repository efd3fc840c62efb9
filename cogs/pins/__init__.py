"""Pins: moderators tie a quotation to a question, which is then answered with it first.

The door is `setup`; `/verbatim pin` and `pins` call `cog.PinCog`.
"""

from __future__ import annotations

from cogs.messaging.component_bot import ComponentBot
from cogs.pins import cog
from cogs.services import Services


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the feature and its components."""
    await bot.add_cog(cog.PinCog(bot, services.store))
    bot.add_components(cog.QuoteSelect, cog.WordingButton, cog.WordingForm, cog.PinButton, cog.CancelPinButton)
    bot.add_components(cog.UnpinSelect, cog.PinPage)

"""Pins: moderators tie a quote to a question, which is then answered with this quote first.

The entry point is `setup`; `/verbatim pin` and `pins` call `cog.PinCog`.
"""

from __future__ import annotations

from cogs.messaging.component_bot import ComponentBot
from cogs.pins import components
from cogs.pins.cog import PinCog
from cogs.services import Services


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the cog and its persistent components."""
    await bot.add_cog(PinCog(bot, services.store, components.preview_rows, components.list_rows))
    bot.add_components(
        components.QuoteSelect,
        components.WordingButton,
        components.WordingForm,
        components.PinButton,
        components.CancelPinButton,
        components.UnpinSelect,
        components.PinPage,
    )

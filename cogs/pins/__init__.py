"""Pins: moderators tie a quote to a question, which is then answered with this quote first.

The entry point is `setup`; the commands of `/pin` call `cog.PinCog`.
"""

from __future__ import annotations

from cogs.messaging.component_bot import ComponentBot
from cogs.pins import pin_components
from cogs.pins.cog import PinCog
from cogs.pins.commands import pin_group
from cogs.services import Services


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the cog and its persistent components."""
    await bot.add_cog(PinCog(bot, services, pin_components.preview_rows, pin_components.list_rows))
    bot.tree.add_command(pin_group)
    bot.add_components(
        pin_components.QuoteSelect,
        pin_components.WordingButton,
        pin_components.WordingForm,
        pin_components.PinButton,
        pin_components.CancelPinButton,
        pin_components.UnpinSelect,
        pin_components.PinPage,
    )

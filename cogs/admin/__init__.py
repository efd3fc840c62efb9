"""What those who run a server see and set: `/verbatim`, the set-up, `/help`, `/forget`, and the first message.

The door is `setup`; the command group is `group.admin_group`, to which the modules add their commands.
"""

from __future__ import annotations

from cogs.admin import config, setup_pages, setup_selects, stats
from cogs.admin.group import AdminCog, admin_group
from cogs.admin.onboarding import Onboarding
from cogs.admin.setup_wizard import SetupWizard
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services

__all__ = ["config", "setup", "stats"]  # config and stats add their commands by being imported


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the features, the command group and the components."""
    await bot.add_cog(AdminCog(services))
    await bot.add_cog(SetupWizard(services, setup_pages.page))
    await bot.add_cog(Onboarding(services))
    bot.tree.add_command(admin_group)
    bot.add_components(setup_pages.PageTurnButton, setup_pages.TryButton, setup_pages.QuestionForm)
    bot.add_components(
        setup_selects.HelpersChannelSelect,
        setup_selects.HelpersRoleSelect,
        setup_selects.LanguageSelect,
        setup_selects.LayoutSelect,
        setup_selects.LimitsSelect,
        setup_selects.QuestionsSelect,
        setup_selects.OffSelect,
        setup_selects.FloorSelect,
        setup_selects.ThreadsSelect,
    )

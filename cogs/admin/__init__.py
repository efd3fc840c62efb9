"""Server administration: `/config`, `/insights`, the setup wizard, `/help`, `/forget`, and the welcome message.

The entry point is `setup`. Modules add their commands to `cog.config_group` and `cog.insights_group`.
"""

from __future__ import annotations

from cogs.admin import (
    config,
    help_buttons,
    pause_commands,
    reset_command,
    setup_channel_selects,
    setup_pages,
    setup_selects,
    stats,
)
from cogs.admin.about import About
from cogs.admin.backup_job import BackupJob
from cogs.admin.cog import AdminCog, config_group, insights_group
from cogs.admin.contributor_index import ContributorIndex
from cogs.admin.digest_job import DigestJob
from cogs.admin.onboarding import Onboarding
from cogs.admin.pause_job import PauseJob
from cogs.admin.privacy import Privacy
from cogs.admin.retention_job import RetentionJob
from cogs.admin.setup_wizard import SetupWizard
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services

__all__ = ["config", "pause_commands", "setup", "stats"]  # these add their commands by being imported


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the cogs, the command groups and the persistent components."""
    await bot.add_cog(AdminCog(services))
    await bot.add_cog(SetupWizard(services, setup_pages.page))
    await bot.add_cog(Onboarding(bot, services))
    await bot.add_cog(About(bot, services))
    await bot.add_cog(PauseJob(services, bot))
    contributors = ContributorIndex(services)
    await bot.add_cog(contributors)
    await bot.add_cog(Privacy(services, contributors))
    await bot.add_cog(RetentionJob(bot, services))
    await bot.add_cog(BackupJob(services, bot))
    await bot.add_cog(DigestJob(bot, services))
    bot.tree.add_command(config_group)
    bot.tree.add_command(insights_group)
    bot.add_components(
        help_buttons.AskButton,
        help_buttons.AskForm,
        help_buttons.ArticlesButton,
        help_buttons.PrivacyButton,
        help_buttons.SetupButton,
    )
    bot.add_components(setup_pages.PageTurnButton, setup_pages.SkipButton)
    bot.add_components(reset_command.ResetButton, reset_command.KeepButton)
    bot.add_components(setup_pages.AddFirstButton, setup_pages.StartSetupButton)
    bot.add_components(
        setup_selects.EditorRoleSelect,
        setup_selects.DigestChannelSelect,
        setup_selects.HelpersChannelSelect,
        setup_selects.HelpersRoleSelect,
        setup_selects.LanguageSelect,
        setup_selects.LayoutSelect,
        setup_selects.LimitsSelect,
        setup_channel_selects.QuestionsSelect,
        setup_channel_selects.OffSelect,
        setup_selects.MinConfidenceSelect,
        setup_selects.ThreadsSelect,
    )

"""Articles in Discord: the commands of `/library` and `/article`, site imports, channels as sources, and refreshing.

The entry point is `setup`. Modules add their commands to the groups in `cog`.
"""

from __future__ import annotations

from cogs.articles import (
    add_form,
    adding,
    commands,
    import_export,
    library_commands,
    schedule_commands,
    tag_command,
    trial_question,
    versions,
    views,
)
from cogs.articles.channels import views as channel_views
from cogs.articles.channels.channel_listener import ChannelListener
from cogs.articles.cog import ArticlesCog, article_group, library_group
from cogs.articles.interrupted import InterruptedDrafts
from cogs.articles.passage_update_job import PassageUpdateJob
from cogs.articles.refresh_job import RefreshJob
from cogs.articles.sites import views as site_views
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services

__all__ = ["adding", "schedule_commands", "setup", "tag_command"]  # the modules add their commands by being imported


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the cogs, the command groups and the persistent components."""
    articles = ArticlesCog(services)
    await bot.add_cog(articles)
    await bot.add_cog(site_views.SitesCog(bot, articles, services.settings))
    await bot.add_cog(ChannelListener(bot, services, articles.service))
    await bot.add_cog(InterruptedDrafts(bot, articles))
    await bot.add_cog(RefreshJob(bot, services))
    await bot.add_cog(PassageUpdateJob(services, bot))
    bot.tree.add_command(library_group)
    bot.tree.add_command(article_group)
    bot.add_components(views.AddButton, views.CancelButton, add_form.AddForm, commands.RemoveButton)
    bot.add_components(library_commands.ListPage)
    bot.add_components(versions.RestoreButton, import_export.ImportButton, import_export.StopImportButton)
    bot.add_components(trial_question.TrialButton, trial_question.TrialForm)
    trial_question.resume_trials(bot, services)
    bot.add_components(*_SITE_BUTTONS, *_CHANNEL_BUTTONS)


_SITE_BUTTONS = (site_views.StartButton, site_views.DropButton, site_views.ProgressButton, site_views.StopButton)
_CHANNEL_BUTTONS = (channel_views.FollowButton, channel_views.KeepButton, channel_views.RemoveMessagesButton)

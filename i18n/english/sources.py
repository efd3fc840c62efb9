"""English texts of article sources."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class SourceTexts:
    """Schedules, whole sites, threads, and channels whose messages become articles."""

    __slots__ = ()

    # Refreshing by itself
    SCHEDULE_NAME: Final = "schedule"
    SCHEDULE_DESCRIPTION = Translated("Show when the source of an article is checked again, or change how often.")
    SCHEDULE_EVERY_DESCRIPTION = Translated(
        "How often. For a page that came with a site, this applies to the whole site."
    )
    SCHEDULES = Translated(
        {
            "usual": "the default",
            "1": "every hour",
            "6": "every six hours",
            "24": "every day",
            "168": "every week",
            "720": "every 30 days",
            "0": "never automatically",
        }
    )
    SCHEDULE_SITE = Translated("the whole site, articles: {count:,}")
    SCHEDULE_WHEN = Translated("checked again every {hours:g} h, next {next}")
    SCHEDULE_NEVER = Translated("never checked again automatically; use `/article refresh` for that")
    FAILED_MARK = Translated("last check failed")
    FAILED_SHOWN = Translated("**The last check on {day} failed.** {reason}")
    FAILED_MORE = Translated("Failed at the last check: {count:,}, for example {source}: {reason}")

    # Whole sites
    ARTICLE_WHOLE_SITE = Translated("This is a sitemap or feed. Use `/article add` to add its pages.")
    ARTICLE_PAGES_DESCRIPTION = Translated(
        "How many pages of the site to add at most. I follow its links below that address."
    )
    ARTICLE_PAGES_OF_WHAT = Translated("Please also give the address of the site whose pages you want.")
    SITE_EMPTY = Translated("I found no pages there. Check the address, or add the pages one by one.")
    SITE_LISTED = Translated(
        "**Preview.** {site} lists {count:,} pages. Press *Add* to read and store them. For example:"
    )
    SITE_LINKED = Translated(
        "**Preview.** Press *Add* to read and store {site} and the pages below it that it links to, up to {most:,}. "
        "For example:"
    )
    SITE_MORE = Translated(
        "It links to {count:,} pages now, and I'll read {most:,} of them. Set `pages` to read more or fewer."
    )
    SITE_ROOM = Translated("This server has {count:,} of {limit:,} articles.")

    # Progress of a site
    LOAD_ADDING = Translated("**Adding** {site}")
    LOAD_DONE = Translated("**All pages have been read.** {site}")
    LOAD_ENDED = Translated("**Stopped early.** {site}\n{reason}")
    LOAD_COUNTS = Translated("Read: {done:,} of {total:,} pages · stored: {stored:,} · failed: {failed:,}")
    LOAD_INCOMPLETE = Translated("Pages that may not be whole: {count:,}")
    LOAD_MORE = Translated(
        "The site has more than {most:,} pages. To get the rest, add it again with a larger `pages`."
    )
    LOAD_FOOTER = Translated(
        "This stays up to date for 15 minutes. After that, press *Show progress* for the latest; I'll send you a "
        "direct message when it's done."
    )
    LOAD_CANCELLED = Translated(
        "Stopped, as you asked. What is stored stays; the next refresh of the site adds no more pages."
    )
    LOAD_FAILING = Translated(
        "The last {count} pages couldn't be read. Check the site, then add it again for the rest."
    )
    LOAD_BEGUN_ALREADY = Translated(
        "Another site is being added here. Wait until it's done, or stop it with `/article progress`."
    )
    LOAD_FORGOTTEN = Translated("I no longer remember what was added here. `/library list` shows the articles.")
    LOAD_NONE = Translated("No site has been added here recently. Use `/article add` to add one.")
    LOAD_CALL = Translated("{member}, I've finished adding what you asked for. `/article progress` shows how it went.")
    LOAD_SHOW_BUTTON = Translated("Show progress")
    LOAD_STOP_BUTTON = Translated("Stop")
    LOAD_PROGRESS_NAME: Final = "progress"
    LOAD_PROGRESS_DESCRIPTION = Translated(
        "Show the progress of the site that is being added, with a button to stop it."
    )

    # Threads
    FOLLOW_NAME: Final = "follow"
    FOLLOW_DESCRIPTION = Translated("Turn messages of this server into articles.")
    THREAD_NAME: Final = "thread"
    THREAD_DESCRIPTION = Translated("Add a thread or forum post as one article. You get a preview first.")
    THREAD_CHOICE_DESCRIPTION = Translated("The thread or post. Default: the one you are in.")
    THREAD_WANTED = Translated("Use this command in a thread or forum post, or choose one.")
    CHANNEL_FORBIDDEN = Translated(
        "{channel}: I'm not allowed to read it. Give me the permissions View Channel and Read Message History there."
    )
    CHANNEL_HIDDEN = Translated("{channel}: you can't read it yourself, so I can't add it for you.")
    THREAD_SAVE_ONE = Translated("You can still save a single message from its menu.")
    THREAD_MISSING = Translated("Left out: {what}.")
    SOURCE_PRIVATE = Translated(
        "**Careful:** not everyone can read {channel}. I'll quote it only where everyone who sees the answer can read "
        "it too; elsewhere only those who can read it get such an answer, privately."
    )
    THREAD_MACHINES = Translated("{count:,} messages from bots")
    THREAD_EMPTY = Translated("{count:,} without text")
    THREAD_MORE = Translated("everything after the first {most:,}")

    # Channels as sources
    WATCH_NAME: Final = "channel"
    WATCH_DESCRIPTION = Translated("Turn the messages of a channel into articles, or stop doing so.")
    WATCH_CHANNEL_DESCRIPTION = Translated("The channel, for example one with announcements.")
    WATCH_ROLE_DESCRIPTION = Translated("Whose messages. Default: members who can manage messages there.")
    WATCH_UNREADABLE = Translated(
        "I'm no longer allowed to read the channel. Give me the permissions View Channel and Read Message History "
        "there."
    )
    WATCH_OFFER = Translated(
        "**Preview.** Press *Add* to turn every message in {channel} by {writers} into an article, which changes and "
        "goes with its message. I'll read the newest {most:,} messages first; of the last {looked}, {count} would "
        "become articles:"
    )
    WATCH_MANAGERS = Translated("members who can manage messages there")
    WATCH_READING = Translated("Reading the channel …")
    WATCH_STATE = Translated("{channel} is a source: every message by {writers} becomes an article. Stored: {count:,}")
    WATCH_TROUBLE = Translated("I couldn't store the last message: {reason}")
    WATCH_KEEP_BUTTON = Translated("Stop, keep articles")
    WATCH_REMOVE_BUTTON = Translated("Stop and remove all")
    WATCH_KEPT = Translated(
        "{channel} is no longer a source. Its articles stay ({count:,}); use `/article remove` to remove one."
    )
    WATCH_REMOVED = Translated("{channel} is no longer a source. Articles removed with it: {count:,}")
    WATCH_FORGOTTEN = Translated(
        "I no longer know anything about this channel. Please use `/article follow channel` again."
    )

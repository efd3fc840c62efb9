"""English texts of article sources."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class SourceTexts:
    """Schedules, whole sites, threads, and channels whose messages become articles."""

    __slots__ = ()

    # Refreshing by itself
    SCHEDULE_NAME: Final = "schedule"
    SCHEDULE_DESCRIPTION = Translated("Say when the source of an article is looked at again, or change how often.")
    SCHEDULE_EVERY_DESCRIPTION = Translated(
        "How often; of a page that came with a site, this holds for the whole site."
    )
    SCHEDULES = Translated(
        {
            "usual": "as usual",
            "1": "every hour",
            "6": "every six hours",
            "24": "every day",
            "168": "every week",
            "720": "every 30 days",
            "0": "never by itself",
        }
    )
    SCHEDULE_SITE = Translated("the whole site, articles: {count:,}")
    SCHEDULE_WHEN = Translated("looked at again every {hours:g} h, next {next}")
    SCHEDULE_NEVER = Translated("never looked at again by itself; `/article refresh` does it")
    FAILED_MARK = Translated("last look failed")
    FAILED_SHOWN = Translated("**The last look on {day} failed.** {reason}")
    FAILED_MORE = Translated("Could not be read at the last look: {count:,}, such as {source}: {reason}")

    # Whole sites
    ARTICLE_WHOLE_SITE = Translated("This is a sitemap or feed; add it with `/article add`, and its pages are added.")
    ARTICLE_PAGES_DESCRIPTION = Translated(
        "At most this many pages of the site; its links are followed below that address."
    )
    ARTICLE_PAGES_OF_WHAT = Translated("Give the address too whose pages are meant.")
    SITE_EMPTY = Translated("It names no pages; check the address, or add the pages one by one.")
    SITE_LISTED = Translated(
        "**Preview.** {site} names {count:,} pages that are read and stored once you press *Add*, such as:"
    )
    SITE_LINKED = Translated(
        "**Preview.** Once you press *Add*, {site} and the pages below it that it leads to are read and stored, "
        "{most:,} at most, such as:"
    )
    SITE_MORE = Translated("It leads to {count:,} pages now; {most:,} of them are read. `pages` takes more or fewer.")
    SITE_ROOM = Translated("This server has {count:,} of {limit:,} articles.")

    # Progress of a site
    LOAD_ADDING = Translated("**Adding** {site}")
    LOAD_DONE = Translated("**All pages are read.** {site}")
    LOAD_ENDED = Translated("**Ended early.** {site}\n{reason}")
    LOAD_COUNTS = Translated("Read: {done:,} of {total:,} pages · stored: {stored:,} · could not be read: {failed:,}")
    LOAD_MORE = Translated("The site has more pages than {most:,}; add it again with a larger `pages` for the rest.")
    LOAD_FOOTER = Translated(
        "Kept up to date for 15 minutes; after that *Show progress* brings the newest, and a direct message tells "
        "the end."
    )
    LOAD_CANCELLED = Translated(
        "Stopped as you wanted. What is stored stays; the next look at the site takes no more pages."
    )
    LOAD_FAILING = Translated(
        "The last {count} pages could not be read. Look at the site, then add it again for the rest."
    )
    LOAD_BEGUN_ALREADY = Translated(
        "Another site is being added here. Wait until it is done, or stop it under `/article progress`."
    )
    LOAD_FORGOTTEN = Translated("I no longer remember what was added here. `/article list` shows what there is.")
    LOAD_NONE = Translated("No whole site was added here lately. `/article add` adds one.")
    LOAD_CALL = Translated("{member}, what you asked me to add is done; `/article progress` says how it went.")
    LOAD_SHOW_BUTTON = Translated("Show progress")
    LOAD_STOP_BUTTON = Translated("Stop")
    LOAD_PROGRESS_NAME: Final = "progress"
    LOAD_PROGRESS_DESCRIPTION = Translated("Show how far the site is that is being added, with a button to stop it.")

    # Threads
    THREAD_NAME: Final = "thread"
    THREAD_DESCRIPTION = Translated("Add a thread or forum post as one article. A preview comes first.")
    THREAD_CHOICE_DESCRIPTION = Translated("The thread or post; otherwise the one in which you are.")
    THREAD_WANTED = Translated("Use this in a thread or forum post, or name one.")
    THREAD_FORBIDDEN = Translated(
        "{thread}: I may not read what was written there. Give me View Channel and Read Message History."
    )
    THREAD_NEEDS_CONTENT = Translated(
        "I cannot read what members write. Whoever runs me has to switch on the Message Content intent on the Bot "
        "page of the application, and set MESSAGE_CONTENT=true. A single message can be saved from its menu all the "
        "same."
    )
    THREAD_MISSING = Translated("Left out: {what}.")
    THREAD_MACHINES = Translated("{count:,} messages of bots")
    THREAD_EMPTY = Translated("{count:,} without text")
    THREAD_MORE = Translated("all after the first {most:,}")

    # Channels as sources
    WATCH_NAME: Final = "channel"
    WATCH_DESCRIPTION = Translated("Let the messages of a channel become articles, or stop that again.")
    WATCH_CHANNEL_DESCRIPTION = Translated("The channel, for instance one with announcements.")
    WATCH_ROLE_DESCRIPTION = Translated("Whose messages; otherwise those of members who may manage messages there.")
    WATCH_NEEDS_CONTENT = Translated(
        "I cannot hear what is written in a channel. Whoever runs me has to switch on the Message Content intent on "
        "the Bot page of the application, and set MESSAGE_CONTENT=true."
    )
    WATCH_FORBIDDEN = Translated("{channel}: I may not read it. Give me View Channel and Read Message History there.")
    WATCH_UNREADABLE = Translated(
        "I may not read the channel any more. Give me View Channel and Read Message History there."
    )
    WATCH_OFFER = Translated(
        "**Preview.** Once you press *Add*, every message in {channel} by {writers} is an article, and changes and "
        "goes with its message. The newest {most:,} messages are read in first; of the last {looked}, {count} would "
        "be articles:"
    )
    WATCH_MANAGERS = Translated("members who may manage messages there")
    WATCH_READING = Translated("Reading the channel …")
    WATCH_STATE = Translated(
        "{channel} is a source: every message by {writers} is an article. Stored from it: {count:,}"
    )
    WATCH_TROUBLE = Translated("The last message could not be stored: {reason}")
    WATCH_KEEP_BUTTON = Translated("Stop, keep articles")
    WATCH_REMOVE_BUTTON = Translated("Stop and remove all")
    WATCH_KEPT = Translated(
        "{channel} is no source any more. The {count:,} articles from it stay; `/article remove` removes one."
    )
    WATCH_REMOVED = Translated("{channel} is no source any more. Removed with it: {count:,} articles")
    WATCH_FORGOTTEN = Translated("I no longer know of this channel. Please use `/article channel` again.")
